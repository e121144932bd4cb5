"""Checks of the reference cases that this product does not answer, each with the reason."""

OUT_OF_SCOPE: dict[tuple[str, str], str] = {}
