"""Cells of a CSV made by Arrow, a column at a time; nothing is done cell by cell in Python.

RFC 4180 with a decimal point and full precision; text columns alone are guarded against formulas.
"""

import numpy as np
import pyarrow as pa

from analysis.export import FORMULA_STARTS

# Between these sizes Arrow and Python write a number alike, but for a whole one's ".0".
PLAIN_FROM, PLAIN_TO = 1e-4, 1e9


def text_cells(column: pa.StringArray) -> pa.StringArray:
    """Guarded where a spreadsheet would run it, quoted where RFC 4180 asks for it."""
    content = b"".join(memoryview(buffer) for buffer in column.buffers()[2:] if buffer is not None)
    if any(start.encode() in content for start in FORMULA_STARTS):
        starts = pa.compute.match_substring_regex(column, r"^[=+\-@\t\r]")
        guarded = pa.compute.binary_join_element_wise(pa.scalar("'"), column, "")
        column = pa.compute.if_else(starts, guarded, column)
    if any(mark in content for mark in (b",", b'"', b"\n", b"\r")):
        needs = pa.compute.match_substring_regex(column, r'[,"\r\n]')
        doubled = pa.compute.replace_substring(column, '"', '""')
        quote = pa.scalar('"')
        quoted = pa.compute.binary_join_element_wise(quote, doubled, quote, "")
        column = pa.compute.if_else(needs, quoted, column)
    return column


def number_cells(column: pa.Array) -> pa.StringArray:
    """Numbers in full precision, as Python writes them; empty where there is none."""
    text = column.cast(pa.string()).fill_null("")
    if not pa.types.is_floating(column.type) or column.null_count == len(column):
        return text
    numbers = column.to_numpy(zero_copy_only=False)
    size = np.abs(numbers)
    whole = (numbers == np.floor(numbers)) & (size < PLAIN_TO)
    odd = ~whole & ~np.isnan(numbers) & ((size < PLAIN_FROM) | (size >= PLAIN_TO))
    pointed = pa.compute.binary_join_element_wise(text.filter(pa.array(whole)), pa.scalar(".0"), "")
    text = pa.compute.replace_with_mask(text, pa.array(whole), pointed)
    if odd.any():
        written = pa.array([repr(number) for number in numbers[odd].tolist()], pa.string())
        text = pa.compute.replace_with_mask(text, pa.array(odd), written)
    return text
