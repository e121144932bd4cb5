"""The table of scores, and the CSV that is made of it column by column."""

import csv
import io
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.export import COLUMNS, INTEGER_COLUMNS, TEXT_COLUMNS, write_csv
from analysis.periods import Period
from analysis.pipeline import score_kpis
from analysis.scores import SCHEMA, Scores, make_table
from tests.analysis.building import AFTER, answers, book, figure_kpi, kpi, target, write_facts


def written(table):
    stream = io.BytesIO()
    Scores(table, lambda: None).write_csv(stream)
    return stream.getvalue().decode()


def written_row_by_row(table):
    stream = io.StringIO(newline="")
    write_csv(Scores(table, lambda: None).rows(), stream)
    return stream.getvalue()


TEXTS = st.text(st.sampled_from("ab =+-@,\"'\t\r\nü"), max_size=6)
NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, NUMBERS, st.none() | st.integers(-(2**40), 2**40)), max_size=8))
def test_the_csv_is_the_same_as_the_one_written_row_by_row(rows):
    table = pa.table(
        {
            name: [
                row[0] if name in TEXT_COLUMNS else row[2] if name in INTEGER_COLUMNS else row[1]
                for row in rows
            ]
            for name in COLUMNS
        },
        schema=SCHEMA,
    )
    assert written(table) == written_row_by_row(table)


@pytest.mark.parametrize(
    ("number", "text"),
    [(5.0, "5.0"), (-5.0, "-5.0"), (0.1 + 0.2, "0.30000000000000004"), (1e-7, "1e-07"),
     (0.0001, "0.0001"), (1e16, "1e+16"), (123456789.0, "123456789.0"), (-0.0, "-0.0"),
     (1e22, "1e+22"), (0.00005, "5e-05")],
)  # fmt: skip
def test_numbers_are_written_in_full_and_with_a_point(number, text):
    row = make_table({"value": np.array([number])}, 1)
    assert written(row).splitlines()[1].split(",")[COLUMNS.index("value")] == text


def test_a_formula_is_guarded_and_a_negative_number_is_not():
    row = make_table({"kpi_name": "=1+1", "value": np.array([-5.0]), "n": np.array([-3])}, 1)
    (found,) = csv.DictReader(io.StringIO(written(row), newline=""))
    assert (found["kpi_name"], found["value"], found["n"]) == ("'=1+1", "-5.0", "-3")


def test_nan_is_an_empty_cell():
    row = make_table({"value": np.array([np.nan]), "n": np.array([np.nan])}, 1)
    assert Scores(row, lambda: None).rows()[0]["value"] is None
    assert ",,,," in written(row)


def test_a_notebook_shows_a_scorecard_with_what_is_left_out_counted(tmp_path):
    write_facts(tmp_path, "ratings", answers([8.0, 9.0], unit="berne"))
    names = [f"K<{number}>" for number in range(5)]
    entries = [kpi(id=f"k{number}", name=name) for number, name in enumerate(names)]
    now = datetime(2026, 9, 1, tzinfo=UTC)
    scores = score_kpis(tmp_path, book(*entries), Period.parse("2026-07"), now=now, seed=1)
    shown = scores._repr_html_()
    assert "K&lt;0&gt;" in shown
    assert "<th>kpi name</th>" in shown
    assert "and 30 more rows" in shown
    assert repr(scores) == "70 scored rows"
    assert len(list(scores)) == len(scores) == 70


def test_a_run_writes_the_same_csv_both_ways(tmp_path):
    write_facts(tmp_path, "ratings", answers([8.0, 9.0, "dont_know"], unit="berne"))
    write_facts(tmp_path, "figures", [{"value": 1e-9, "unit": "sales"}])
    scorebook = book(kpi(name='A "good", one'), figure_kpi(id="f"), targets=[target(5)])
    scores = score_kpis(tmp_path, scorebook, Period.parse("2026-07"), now=AFTER, seed=1)
    assert written(scores.table) == written_row_by_row(scores.table)
    assert scores.write_csv(tmp_path / "scores.csv") == 28
    assert (tmp_path / "scores.csv").read_bytes().decode() == written(scores.table)
