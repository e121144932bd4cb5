"""A table as an SPSS file, with labels and user-missing codes. Loads pyarrow, pandas, pyreadstat.

Numbers, and what picks one of a few values, have their missing codes in the same variable, below
all values, labelled and declared as missing; it has no `__missing` beside it. Words, days and times
cannot hold such codes: theirs stay in the variable beside them, as labelled numbers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from survey_app.domain.problems import SoundingsError
from survey_app.domain.question_types.number import Number
from survey_app.report.answers.ahead import made_ahead
from survey_app.report.answers.codebook import CODE_WORDS, Line
from survey_app.report.answers.columns import CODES, INTEGER, NUMBER, Column, Item
from survey_app.report.answers.parquet_writing import arrow_schema, arrow_table
from survey_app.report.answers.parts import MOMENT, ROWS_AT_ONCE, Part
from survey_app.report.answers.stored import CODED, FLAGS, WHOLE
from survey_app.report.answers.tables import Made

# The library writes a file from memory: eight bytes a number, and as much again on the way.
MOST_CELLS = 25_000_000
CHUNK = 256 * 1024
LOWEST_CODE = -99
# Below all numbers that can be answered, and still exact.
LOWEST_CODE_OF_NUMBERS = -2_000_000_000_000_000
LONGEST_LABEL = 250
LONGEST_VALUE_LABEL = 120
RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
# The header names the moment of writing, which is no part of the data.
MOMENT_AT, NO_MOMENT = 92, b"01 Jan 8000:00:00"


@dataclass
class Dictionary:
    """What the file says of its variables."""

    labels: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[float, str]] = field(default_factory=dict)
    missing: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)


def sav_pieces(made: Made, title: str) -> Iterator[bytes]:
    """The file in pieces. Raises SoundingsError before the first where it has too many cells."""
    with tempfile.TemporaryDirectory(prefix="soundings-") as folder:
        path = Path(folder) / "answers.sav"
        _write(made, title, path)
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece


def _write(made: Made, title: str, path: Path) -> None:
    import pyreadstat

    columns, told = _collect(made)
    lines = {str(line["column"]): line for line in made.codebook}
    for name in columns:
        told.labels.setdefault(name, "")
    for column in made.table.columns:
        name = variable_name(column.name)
        if name in columns:
            told.labels[name] = _cut(_label(lines.get(column.name, {})), LONGEST_LABEL)
    pyreadstat.write_sav(
        pa.table(columns).to_pandas(timestamp_as_object=False, date_as_object=True),
        str(path),
        file_label=_cut(title, 60),
        column_labels=told.labels,
        variable_value_labels=told.values,
        missing_ranges=told.missing,
        variable_measure=told.measures,
        row_compress=True,
    )
    with path.open("r+b") as file:
        file.seek(MOMENT_AT)
        file.write(NO_MOMENT)


def variable_name(column: str) -> str:
    """The name of a column's variable: SPSS keeps a few words to itself."""
    return f"{column}_" if column.lower() in RESERVED else column


def missing_codes(item: Item) -> dict[str, int]:
    """The number of each missing code in an item's variables: -99 and up, or far below any number
    where an answer may be so low."""
    lowest = item.item.lowest if isinstance(item.item, Number) else 0.0
    if item.kind == CODED and isinstance(item.cells[0], int):
        lowest = min(cell for cell in item.cells if isinstance(cell, int))
    below = lowest is not None and lowest >= LOWEST_CODE + len(CODES)
    first = LOWEST_CODE if below else LOWEST_CODE_OF_NUMBERS
    return {code: first + number for number, code in enumerate(CODES)}


def _collect(made: Made) -> tuple[dict[str, pa.ChunkedArray], Dictionary]:
    """All variables, and what is said of them."""
    table = made.table
    schema = arrow_schema(table, made.codebook)
    told = Dictionary()
    items = {item.missing.name: item for item in table.items}
    wide = {column.name for column in table.columns}
    by_column = (
        {column.name: item for item in items.values() for column in item.columns}
        if wide & items.keys()
        else {}
    )
    chunks: dict[str, list[pa.Array]] = {}
    size = 0

    def make(part: Part) -> dict[str, pa.Array]:
        cells = arrow_table(table, table.cells(part), schema)
        return {
            variable_name(column.name): values
            for column in table.columns
            if (values := _variable(column, cells, by_column.get(column.name))) is not None
        }

    for variables in made_ahead(table.parts(ROWS_AT_ONCE), make):
        size += sum(len(values) for values in variables.values())
        if size > MOST_CELLS:
            raise SoundingsError(
                f"An SPSS file holds {MOST_CELLS:,} cells at most here, and this would have more. "
                "Choose fewer months, or CSV or Parquet, which SPSS reads too.",
                422,
            )
        for name, values in variables.items():
            chunks.setdefault(name, []).append(values)
    for column in table.columns:
        _describe(column, by_column.get(column.name), told)
    if not chunks:
        chunks = {
            name: [values] for name, values in _nothing(table.columns, by_column, schema).items()
        }
    return {name: pa.chunked_array(values) for name, values in chunks.items()}, told


def _nothing(
    columns: Sequence[Column], by_column: Mapping[str, Item], schema: pa.Schema
) -> dict[str, pa.Array]:
    empty = schema.empty_table()
    return {
        variable_name(column.name): values
        for column in columns
        if (values := _variable(column, empty, by_column.get(column.name))) is not None
    }


def _is_numeric(item: Item, column: Column) -> bool:
    """Whether the variable of a column with values can hold missing codes."""
    return item.kind == CODED or column.type in (INTEGER, NUMBER)


def _variable(column: Column, cells: pa.Table, item: Item | None) -> pa.Array | None:
    """A column as SPSS has it; None for the codes that stand in the variable of the value."""
    values = cells[column.name].combine_chunks()
    if item is None or column.role == "about":
        if column.type in (INTEGER, NUMBER):
            return values.cast(pa.float64())
        if column.type == MOMENT:
            return values.cast(pa.timestamp("us"))
        return values
    numbers = pa.array(list(missing_codes(item).values()), pa.float64())
    if column.role == "missing":
        if item.values and _is_numeric(item, item.values[0]):
            return None
        return numbers.take(pc.index_in(values, value_set=pa.array(CODES)))
    if column.role == "other" or not _is_numeric(item, column):
        return values
    if column.type not in (INTEGER, NUMBER):
        values = pc.add(pc.index_in(values, value_set=pa.array(item.cells, pa.string())), 1)
    codes = numbers.take(
        pc.index_in(cells[item.missing.name].combine_chunks(), value_set=pa.array(CODES))
    )
    return pc.coalesce(values.cast(pa.float64()), codes)


def _describe(column: Column, item: Item | None, told: Dictionary) -> None:
    name = variable_name(column.name)
    if item is None or column.role in ("about", "other"):
        return
    codes = missing_codes(item)
    words = {float(number): f"{code}: {CODE_WORDS[code]}" for code, number in codes.items()}
    if column.role == "missing":
        if not (item.values and _is_numeric(item, item.values[0])):
            told.values[name] = _cut_all(words)
            told.measures[name] = "nominal"
        return
    if not _is_numeric(item, column):
        return
    labels: dict[float, str] = {}
    if item.kind == FLAGS:
        labels = {0.0: "not chosen", 1.0: "chosen"}
    elif column.type in (INTEGER, NUMBER):
        labels = {float(value): label for value, label in item.labels().items()}
    else:
        known = item.labels()
        labels = {
            float(place): known.get(cell, str(cell)) for place, cell in enumerate(item.cells, 1)
        }
    told.values[name] = _cut_all(labels | words)
    first = min(codes.values())
    told.missing[name] = [{"lo": float(first), "hi": float(first + len(CODES) - 1)}]
    is_scale = item.kind in (WHOLE,) or column.type == NUMBER
    told.measures[name] = (
        "scale" if is_scale else "ordinal" if column.type == INTEGER else "nominal"
    )


def _label(line: Mapping[str, Any] | Line) -> str:
    text, option = str(line.get("text", "")), str(line.get("option") or "")
    return f"{option} – {text}" if option else text


def _cut(text: str, longest: int) -> str:
    """The text, cut to so many bytes of UTF-8."""
    return text.replace("\n", " ").encode()[:longest].decode(errors="ignore")


def _cut_all(labels: Mapping[float, str]) -> dict[float, str]:
    return {value: _cut(label, LONGEST_VALUE_LABEL) for value, label in labels.items()}
