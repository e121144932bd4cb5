"""The upload between its dry run and its confirmation: carried by the page, kept by nobody.

The server stores nothing until somebody confirms, and so has nothing to clean up.
"""

from __future__ import annotations

import base64
import binascii
import zlib

from survey_app.domain.problems import Problem
from survey_app.domain.tables import LARGEST_FILE

# Form fields together may have 2 MB (MAX_FORM_MEMORY_SIZE), and the mapping travels along.
LARGEST_PACKED = 1_500_000


def pack(data: bytes) -> str | Problem:
    """The file as text for a form field, or why it is too large for one."""
    packed = base64.b64encode(zlib.compress(data)).decode()
    if len(packed) <= LARGEST_PACKED:
        return packed
    parts = len(packed) // LARGEST_PACKED + 1
    message = (
        f"The file is too large to be looked at before its import. Split it into {parts} files, "
        "for instance by year, and import one after the other."
    )
    return Problem("file", "too_large_to_confirm", message)


def unpack(packed: str) -> bytes | Problem:
    """The file again, or that the field does not hold one."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(base64.b64decode(packed, validate=True), LARGEST_FILE)
    except (binascii.Error, ValueError, zlib.error):
        data = b""
    if data and unpacking.eof:
        return data
    message = "The file got lost on its way through this page. Choose it again."
    return Problem("file", "lost", message)
