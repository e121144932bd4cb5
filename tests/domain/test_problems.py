"""Problems and exceptions: what a person reads of them."""

from __future__ import annotations

import pytest

from survey_app.domain.problems import (
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    Problem,
    SoundingsError,
    did_you_mean,
    quoted,
)


def test_a_problem_reads_as_place_and_sentence() -> None:
    problem = Problem("row 7, column email", "empty", "The cell is empty.")
    assert str(problem) == "row 7, column email: The cell is empty."


def test_a_problem_seen_from_further_out_keeps_code_and_sentence() -> None:
    problem = Problem("scale", "reversed_scale", "Turn it.").within("question q3")
    assert problem == Problem("question q3, scale", "reversed_scale", "Turn it.")


def test_a_problem_of_the_whole_takes_the_outer_place() -> None:
    assert Problem("", "empty_section", "Add one.").within("section 1").place == "section 1"


@pytest.mark.parametrize(
    ("kind", "status"), [(NotFound, 404), (Forbidden, 403), (Gone, 410), (Conflict, 409)]
)
def test_each_exception_has_its_status_and_one_root(
    kind: type[SoundingsError], status: int
) -> None:
    error = kind("It is not there.")
    assert isinstance(error, SoundingsError)
    assert (error.status, error.message, str(error)) == (status,) + ("It is not there.",) * 2


def test_the_root_takes_its_status_from_the_caller() -> None:
    assert SoundingsError("Too large.", 413).status == 413
    assert SoundingsError("Something broke.").status == 500


def test_quoted_text_can_always_be_shown_and_encoded() -> None:
    shown = quoted("a\0b\ud800c\u202ed\ne")
    assert shown == '"a�b�c�d�e"'
    assert shown.encode("utf-8")


def test_long_text_is_shortened_in_quotes() -> None:
    assert quoted("x" * 1000) == '"' + "x" * 39 + '…"'


@pytest.mark.parametrize("typed", ["E-Mail", "e mail", "emial", "EMAIL"])
def test_the_nearest_name_is_suggested_whatever_case_and_hyphens(typed: str) -> None:
    assert did_you_mean(typed, ["name", "email"]) == ' Did you mean "email"?'


def test_nothing_near_suggests_nothing() -> None:
    assert did_you_mean("zebra", ["name", "email"]) == ""
