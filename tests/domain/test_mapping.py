from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.mapping import read_mapped_csv

REQUIRED = ("id", "started")
OPTIONAL = ("ended", "outcome", "unit")
FILE = b"ticket,opened,closed,group\nT1,2026-01-01,,Nord\nT2,2026-01-02,2026-01-03,South\n"


def read(mapping: object, data: bytes = FILE) -> tuple[list[dict[str, str]], list[str]]:
    rows, problems = read_mapped_csv(data, mapping, REQUIRED, OPTIONAL, {"if_ended": "ended"})
    return [row.cells for row in rows], [problem.code for problem in problems]


def test_without_a_mapping_the_columns_have_our_names_and_no_others() -> None:
    cells, codes = read(None, b"id,started\nT1,2026-01-01\n")
    assert not codes
    assert cells == [{"id": "T1", "started": "2026-01-01", "ended": "", "outcome": "", "unit": ""}]
    assert read(None)[1] == ["missing_header"] * 2 + ["unknown_header"] * 4


def test_a_mapping_renames_columns_and_fills_in_constants() -> None:
    mapping = {
        "id": "ticket",
        "started": "opened",
        "ended": "closed",
        "outcome": {"if_ended": "completed"},
        "unit": {"column": "group", "names": {"Nord": "north"}},
    }
    cells, codes = read(mapping)
    assert not codes
    assert [row["outcome"] for row in cells] == ["", "completed"]
    assert [row["unit"] for row in cells] == ["north", "South"]
    assert [row["id"] for row in cells] == ["T1", "T2"]


def test_a_condition_on_a_constant_holds_in_whatever_order_it_is_written() -> None:
    mapping = {
        "outcome": {"if_ended": "completed"},
        "id": "ticket",
        "started": {"constant": "2026-01-01"},
        "ended": "closed",
    }
    assert [row["outcome"] for row in read(mapping)[0]] == ["", "completed"]


def test_with_a_mapping_only_what_it_names_is_read() -> None:
    cells, codes = read({"id": "unit", "started": "ended"}, b"unit,ended,outcome\nU,E,O\n")
    assert not codes
    assert cells == [{"id": "U", "started": "E", "ended": "", "outcome": "", "unit": ""}]


def test_a_place_names_the_column_of_the_file_or_the_line_of_the_mapping() -> None:
    mapping = {"id": "ticket", "started": {"constant": "x"}}
    rows, _problems = read_mapped_csv(FILE, mapping, REQUIRED, OPTIONAL)
    assert rows[0].place("id") == "row 2, column ticket"
    assert rows[0].place("started") == "mapping, started"
    assert rows[0].place("unit") == "mapping, unit"


@pytest.mark.parametrize(
    ("mapping", "codes"),
    [
        (["id"], ["not_a_mapping"]),
        ("id: ticket", ["not_a_mapping"]),
        ({}, ["not_mapped", "not_mapped"]),
        ({"id": "ticket"}, ["not_mapped"]),
        ({"id": "ticket", "startd": "opened"}, ["unknown_column", "not_mapped"]),
        ({"id": "ticket", "started": ""}, ["unknown_rule"]),
        ({"id": "ticket", "started": {"constant": ["x"]}}, ["unknown_rule"]),
        ({"id": "ticket", "started": {"column": "opened", "names": {"a": ""}}}, ["unknown_rule"]),
        ({"id": "ticket", "started": {"if_closed": "x"}}, ["unknown_rule"]),
        ({"id": "tickets", "started": "opened"}, ["missing_header"]),
    ],
)
def test_a_mapping_that_cannot_be_followed_is_refused_by_place(
    mapping: object, codes: list[str]
) -> None:
    assert read(mapping) == ([], codes)


def test_a_mistyped_name_of_ours_gets_a_suggestion() -> None:
    _rows, problems = read_mapped_csv(
        FILE, {"id": "ticket", "started": "opened", "outcom": "closed"}, REQUIRED, OPTIONAL
    )
    assert 'Did you mean "outcome"?' in problems[0].message


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*REQUIRED, *OPTIONAL, "constant", "column", "names", "if_ended"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(documents.filter(lambda document: document is not None))
def test_any_document_gives_rows_or_problems_never_a_surprise(document: object) -> None:
    cells, codes = read(document)
    assert bool(cells) != bool(codes)
