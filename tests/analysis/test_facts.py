from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.caching import TallyCache
from analysis.engines import connected, perhaps_nan
from analysis.facts import COLUMNS, KINDS, FactsError, find_facts
from analysis.reduce import tally_months
from analysis.wanted import Wanted
from tests.analysis.building import (
    MONTH,
    answers,
    book,
    figure_kpi,
    kpi,
    median_kpi,
    write_facts,
    write_table,
)

OPEN_VISIT = {"event": "open", "seconds": None}
BOOK = book(kpi(), median_kpi(id="m"), figure_kpi(id="f"))


def opened(folder, months=(MONTH,)):
    """How many rows of each kind the months have, all checked."""
    found = find_facts(folder)
    with connected("duckdb") as connection:
        return [
            sum(
                tally_months(
                    Wanted.of(kind, BOOK),
                    connection,
                    found,
                    months,
                    TallyCache(None),
                    lambda share: None,
                )["count"].to_pylist()
            )
            for kind in KINDS
        ]


def test_a_kind_without_files_is_an_empty_table(tmp_path):
    write_facts(tmp_path, "ratings", answers([1.0, 2.0, "refused"]))
    assert opened(tmp_path) == [3, 0, 0]


def test_only_the_months_asked_for_are_opened(tmp_path):
    write_facts(tmp_path, "ratings", answers([1.0, 2.0]))
    write_facts(tmp_path, "ratings", answers([3.0]), "2026-08")
    assert opened(tmp_path) == [2, 0, 0]
    assert opened(tmp_path, ["2026-07", "2026-08"]) == [3, 0, 0]
    assert opened(tmp_path, ["2026-09"]) == [0, 0, 0]
    assert find_facts(tmp_path).months == ["2026-07", "2026-08"]


def test_a_month_of_no_rows_is_no_trouble(tmp_path):
    write_facts(tmp_path, "durations", [])
    assert opened(tmp_path) == [0, 0, 0]


@pytest.mark.parametrize(
    ("kind", "row", "sentence"),
    [
        ("ratings", {"value": float("nan")}, "not a finite number; a missing value must be NULL"),
        ("ratings", {"value": float("inf")}, "not a finite number"),
        ("ratings", {"value": None, "missing": None}, "exactly one of value and missing code"),
        ("ratings", {"value": 3.0, "missing": "refused"}, "exactly one of value and missing code"),
        ("ratings", {"missing": "tired"}, "the missing code is none of skipped"),
        ("ratings", {"value": 11.0}, "outside its scale"),
        ("ratings", {"value": 5.0, "series": 0}, "the series is not 1 or more"),
        ("ratings", {"value": 5.0, "scale_low": 10.0}, "the scale's ends"),
        ("ratings", {"value": 5.0, "scale_high": float("nan")}, "the scale's ends"),
        ("ratings", {"value": 5.0, "customer": None}, "the column customer is empty there"),
        ("ratings", {"value": 5.0, "scale_low": None}, "the column scale_low is empty there"),
        ("ratings", {"value": 5.0, "question": None}, "the column question is empty there"),
        ("ratings", {"value": 5.0, "questionnaire": None}, "questionnaire is empty there"),
        ("durations", {"seconds": 1.0, "process": None}, "the column process is empty there"),
        ("durations", {"seconds": 1.0, "milestone": None}, "the column milestone is empty there"),
        ("figures", {"value": 1.0, "measure": None}, "the column measure is empty there"),
        ("durations", {"seconds": float("nan")}, "the seconds are not a finite number"),
        ("durations", {"seconds": -1.0}, "the seconds are negative"),
        ("durations", {"seconds": 1.0, "event": "vanished"}, "the event is none of reached"),
        ("durations", {"seconds": None, "event": "left"}, "only an open visit may lack"),
        ("figures", {"value": float("nan")}, "the value is not a finite number"),
        ("figures", {"value": None}, "the column value is empty there"),
        ("figures", {"value": 1.0, "period_start": date(2026, 8, 1)}, "outside the month"),
    ],
)
def test_a_row_that_cannot_be_counted_is_refused_with_its_rule(tmp_path, kind, row, sentence):
    good = {"ratings": {"value": 1.0}, "durations": OPEN_VISIT, "figures": {"value": 1.0}}[kind]
    write_facts(tmp_path, kind, [good, row])
    with pytest.raises(FactsError, match=f"In the {kind}, 1 row cannot be counted: .*{sentence}"):
        opened(tmp_path)


def test_the_number_of_such_rows_is_told(tmp_path):
    write_facts(tmp_path, "ratings", answers([float("nan"), 2.0, float("nan")]))
    with pytest.raises(FactsError, match="2 rows cannot be counted"):
        opened(tmp_path)


@pytest.mark.parametrize("writer", ["arrow", "duckdb"])
def test_nan_in_an_else_constant_scale_is_refused_whoever_wrote_the_file(tmp_path, writer):
    rows = answers([1.0] * 1000, scale_high=5.0)
    write_facts(tmp_path, "ratings", rows)
    [file] = rewrite(tmp_path, writer).files("ratings", [MONTH])
    assert file.statistics.constants["scale_high"] == 5
    # DuckDB tells of a column's chunk how many different values it has; Arrow does not.
    assert perhaps_nan(file) == ({"scale_low", "scale_high"} if writer == "arrow" else set())
    rows[700]["scale_high"] = float("nan")
    write_facts(tmp_path, "ratings", rows)
    rewrite(tmp_path, writer)
    with pytest.raises(FactsError, match="1 row cannot be counted: the scale's ends"):
        opened(tmp_path)


def rewrite(folder, writer):
    """The facts in the folder; first written again by DuckDB, if that is the writer."""
    path = folder / "ratings" / f"month={MONTH}" / "facts.parquet"
    if writer == "duckdb":
        rows = pq.read_table(path, partitioning=None)
        duckdb.sql(f"COPY (SELECT * FROM rows) TO '{path}'")
        assert rows.num_rows
    return find_facts(folder)


def test_a_running_visit_may_lack_its_seconds(tmp_path):
    write_facts(tmp_path, "durations", [OPEN_VISIT, OPEN_VISIT | {"seconds": 5.0}])
    assert opened(tmp_path) == [0, 2, 0]


def figures_table(**columns):
    table = {
        "measure": pa.array(["sales"]),
        "unit": pa.array(["company"]),
        "representative": pa.array([""]),
        "period_start": pa.array([date(2026, 7, 1)]),
        "value": pa.array([1.0]),
    }
    return pa.table({name: column for name, column in (table | columns).items() if column})


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"value": None}, "lacks the columns value of figures"),
        ({"colour": pa.array(["red"])}, "has columns that figures lacks: colour"),
        ({"value": pa.array([1])}, "the column value is int64; figures need double"),
        ({"period_start": pa.array([datetime(2026, 7, 1, tzinfo=UTC)])}, "need date32"),
    ],
)
def test_a_wrong_column_is_refused_with_file_and_column(tmp_path, columns, sentence):
    write_table(tmp_path, "figures", figures_table(**columns))
    with pytest.raises(FactsError, match=rf"month=2026-07/facts\.parquet .*{sentence}"):
        opened(tmp_path)


def test_a_figure_that_is_there_twice_is_refused_by_name(tmp_path):
    write_facts(tmp_path, "figures", [{"value": 1.0}, {"value": 1.0}])
    with pytest.raises(FactsError, match="two rows of measure 'sales', unit 'company'"):
        opened(tmp_path)


def test_files_without_statistics_are_searched_for_empty_cells(tmp_path):
    rows = [{"value": 1.0}, {"value": 1.0, "unit": None}]
    folder = write_facts(tmp_path, "figures", rows)
    file = folder / "figures" / f"month={MONTH}" / "facts.parquet"
    table = pa.parquet.read_table(file, schema=pa.schema(COLUMNS["figures"]))
    pa.parquet.write_table(table, file, write_statistics=False)
    with pytest.raises(FactsError, match="1 row cannot be counted: the column unit is empty"):
        opened(tmp_path)


def test_a_folder_without_facts_is_refused(tmp_path):
    with pytest.raises(FactsError, match="There are no facts in"):
        opened(tmp_path)
    with pytest.raises(FactsError, match="There is no folder"):
        opened(tmp_path / "nowhere")


def test_a_folder_that_is_no_month_is_refused(tmp_path):
    write_facts(tmp_path, "ratings", answers([1.0]), "2026-13")
    with pytest.raises(FactsError, match="not named for a month"):
        opened(tmp_path)


def test_a_file_that_is_not_parquet_is_refused(tmp_path):
    write_facts(tmp_path, "ratings", answers([1.0]))
    (tmp_path / "ratings" / f"month={MONTH}" / "facts.parquet").write_text("a,b")
    with pytest.raises(FactsError, match="cannot be read as Parquet"):
        opened(tmp_path)


def test_only_known_engines_are_connected():
    with pytest.raises(ValueError, match="There is no engine 'abacus'"), connected("abacus"):
        pass
