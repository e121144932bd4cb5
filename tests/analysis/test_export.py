import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.export import COLUMNS, TEXT_COLUMNS, csv_lines, empty_row, write_csv

NUMERIC_COLUMNS = [column for column in COLUMNS if column not in TEXT_COLUMNS]


def written(*rows, bom=False):
    stream = io.StringIO(newline="")
    write_csv(rows, stream, bom)
    return stream.getvalue()


def read_back(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_header_is_the_documented_one():
    assert written() == (
        "run_id,computed_at,kpi_id,kpi_version,kpi_name,goal_id,unit,statistic,direction,"
        "scope_type,scope_id,scope_name,period_type,period_label,period_start,period_end,window,"
        "value,n,n_eligible,response_rate,n_censored,effective_n,std_error,ci_level,ci_low,"
        "ci_high,ci_method,target,target_scope,target_version,target_source,target_adjusted,"
        "deviation_abs,deviation_rel,deviation_se,score,score_low,score_high,score_rule,weight,"
        "coverage,verdict,verdict_reason,n_to_decide,prev_value,change_abs,change_ci_low,"
        "change_ci_high,change_p,change_p_adjusted,trend_slope,obs_status,suppressed_reason,"
        "inputs_hash\r\n"
    )


def test_what_was_not_computed_is_an_empty_cell():
    assert written(empty_row()).split("\r\n")[1] == "," * (len(COLUMNS) - 1)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_guarded(start):
    (row,) = read_back(written(empty_row() | {"kpi_name": f"{start}1+1"}))
    assert row["kpi_name"] == f"'{start}1+1"


def test_numbers_are_never_guarded():
    (row,) = read_back(written(empty_row() | {"value": -5.0, "deviation_abs": -1}))
    assert (row["value"], row["deviation_abs"]) == ("-5.0", "-1")


def test_commas_quotes_and_line_breaks_are_quoted_as_rfc_4180_says():
    row = empty_row() | {"scope_name": 'A "good", long\r\nname', "kpi_name": "plain"}
    text = written(row)
    assert '"A ""good"", long\r\nname"' in text
    assert read_back(text)[0]["scope_name"] == 'A "good", long\r\nname'


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_every_number_comes_back_in_full(number, count):
    (row,) = read_back(written(empty_row() | {"value": number, "n": count}))
    assert float(row["value"]) == number
    assert int(row["n"]) == count


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_every_text_comes_back_but_for_its_guard(text):
    (row,) = read_back(written(empty_row() | {"kpi_name": text}))
    assert row["kpi_name"] == (f"'{text}" if text[:1] in tuple("=+-@\t\r") else text)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "5", True])
def test_what_is_not_a_number_never_reaches_a_numeric_column(wrong):
    with pytest.raises(ValueError, match="numeric column value"):
        written(empty_row() | {"value": wrong})


def test_text_columns_take_only_text():
    with pytest.raises(ValueError, match="text column kpi_id"):
        written(empty_row() | {"kpi_id": 5})


def test_a_row_with_other_columns_is_refused_by_name():
    with pytest.raises(ValueError, match="surprise"):
        written(empty_row() | {"surprise": 1})


def test_a_byte_order_mark_comes_first_when_wanted_and_only_then():
    assert written(bom=True).encode().startswith(b"\xef\xbb\xbfrun_id")
    assert written().encode().startswith(b"run_id")


def test_rows_are_written_as_they_come():
    lines = csv_lines(iter([empty_row()]))
    assert next(lines).startswith("run_id")
    assert next(lines).endswith("\r\n")
    assert next(lines, None) is None


def test_a_file_gets_its_line_ends_unchanged(tmp_path: Path):
    with (tmp_path / "scores.csv").open("w", encoding="utf-8", newline="") as stream:
        assert write_csv([empty_row(), empty_row()], stream) == 2
    assert (tmp_path / "scores.csv").read_bytes().count(b"\r\n") == 3
    assert b"\r\r" not in (tmp_path / "scores.csv").read_bytes()


def test_dimensions_are_columns_after_the_name_of_the_scope():
    row = empty_row(["region"]) | {"scope_name": "Berne", "dim_region": "=north", "value": -5.0}
    header, cells = csv.reader(csv_lines([row], dimensions=["region"]))
    assert header == [*COLUMNS[:12], "dim_region", *COLUMNS[12:]]
    assert cells[11:13] == ["Berne", "'=north"]
    with pytest.raises(ValueError, match="wrong columns: dim_region"):
        list(csv_lines([row]))
