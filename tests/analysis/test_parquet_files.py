"""Parquet has the types that the columns declare, and every number in full."""

import io
import tracemalloc
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.export import COLUMNS
from analysis.fields import Kind
from analysis.goals import GOAL_COLUMNS
from analysis.packaging import csv_chunks
from analysis.parquet_files import BATCHES_OF_GROUP, ROWS_AT_ONCE, TYPES, parquet_chunks
from analysis.score_fields import score_fields
from tests.analysis.packaged import NOW, score_run, tables_of, with_dimension

ROWS_OF_GROUP = ROWS_AT_ONCE * BATCHES_OF_GROUP
FILLED = {field.name: "x" if field.kind is Kind.STRING else None for field in score_fields()} | {
    "computed_at": NOW.isoformat(),
    "kpi_version": 1,
    "period_start": "2026-07-01",
    "period_end": "2026-08-01",
    "weight": 1.0,
}


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    return score_run(tmp_path_factory.mktemp("facts"))


def read(chunks):
    return pq.read_table(io.BytesIO(b"".join(chunks)))


def test_columns_have_their_types_words_and_values(scores):
    told = tables_of(scores.rows(), scores.goals.to_pylist())
    table = read(parquet_chunks(told.fields, told.rows))
    assert tuple(table.column_names) == COLUMNS
    assert table.schema.types == [TYPES[field.kind] for field in told.fields]
    assert table.schema.field("value").metadata[b"unit"] == b"KPI"
    assert b"Missing is never 0" in table.schema.field("value").metadata[b"description"]
    rows = table.to_pylist()
    for name in ("value", "n", "ci_low", "weight", "verdict", "kpi_name"):
        assert list(map(repr, table[name].to_pylist())) == [repr(row[name]) for row in scores]
    assert {row["period_start"] for row in rows} == {date(2026, 7, 1)}
    assert {row["computed_at"] for row in rows} == {NOW}
    assert rows[0]["scope_id"] is None
    assert {"=1+1", "-5 is a loss"} <= {row["kpi_name"] for row in rows}
    assert -5.0 in {row["value"] for row in rows}


def test_goals_and_dimensions_are_written_too(scores):
    told = tables_of(with_dimension(scores.rows()), scores.goals.to_pylist())
    goals = read(parquet_chunks(told.goal_fields, told.goal_rows))
    assert tuple(goals.column_names) == GOAL_COLUMNS
    assert goals["score"].to_pylist() == scores.goals["score"].to_pylist()
    table = read(parquet_chunks(told.fields, told.rows))
    assert table.column_names[COLUMNS.index("scope_name") + 1] == "dim_segment"
    assert table["dim_segment"].to_pylist()[:2] == [None, "gold"]


def test_no_rows_are_a_file_with_columns():
    table = read(parquet_chunks(score_fields(), []))
    assert (table.num_rows, tuple(table.column_names)) == (0, COLUMNS)


def test_text_in_a_numeric_column_is_refused():
    with pytest.raises(ValueError, match="numeric column value"):
        list(parquet_chunks(score_fields(), [FILLED | {"value": "5"}]))


@pytest.mark.parametrize("make", [parquet_chunks, csv_chunks])
def test_many_rows_are_written_a_few_at_a_time(make):
    asked, fields = 0, [one for one in score_fields() if one.required]
    filled = {one.name: FILLED[one.name] for one in fields}

    def rows():
        nonlocal asked
        for _number in range(2 * ROWS_OF_GROUP):
            asked += 1
            yield filled

    # The first piece of Parquet comes with the first row group.
    chunks = make(fields, rows())
    next(chunks)
    assert asked <= ROWS_OF_GROUP
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    tracemalloc.start()
    for _chunk in chunks:
        assert pool.bytes_allocated() - before < 40_000_000
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert asked == 2 * ROWS_OF_GROUP
    assert peak < 4_000_000
