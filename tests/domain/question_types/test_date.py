"""Days of the calendar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_app.domain.question_types.date import Date
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

ANY = Date(id="q1")
YEAR = Date(id="q1", earliest="2024-01-01", latest="2024-12-31")


@pytest.mark.parametrize("typed", ["2024-02-29", " 2024-02-29 ", "٢٠٢٤-٠٢-٢٩", "２０２４-02-29"])
def test_a_day_is_read_in_the_digits_of_all_scripts(typed: str) -> None:
    assert posted(ANY, q1=[typed]) == {"value": "2024-02-29"}


@pytest.mark.parametrize(
    ("question", "typed", "code"),
    [
        (ANY, "2024-02-30", "no_such_date"),
        (ANY, "2023-02-29", "no_such_date"),
        (ANY, "2024-13-01", "no_such_date"),
        (ANY, "0000-01-01", "no_such_date"),
        (ANY, "0202-01-01", "too_early"),
        (ANY, "1899-12-31", "too_early"),
        (ANY, "29.02.2024", "not_a_date"),
        (ANY, "02/29/2024", "not_a_date"),
        (ANY, "2024-2-9", "not_a_date"),
        (ANY, "20240229", "not_a_date"),
        (ANY, "2024-W09-4", "not_a_date"),
        (ANY, "2024-02-29T10:00", "not_a_date"),
        (ANY, "10000-01-01", "not_a_date"),
        (ANY, "today", "not_a_date"),
        (YEAR, "2023-12-31", "too_early"),
        (YEAR, "2025-01-01", "too_late"),
    ],
)
def test_other_days_are_refused(question: Date, typed: str, code: str) -> None:
    assert code_of(question.read([typed])) == code


def test_both_ends_belong_to_the_range() -> None:
    assert YEAR.read(["2024-01-01"]) == "2024-01-01"
    assert YEAR.read(["2024-12-31"]) == "2024-12-31"


def test_strange_texts_are_no_days() -> None:
    refuses_strange_texts(ANY)
    keeps_or_refuses(ANY)
    assert code_of(ANY.read(["2024-02-29", "2024-02-29"])) == "several_values"


@pytest.mark.parametrize(
    ("earliest", "latest", "problems"),
    [
        ("", "", []),
        ("2024-01-01", "2024-01-01", []),
        ("2024-01-02", "2024-01-01", [("earliest", "reversed_range")]),
        ("2024-02-30", "", [("earliest", "no_such_date")]),
        ("", "soon", [("latest", "not_a_date")]),
        ("1000-01-01", " ", [("earliest", "too_early"), ("latest", "empty")]),
    ],
)
def test_the_ends_are_days_in_order(
    earliest: str, latest: str, problems: list[tuple[str, str]]
) -> None:
    assert codes_of(replace(ANY, earliest=earliest, latest=latest)) == problems


def test_the_days_beside_what_is_compared_are_tried() -> None:
    assert ANY.probe(["2024-02-29"]) == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert ANY.probe(["9999-12-31"]) == ["9999-12-30", "9999-12-31"]
    assert ANY.probe(["1900-01-01"]) == ["1900-01-01", "1900-01-02"]
    assert YEAR.probe(["2025-06-01"]) == ["2024-01-01", "2024-01-02", "2024-12-30", "2024-12-31"]
    assert ANY.probe(["soon", 3]) == ["1999-12-31", "2000-01-01", "2000-01-02"]
