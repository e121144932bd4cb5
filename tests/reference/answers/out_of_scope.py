"""Checks of the reference cases that this product does not answer, each with the reason."""

ITEM_RESPONSE = (
    "An item response model: scales are reported by item statistics, alpha and omega; no page, "
    "report or file shows a latent ability."
)

OUT_OF_SCOPE: dict[tuple[str, str], str] = {
    ("rasch-lsat", "one-parameter"): ITEM_RESPONSE,
    ("rasch-lsat", "two-parameter"): ITEM_RESPONSE,
    ("rasch-lsat", "rasch-conditional"): ITEM_RESPONSE,
    ("rasch-lsat", "person-ml"): ITEM_RESPONSE,
    ("rasch-lsat", "person-eap"): ITEM_RESPONSE,
    ("survival-aml", "parametric"): (
        "A parametric model of times: curves, restricted means and log-rank tests make no "
        "assumption about their distribution, and a wrong one would move every median."
    ),
}
