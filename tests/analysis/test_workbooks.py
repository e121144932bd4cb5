"""Workbooks: numbers are numbers in full, dates dates, and no text is ever a formula."""

import io
import tracemalloc
from datetime import datetime

import openpyxl
import pytest

from analysis import workbooks
from analysis.definition_tables import DefinitionTables
from analysis.fields import Field, Kind
from analysis.workbooks import LONGEST_TEXT, Sheet, TooManyRows, workbook_chunks, workbook_of
from tests.analysis.packaged import ABOUT, BOOK, NOW, score_run, tables_of


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    return score_run(tmp_path_factory.mktemp("facts"))


def opened(chunks):
    return openpyxl.load_workbook(io.BytesIO(b"".join(chunks)))


@pytest.fixture(scope="module")
def book(scores):
    return opened(workbook_of(tables_of(scores.rows(), scores.goals.to_pylist())))


def cells_of(sheet, column):
    (head,) = (cell for cell in sheet[1] if cell.value == column)
    return [row[0] for row in sheet.iter_rows(min_row=2, min_col=head.column, max_col=head.column)]


def test_a_workbook_has_scores_goals_definitions_words_and_the_run(book, scores):
    assert book.sheetnames == ["Scores", "Goals", "Definitions", "Targets", "Columns", "About"]
    assert book["Scores"].max_row == len(scores) + 1
    assert book["Goals"].max_row == scores.goals.num_rows + 1
    assert [cell.value for cell in book["Definitions"]["A"]] == [
        *("id", "formula", "shares", "times", "loss"),
    ]
    told = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert told == dict(ABOUT.lines())
    assert [cell.value for cell in book["Columns"][2]][:3] == ["Scores", "run_id", "Run"]


def test_every_number_is_a_number_to_the_last_digit(book, scores):
    sheet = book["Scores"]
    for column in ("value", "ci_low", "ci_high", "deviation_abs", "weight", "n", "target"):
        cells = cells_of(sheet, column)
        assert [repr(cell.value) for cell in cells] == [
            repr(number) for number in scores.table[column].to_pylist()
        ]
        assert {cell.data_type for cell in cells} == {"n"}
    values = [cell.value for cell in cells_of(sheet, "value")]
    assert -5 in values
    assert 0.1 + 0.2 in values


def test_a_name_like_a_formula_is_a_plain_text(book):
    names = cells_of(book["Scores"], "kpi_name")
    assert {cell.data_type for cell in names} == {"s"}
    assert "=1+1" in {cell.value for cell in names}
    assert "-5 is a loss" in {cell.value for cell in names}
    assert not any(
        cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row
    )


def test_dates_are_dates_and_moments_are_in_utc(book):
    (start, *_rest) = cells_of(book["Scores"], "period_start")
    assert (start.value, start.is_date) == (datetime(2026, 7, 1), True)
    (moment, *_rest) = cells_of(book["Scores"], "computed_at")
    assert moment.is_date
    assert abs(moment.value - NOW.replace(tzinfo=None)).total_seconds() < 0.01


def test_the_head_stays_and_the_document_has_the_time_of_the_run(book):
    assert book["Scores"].freeze_panes == "A2"
    assert book["Scores"]["A1"].font.bold
    assert book["Scores"].auto_filter.ref.startswith("A1:")
    assert (
        book.properties.created
        == book.properties.modified
        == NOW.replace(microsecond=0, tzinfo=None)
    )


def test_what_is_empty_in_the_csv_is_an_empty_cell(book):
    assert cells_of(book["Scores"], "scope_id")[0].value is None
    assert {cell.value for cell in cells_of(book["Scores"], "response_rate")} == {None}


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    field = Field("x", Kind.NUMBER, "X", "An x.")
    assert opened(workbook_chunks(ABOUT, [Sheet("X", [field], [{"x": 1}] * 2)]))
    with pytest.raises(TooManyRows, match="holds 2 rows"):
        list(workbook_chunks(ABOUT, [Sheet("X", [field], [{"x": 1}] * 3)]))


def test_a_text_longer_than_a_cell_is_cut_and_says_so():
    field = Field("x", Kind.STRING, "X", "An x.")
    book = opened(workbook_chunks(ABOUT, [Sheet("X", [field], [{"x": "a" * 40_000}])]))
    text = book["X"]["A2"].value
    assert len(text) == LONGEST_TEXT
    assert text.endswith("a …")


def test_definitions_have_their_numbers_as_numbers(book):
    assert [cell.value for cell in cells_of(book["Definitions"], "weight")] == [1, 1, 1, 0.1]
    assert [cell.value for cell in cells_of(book["Targets"], "value")] == [4, -7.5, 3]
    assert len(DefinitionTables.of(BOOK).targets) == 3


def test_a_workbook_of_many_rows_takes_no_more_memory_than_one_of_few():
    field = Field("x", Kind.NUMBER, "X", "An x.")

    def peak_of(count):
        tracemalloc.start()
        rows = ({"x": number / 7} for number in range(count))
        size = sum(map(len, workbook_chunks(ABOUT, [Sheet("X", [field], rows)])))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, peak

    peak_of(10)
    (size, peak), (large, most) = peak_of(2_000), peak_of(6_000)
    assert large > 2 * size
    # A cell that is held has more than a hundred bytes.
    assert most < peak + 4_000 * 30
