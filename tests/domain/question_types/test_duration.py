"""Durations: whole seconds, from the counts of units."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from survey_app.domain.question_types.duration import Duration
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

TIMED = Duration(id="q1")
DAYS = Duration(id="q1", units=("minutes", "days"), lowest=10, highest=3000)


@pytest.mark.parametrize(
    ("question", "fields", "answer"),
    [
        (TIMED, {"hours": "1", "minutes": "30"}, {"value": 5400}),
        (TIMED, {"hours": "", "minutes": "90"}, {"value": 5400}),
        (TIMED, {"hours": "١", "minutes": "３０"}, {"value": 5400}),
        (TIMED, {"hours": "0"}, {"value": 0}),
        (TIMED, {"hours": "-0"}, {"value": 0}),
        (TIMED, {"hours": "", "minutes": " "}, {"missing": "skipped"}),
        (DAYS, {"days": "1", "minutes": "1"}, {"value": 86_460}),
        (DAYS, {"minutes": "10"}, {"value": 600}),
        (DAYS, {"minutes": "9"}, ["too_short"]),
        (DAYS, {"days": "3"}, ["too_lasting"]),
        (TIMED, {"hours": "-1", "minutes": "90"}, ["negative"]),
        (TIMED, {"hours": "1.5"}, ["not_whole"]),
        (TIMED, {"hours": "1,5"}, ["decimal_comma"]),
        (TIMED, {"hours": "1:30"}, ["not_a_number"]),
        (TIMED, {"hours": "876601"}, ["too_lasting"]),
        (TIMED, {"hours": "1e15"}, ["too_lasting"]),
        (TIMED, {"hours": "9" * 5000}, ["too_large"]),
        (TIMED, {"seconds": "5"}, ["unknown_question"]),
    ],
)
def test_the_counts_of_units_add_up(
    question: Duration, fields: dict[str, str], answer: Any
) -> None:
    assert posted(question, **{f"q1.{unit}": [text] for unit, text in fields.items()}) == answer


def test_one_unit_has_one_count() -> None:
    assert posted(TIMED, **{"q1.hours": ["1", "2"]}) == ["several_values"]


def test_a_duration_is_spread_over_its_units() -> None:
    assert DAYS.spread({"value": 86_460}) == {"q1.days": ["1"], "q1.minutes": ["1"]}
    assert TIMED.spread({"value": 90_000}) == {"q1.hours": ["25"], "q1.minutes": ["0"]}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("90", "too_fine"),
        ("-60", "negative"),
        ("1:30", "not_a_number"),
        ("6" + "0" * 13, "too_lasting"),
    ],
)
def test_a_cell_has_seconds_as_fine_as_asked_for(cell: str, code: str) -> None:
    assert code_of(TIMED.read([cell])) == code
    assert TIMED.read(["١٢٠"]) == 120


def test_strange_texts_are_no_durations() -> None:
    refuses_strange_texts(TIMED)
    keeps_or_refuses(TIMED)
    keeps_or_refuses(Duration(id="q1", units=("seconds",)))


@pytest.mark.parametrize(
    ("keys", "problems"),
    [
        ({}, []),
        ({"lowest": 0, "highest": 0}, []),
        ({"units": ()}, [("units", "no_units")]),
        ({"units": ("hours", "hours")}, [("units", "duplicate_unit")]),
        ({"lowest": -1}, [("lowest", "negative")]),
        ({"highest": -1}, [("highest", "negative")]),
        ({"lowest": 3, "highest": 2}, [("lowest", "reversed_range")]),
        ({"units": ("days",), "lowest": 36_525}, []),
        ({"units": ("days",), "lowest": 36_526}, [("lowest", "too_lasting")]),
    ],
)
def test_units_and_ends_fit_together(keys: Any, problems: list[tuple[str, str]]) -> None:
    assert codes_of(replace(TIMED, **keys)) == problems


def test_the_steps_beside_what_is_compared_are_tried() -> None:
    assert TIMED.probe([100]) == [0, 60, 120]
    assert TIMED.probe(["120", 2.5, "soon"]) == [0, 60, 120, 180]
    assert DAYS.probe([]) == [600, 660, 179_940, 180_000]
    assert replace(TIMED, units=()).probe([3]) == [0, 2, 3, 4]
