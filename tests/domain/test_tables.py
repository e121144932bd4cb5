"""Reading a CSV file: rows as a spreadsheet numbers them, troubles as sentences with a remedy."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain import tables
from survey_app.domain.problems import Problem
from survey_app.domain.tables import Row, read_csv


def only_problem(data: bytes, *columns: str) -> Problem:
    rows, problems = read_csv(data, columns or ("email", "name"))
    assert len(problems) == 1, problems
    assert rows == [] or problems[0].code == "wrong_width"
    return problems[0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_separator_with_and_without_bom_reads_the_same(
    separator: str, mark: bytes, line_end: str
) -> None:
    lines = [["email", "name"], ["a@b.ch", " Zoë "]]
    data = mark + line_end.join(separator.join(line) for line in lines).encode()
    assert read_csv(data, ["email", "name"]) == ([Row(2, {"email": "a@b.ch", "name": "Zoë"})], [])


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    data = b'email,name\n"a\nb",A\n\n,\nc,C\n'
    rows, problems = read_csv(data, ["email", "name"])
    assert problems == []
    assert [(row.number, row.cells["name"]) for row in rows] == [(2, "A"), (5, "C")]
    assert rows[1].place("email") == "row 5, column email"


def test_the_separator_is_the_one_that_shows_the_known_names() -> None:
    data = b'email;"name, first, second, third"\na;b\n'
    rows, problems = read_csv(data, ["email"], None)
    assert problems == []
    assert rows[0].cells["email"] == "a"


def test_optional_columns_may_lack_and_are_then_empty() -> None:
    rows, problems = read_csv(b"email\na\n", ["email"], ["language"])
    assert (rows, problems) == ([Row(2, {"email": "a", "language": ""})], [])


def test_any_column_is_welcome_where_optional_is_none() -> None:
    rows, problems = read_csv(b"email,shoe size\na,42\n", ["email"], None)
    assert (rows, problems) == ([Row(2, {"email": "a", "shoe size": "42"})], [])


def test_an_unknown_column_is_named_with_the_nearest_known() -> None:
    rows, problems = read_csv(b"email,langauge\na,de\n", ["email"], ["language"])
    assert rows == []
    assert [problem.code for problem in problems] == ["unknown_header"]
    assert 'Did you mean "language"?' in problems[0].message


def test_each_missing_column_is_named_with_what_was_meant_by_it() -> None:
    _, problems = read_csv(b"E-Mail,x\na,b\n", ["email", "started"], None)
    assert [problem.code for problem in problems] == ["missing_header"] * 2
    assert 'no column "email". Did you mean it by "E-Mail"?' in problems[0].message
    assert 'the row has "E-Mail", "x"' in problems[1].message


def test_two_columns_of_one_name_are_refused() -> None:
    problem = only_problem(b"email,name,name\na,b,c\n")
    assert (problem.place, problem.code) == ("row 1", "duplicate_header")


def test_a_column_without_a_name_is_refused_unless_it_pads_the_table() -> None:
    assert only_problem(b"email,,name\na,,b\n").code == "unnamed_column"
    assert read_csv(b"email,name,,\na,b,,\n", ["email", "name"]) == (
        [Row(2, {"email": "a", "name": "b"})],
        [],
    )


def test_rows_of_wrong_width_are_named_and_the_others_still_read() -> None:
    rows, problems = read_csv(b"email,name\na\nb,B\nc,C,x\n", ["email", "name"])
    assert [row.number for row in rows] == [3]
    assert [(problem.place, problem.code) for problem in problems] == [
        ("row 2", "wrong_width"),
        ("row 4", "wrong_width"),
    ]
    assert "Row 4 has 3 cells, the header has 2." in problems[1].message


def test_reading_stops_after_a_hundred_bad_rows() -> None:
    _, problems = read_csv(b"email,name\n" + b"a\n" * 5000, ["email", "name"])
    assert len(problems) == 101
    assert problems[-1].code == "too_many_problems"


@pytest.mark.parametrize(
    ("mark", "byte"), [(b"", 22), (b"\xef\xbb\xbf", 25)], ids=["no BOM", "with BOM"]
)
def test_a_wrong_encoding_names_the_byte_the_line_and_the_remedy(mark: bytes, byte: int) -> None:
    data = mark + "email,name\r\na,b\r\nc,Zoë\r\n".encode("latin-1")
    assert data[byte - 1] == 0xEB
    problem = only_problem(data)
    assert problem.code == "wrong_encoding"
    assert f"Byte {byte} (in line 3)" in problem.message
    assert '"CSV UTF-8"' in problem.message


def test_utf_16_is_recognised() -> None:
    assert only_problem("email,name\na,b\n".encode("utf-16")).code == "wrong_encoding"


def test_a_workbook_is_not_a_csv_file() -> None:
    assert only_problem(b"PK\x03\x04rest").code == "not_csv"


def test_nul_is_refused_with_its_place() -> None:
    problem = only_problem(b"email,name\na,\0b\n")
    assert (problem.place, problem.code) == ("byte 14, line 2", "nul")


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_an_empty_file_is_said_to_be_empty(data: bytes) -> None:
    assert only_problem(data).code == "empty_file"


def test_a_header_without_rows_is_said_to_have_none() -> None:
    assert only_problem(b"email,name\n\n").code == "no_rows"


def test_a_file_beyond_the_limit_is_refused_before_it_is_read() -> None:
    data = b"email,name\na,b\n"
    assert read_csv(data, ["email", "name"], largest=len(data))[1] == []
    _, problems = read_csv(data, ["email", "name"], largest=len(data) - 1)
    assert [problem.code for problem in problems] == ["file_too_large"]


def test_a_quotation_mark_never_closed_does_not_swallow_rows() -> None:
    _, problems = read_csv(b'email,name\na,A\nb,"B\nc,C\nd,D\n', ["email", "name"])
    assert [(problem.place, problem.code) for problem in problems] == [("row 3", "broken_row")]


def test_an_endless_cell_is_refused() -> None:
    problem = only_problem(b"email,name\na," + b"x" * 200_000 + b"\n")
    assert (problem.place, problem.code) == ("row 2", "broken_row")
    assert "131,072 characters" in problem.message


def test_quoted_separators_and_doubled_marks_are_content() -> None:
    rows, _ = read_csv(b'email,name\na,"B, ""C"""\n', ["email", "name"])
    assert rows[0].cells["name"] == 'B, "C"'


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1), st.sampled_from(tables.SEPARATORS))
def test_what_a_csv_writer_wrote_is_read_again(
    lines: list[tuple[str, str]], separator: str
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerow(["email", "name"])
    writer.writerows(lines)
    rows, problems = read_csv(stream.getvalue().encode(), ["email", "name"])
    full = [
        (number, {"email": first.strip(), "name": second.strip()})
        for number, (first, second) in enumerate(lines, start=2)
        if first.strip() or second.strip()
    ]
    assert rows == [Row(number, cells) for number, cells in full]
    assert [problem.code for problem in problems] == ([] if full else ["no_rows"])


@given(st.binary())
def test_no_bytes_break_the_reader(data: bytes) -> None:
    _, problems = read_csv(data, ["email"], None)
    assert all(problem.message.endswith(".") for problem in problems)
    read_csv(b"email,name\n" + data, ["email"], None)
