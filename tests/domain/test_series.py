"""A series ends where answers stop comparing, and its number is never used again."""

from __future__ import annotations

from survey_app.domain.changes import BREAKING, COMPARABLE, Change
from survey_app.domain.series import carry_series


def change(item: str, kind: str = BREAKING, code: str = "x") -> Change:
    return Change(f"{item}/{code}", "", item, kind, code, "Because.")


def test_what_is_asked_first_is_series_one() -> None:
    assert carry_series({}, [], ["q1", "q2.a"], []) == {"q1": 1, "q2.a": 1}


def test_breaking_changes_of_one_version_begin_one_new_series_of_their_item() -> None:
    before = {"q1": 1, "q2": 4, "q10": 1}
    changes = [change("q1"), change("q1"), change("q2", COMPARABLE)]
    assert carry_series(before, before, before, changes) == {"q1": 2, "q2": 4, "q10": 1}


def test_a_change_of_a_matrix_concerns_its_rows_and_one_of_a_row_that_row() -> None:
    before = {"m.a": 1, "m.b": 1, "mm.a": 1}
    assert carry_series(before, before, before, [change("m")]) == {"m.a": 2, "m.b": 2, "mm.a": 1}
    assert carry_series(before, before, before, [change("m.b")]) == {"m.a": 1, "m.b": 2, "mm.a": 1}


def test_a_change_of_the_whole_concerns_everything() -> None:
    before = {"q1": 1, "m.a": 3}
    assert carry_series(before, before, before, [change("")]) == {"q1": 2, "m.a": 4}


def test_what_comes_back_counts_on() -> None:
    without = carry_series({"q1": 2, "q2": 1}, ["q1", "q2"], ["q2"], [])
    assert without == {"q1": 2, "q2": 1}
    assert carry_series(without, ["q2"], ["q1", "q2"], []) == {"q1": 3, "q2": 1}


def test_what_comes_back_and_is_held_to_compare_carries_its_series_on() -> None:
    before = {"q1": 2, "q2": 1}
    back = [change("q1", COMPARABLE, "question_returned")]
    assert carry_series(before, ["q2"], ["q1", "q2"], back) == before
    back = [change("q1", BREAKING, "question_returned")]
    assert carry_series(before, ["q2"], ["q1", "q2"], back) == {"q1": 3, "q2": 1}
