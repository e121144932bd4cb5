"""Columns in words: they agree with what rows hold, and refuse what a row must not hold."""

from datetime import UTC, date, datetime

import pytest

from analysis.deciding import (
    MET,
    NO_DATA,
    NO_VERDICT,
    NOT_MET,
    PROVISIONAL,
    SUPPRESSED,
    UNDETERMINED,
)
from analysis.export import COLUMNS, INTEGER_COLUMNS, TEXT_COLUMNS, columns_of
from analysis.fields import Field, Kind, names_of, texts_of
from analysis.goal_fields import goal_fields
from analysis.goals import GOAL_COLUMNS, GOAL_SCHEMA
from analysis.periods import WindowType
from analysis.rows import CONFIDENTIAL
from analysis.score_fields import (
    SUPPRESSED_REASONS,
    VERDICTS,
    WINDOWS,
    key_of,
    score_fields,
)


def test_the_columns_in_words_are_those_that_are_written():
    fields = score_fields()
    assert names_of(fields) == COLUMNS
    assert texts_of(fields) == TEXT_COLUMNS
    assert {one.name for one in fields if one.kind is Kind.INTEGER} == INTEGER_COLUMNS
    assert names_of(goal_fields(GOAL_COLUMNS)) == tuple(GOAL_SCHEMA.names)


def test_the_words_that_may_stand_in_a_column_are_those_of_the_library():
    assert {*VERDICTS} == {
        *(MET, NOT_MET, UNDETERMINED, NO_DATA, SUPPRESSED, PROVISIONAL),
        NO_VERDICT,
    }
    assert {*WINDOWS} == {*WindowType}
    assert SUPPRESSED_REASONS == (CONFIDENTIAL,)


@pytest.mark.parametrize("field", [*score_fields(), *goal_fields(GOAL_COLUMNS)])
def test_every_column_is_explained_in_a_sentence(field):
    assert field.title
    assert field.description.endswith(".")
    described = field.describe()
    assert described["name"] == field.name
    assert described.get("constraints", {}).get("enum", []) == list(field.choices)


def test_dimensions_stand_behind_the_scope_and_belong_to_the_key():
    place = COLUMNS.index("scope_name") + 1
    names = [*COLUMNS[:place], "dim_segment", "dim_region", *COLUMNS[place:]]
    fields = score_fields(names)
    assert names_of(fields) == tuple(names)
    assert fields[place].kind is Kind.STRING
    assert key_of("kpi_id", fields)[-2:] == ("dim_segment", "dim_region")
    # Wherever a row has them.
    assert columns_of([*COLUMNS, "dim_segment", "dim_region"]) == tuple(names)


@pytest.mark.parametrize("odd", [["surprise"], ["dim_"]])
def test_a_column_that_no_row_has_is_refused(odd):
    with pytest.raises(ValueError, match=odd[0]):
        score_fields([*COLUMNS, *odd])


def test_a_column_that_is_missing_is_refused():
    with pytest.raises(ValueError, match="inputs_hash"):
        score_fields(COLUMNS[:-1])


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.STRING, "=1+1", "=1+1"),
        (Kind.STRING, "", None),
        (Kind.INTEGER, -5, -5),
        (Kind.NUMBER, -5, -5.0),
        (Kind.NUMBER, None, None),
        (Kind.DATE, "2026-07-01", date(2026, 7, 1)),
        (Kind.DATETIME, "2026-07-01T02:00:00+02:00", datetime(2026, 7, 1, tzinfo=UTC)),
    ],
)
def test_a_cell_is_read_as_its_column_says(kind, cell, value):
    found = Field("x", kind, "X", "An x.").read(cell)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        (Kind.STRING, 5),
        (Kind.STRING, None),
        (Kind.INTEGER, 5.0),
        (Kind.INTEGER, True),
        (Kind.INTEGER, "5"),
        (Kind.NUMBER, float("nan")),
        (Kind.NUMBER, float("inf")),
        (Kind.DATE, "July"),
    ],
)
def test_what_is_of_another_type_is_refused(kind, cell):
    with pytest.raises(ValueError, match=r"column x holds|Invalid isoformat"):
        Field("x", kind, "X", "An x.").read(cell)
