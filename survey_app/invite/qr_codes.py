"""QR codes of open links, to be printed."""

from __future__ import annotations

from io import BytesIO

import segno

# Quarter of the code may be dirty or torn; and the white border that readers need, in modules.
ERROR_CORRECTION = "q"
QUIET_ZONE = 4
PIXELS_A_MODULE = 16


def svg_of(address: str) -> bytes:
    """The code of an address as an SVG image that takes any size."""
    return _saved(address, kind="svg", omitsize=True, xmldecl=False)


def png_of(address: str) -> bytes:
    """The code of an address as a PNG image, for programs that take no SVG."""
    return _saved(address, kind="png", scale=PIXELS_A_MODULE)


def _saved(address: str, **how: object) -> bytes:
    image = BytesIO()
    code = segno.make_qr(address, error=ERROR_CORRECTION)
    code.save(image, border=QUIET_ZONE, dark="#000", light="#fff", **how)
    return image.getvalue()
