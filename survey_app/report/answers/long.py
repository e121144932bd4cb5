"""The long table: one row for each value of a response, or for the reason why there is none.

Loads pyarrow. Made from the parts of the wide table: each of its columns with values becomes rows.
What a version does not ask has no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from survey_app.report.answers.columns import CODES, INTEGER, NOT_ASKED, NUMBER, TEXT, Column
from survey_app.report.answers.parts import Cells, Coded, Field, Part, Plain, arrow_columns
from survey_app.report.answers.wide import MISSING_ROWS, NOTHING, WideTable

LONG_NAMES = ("item", "column", "number", "text", "missing")


class LongTable:
    """All rows of a download in parts; the columns about the response come first.

    `column` names the column that the wide table has, and the codebook tells of; `number` holds
    values that are numbers, `text` all others; of `number`, `text` and `missing` one is filled.
    """

    def __init__(self, wide: WideTable) -> None:
        self._wide = wide
        self.items = wide.items
        self._values = [
            (item, column)
            for item in wide.items
            for column in item.columns
            if column.role in ("value", "option", "other")
            or (column.role == "missing" and not item.values)
        ]
        named = tuple((item.item.id, column.name) for item, column in self._values)
        item, column, number, text, missing = LONG_NAMES
        self.fields: tuple[Field, ...] = (
            *wide.about_fields,
            Coded((Column(item, "about", TEXT), Column(column, "about", TEXT)), named),
            Plain((Column(number, "about", NUMBER),)),
            Plain((Column(text, "about", TEXT),)),
            Coded((Column(missing, "about", TEXT),), MISSING_ROWS),
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in their order."""
        return tuple(column for field in self.fields for column in field.columns)

    def parts(self, rows: int) -> Iterator[Part]:
        """What `cells` takes, in order: so few responses that their values are about `rows`."""
        return self._wide.parts(max(1, rows // max(1, len(self._values))))

    def cells(self, part: Part) -> list[Cells]:
        """The cells of a part, field by field; several threads may ask at once."""
        wide = self._wide.cells(part)
        about = wide[: len(self._wide.about_fields)]
        responses = len(about[0])
        found = self._look_up(wide)
        count = len(self._values)
        # Column by column in memory, response by response in the file.
        order = np.arange(responses * count).reshape(count, responses).T.ravel()
        missing = np.concatenate([code for _n, _t, code in found] or [np.zeros(0, np.int32)])[order]
        told = missing != CODES.index(NOT_ASKED)
        # Words beside "other" that nobody wrote are no row: the item itself says what is missing.
        values = [(numbers, texts) for numbers, texts, _code in found]
        number = _joined([numbers for numbers, _t in values], pa.float64(), order)
        text = _joined([texts for _n, texts in values], pa.string(), order)
        filled = pc.or_(pc.is_valid(number), pc.is_valid(text)).to_numpy(False)
        told &= filled | (missing != NOTHING)
        kept = np.flatnonzero(told)
        places = pa.array(kept)
        row = kept // max(count, 1)
        return [
            *(
                one[row] if isinstance(one, np.ndarray) else one.take(pa.array(row))
                for one in about
            ),
            (kept % max(count, 1)).astype(np.int32),
            number.take(places),
            text.take(places),
            missing[kept],
        ]

    def _look_up(
        self, wide: Sequence[Cells]
    ) -> list[tuple[pa.Array | None, pa.Array | None, NDArray[np.int32]]]:
        """Numbers, texts and missing codes of each column with values; None is nothing at all."""
        arrays: dict[Column, pa.Array] = {}
        codes: dict[Column, NDArray[np.int32]] = {}
        for field, cells in zip(self._wide.fields, wide, strict=True):
            arrays.update(zip(field.columns, arrow_columns(field, cells), strict=True))
            if isinstance(field, Coded) and field.columns[-1].role == "missing":
                codes[field.columns[-1]] = _codes(field, cells)
        found = []
        for item, column in self._values:
            missing = codes[item.missing]
            if column.role == "other":
                # Why there is no answer is told once, beside the value.
                missing = np.where(missing == CODES.index(NOT_ASKED), missing, NOTHING).astype(
                    np.int32
                )
            array = arrays[column] if column.role != "missing" else None
            is_number = column.type in (INTEGER, NUMBER)
            texts = None if array is None or is_number else array.cast(pa.string())
            numbers = array.cast(pa.float64()) if array is not None and is_number else None
            found.append((numbers, texts, missing))
        return found


def _codes(field: Coded, cells: Cells) -> NDArray[np.int32]:
    """The place of each row's missing code among CODES, NOTHING for a value."""
    place = {code: number for number, code in enumerate(CODES)}
    known = [NOTHING if row[-1] is None else place[str(row[-1])] for row in field.rows]
    return np.array(known, np.int32)[cells]


def _joined(
    arrays: Sequence[pa.Array | None], kind: pa.DataType, order: NDArray[np.int64]
) -> pa.Array:
    size = len(order) // max(len(arrays), 1)
    whole = [pa.nulls(size, kind) if one is None else one for one in arrays]
    return (
        pa.chunked_array(whole or [pa.nulls(0, kind)], kind).combine_chunks().take(pa.array(order))
    )
