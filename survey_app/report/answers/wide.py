"""The wide table: one row a response, a column for each value and one for why there is none.

Loads pyarrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from survey_app.report.answers.columns import CODES, NOT_ASKED, Column, Item
from survey_app.report.answers.opening import Opened
from survey_app.report.answers.parts import (
    About,
    Cells,
    Coded,
    Field,
    Part,
    Plain,
    arrow_type,
    read_parts,
)
from survey_app.report.answers.stored import (
    CLOCK,
    CLOCK_CELLS,
    CODED,
    DATE,
    FLAGS,
    PLACES,
    Stored,
)

ABSENT = CODES.index(NOT_ASKED)
# The cells of a column of missing codes: the codes, and at last nothing, where there is a value.
MISSING_ROWS = (*((code,) for code in CODES), (None,))
NOTHING = len(CODES)

Source = Callable[[pa.RecordBatch], Cells]


class WideTable:
    """All columns of a download, and its rows in parts.

    `whole_days` false leaves the day out of dates that were answered: they all become the first of
    their month.
    """

    def __init__(
        self, files: Sequence[Opened], about: About, items: Sequence[Item], whole_days: bool
    ) -> None:
        self._files = files
        self._about = about
        self._whole_days = whole_days
        self.items = items
        self._answers = [field for item in items for field in self._fields_of(item)]
        self.about_fields = about.fields
        self.fields: tuple[Field, ...] = (
            *about.fields,
            *(field for field, _make in self._answers),
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in their order."""
        return tuple(column for field in self.fields for column in field.columns)

    def parts(self, rows: int) -> Iterator[Part]:
        """What `cells` takes, in order."""
        needed = [
            name for item in self.items for one in item.stored.values() for name in one.columns
        ]
        return read_parts(self._files, (*self._about.needed, *needed), rows)

    def cells(self, part: Part) -> list[Cells]:
        """The cells of a part, field by field; several threads may ask at once."""
        rows = self._about.choose(part)
        cells = self._about.cells(part, rows)
        batch = part.batch
        if len(rows) < batch.num_rows or (np.diff(rows) < 0).any():
            batch = batch.take(pa.array(rows))
        number = part.source.version.number
        return [*cells, *(make(number, batch) for _field, make in self._answers)]

    def _fields_of(
        self, item: Item
    ) -> Iterator[tuple[Field, Callable[[int, pa.RecordBatch], Cells]]]:
        """The fields of an item, each with what makes its cells for one version."""
        values = item.values
        if item.kind in (CODED, CLOCK):
            known = CLOCK_CELLS if item.kind == CLOCK else item.cells
            yield (
                Coded(
                    (*values, item.missing),
                    (*((cell, None) for cell in known), *((None, code) for code in CODES)),
                ),
                partial(_clock_cells if item.kind == CLOCK else _coded_cells, item),
            )
        else:
            for column in values:
                yield self._value_field(item, column)
            yield Coded((item.missing,), MISSING_ROWS), partial(_missing_cells, item)
        for column in item.columns:
            if column.role == "other":
                yield Plain((column,)), partial(_words, item, pa.string(), lambda one: one.other)

    def _value_field(
        self, item: Item, column: Column
    ) -> tuple[Field, Callable[[int, pa.RecordBatch], Cells]]:
        if column.option is None:
            make = partial(_words, item, arrow_type(column), lambda one: one.value)
            if item.kind == DATE and not self._whole_days:
                return Plain((column,)), lambda number, batch: _months(make(number, batch))
            return Plain((column,)), make
        code = column.option.code

        def stored_column(one: Stored) -> str:
            codes = [option.code for option in one.options]
            return one.of_option(codes.index(code)) if code in codes else ""

        if item.kind in (FLAGS, PLACES):
            most = 1 if item.kind == FLAGS else len(item.options)
            rows = (*((number,) for number in range(most + 1)), (None,))
            return Coded((column,), rows), partial(_small, item, stored_column, most + 1)
        return Plain((column,)), partial(_words, item, pa.int64(), stored_column)


def _coded_cells(item: Item, number: int, batch: pa.RecordBatch) -> NDArray[np.int32]:
    stored = item.stored.get(number)
    if stored is None:
        return np.full(batch.num_rows, len(item.cells) + ABSENT, np.int32)
    codes = batch[stored.value].to_numpy()
    if stored.cells == item.cells:
        return codes.astype(np.int32)
    place = {cell: place for place, cell in enumerate(item.cells)}
    moved = [place[cell] for cell in stored.cells]
    moved += [len(item.cells) + code for code in range(len(CODES))]
    return np.array(moved, np.int32)[codes]


def _clock_cells(item: Item, number: int, batch: pa.RecordBatch) -> NDArray[np.int32]:
    stored = item.stored.get(number)
    if stored is None:
        return np.full(batch.num_rows, len(CLOCK_CELLS) + ABSENT, np.int32)
    missing = pc.add(batch[stored.missing].cast(pa.int32()), len(CLOCK_CELLS))
    return pc.coalesce(batch[stored.value].cast(pa.int32()), missing).to_numpy()  # type: ignore[no-any-return]


def _missing_cells(item: Item, number: int, batch: pa.RecordBatch) -> NDArray[np.int32]:
    stored = item.stored.get(number)
    if stored is None:
        return np.full(batch.num_rows, ABSENT, np.int32)
    return batch[stored.missing].fill_null(NOTHING).to_numpy().astype(np.int32)  # type: ignore[no-any-return]


def _small(
    item: Item, column_of: Callable[[Stored], str], nothing: int, number: int, batch: pa.RecordBatch
) -> NDArray[np.int32]:
    """Small whole numbers, each its own place; `nothing` is the place of an empty cell."""
    stored = item.stored.get(number)
    name = column_of(stored) if stored else ""
    if not name:
        return np.full(batch.num_rows, nothing, np.int32)
    return batch[name].fill_null(nothing).to_numpy().astype(np.int32)  # type: ignore[no-any-return]


def _words(
    item: Item,
    kind: pa.DataType,
    column_of: Callable[[Stored], str],
    number: int,
    batch: pa.RecordBatch,
) -> pa.Array:
    stored = item.stored.get(number)
    name = column_of(stored) if stored else ""
    # Another version may have the words "other" where this one has none.
    if not name or name not in batch.schema.names:
        return pa.nulls(batch.num_rows, kind)
    return batch[name].cast(kind)


def _months(days: pa.Array) -> pa.Array:
    """The first day of the month of each day."""
    return pc.floor_temporal(days, unit="month")
