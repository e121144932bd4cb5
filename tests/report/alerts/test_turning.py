"""Verdicts that turned: only certain ones count, what lies between does not hide them."""

from __future__ import annotations

import pytest

from survey_app.report.alerts.points import Point
from survey_app.report.alerts.turning import judge_verdict


def series(words: str) -> list[Point | None]:
    """Points of months with these verdicts; '-' is a month without a run."""
    return [
        None
        if word == "-"
        else Point(f"2026-{month:02d}", f"run{month}", word, None, 5.0, None, "", False)
        for month, word in enumerate(words.split(), start=1)
    ]


@pytest.mark.parametrize(
    ("words", "found", "denied", "before"),
    [
        ("met not_met", "not_met", "met", "2026-01"),
        ("not_met met", "met", "not_met", "2026-01"),
        ("met undetermined not_met", "not_met", "met", "2026-01"),
        ("met undetermined no_data - not_met", "not_met", "met", "2026-01"),
        ("met suppressed not_met", "not_met", "met", "2026-01"),
        ("not_met met undetermined undetermined not_met", "not_met", "met", "2026-02"),
        ("met met", None, "not_met", None),
        ("not_met undetermined not_met", None, "met", None),
        ("not_met", None, "met", None),
        ("undetermined not_met", None, "met", None),
    ],
)
def test_the_last_certain_verdict_before_counts(
    words: str, found: str | None, denied: str, before: str | None
) -> None:
    judged = judge_verdict(series(words))
    assert list(judged.found) == ([] if found is None else [found])
    assert judged.denied == {denied}
    if found is not None:
        assert judged.found[found]["before"] == before


@pytest.mark.parametrize(
    "words",
    [
        "met undetermined",
        "met provisional",
        "met suppressed",
        "met no_data",
        "met no_target",
        "met -",
    ],
)
def test_without_a_certain_verdict_nothing_is_found_and_nothing_denied(words: str) -> None:
    judged = judge_verdict(series(words))
    assert judged.found == {}
    assert judged.denied == frozenset()


def test_the_numbers_tell_how_far_back_and_what_changed() -> None:
    judged = judge_verdict(series("met undetermined not_met"))
    assert judged.found["not_met"] == {
        "before": "2026-01",
        "before_run": "run1",
        "periods_between": 1,
        "target": 5.0,
        "target_before": 5.0,
        "defined_alike": True,
    }
