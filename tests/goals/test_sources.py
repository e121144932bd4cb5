"""A KPI that asks for what is not there says so, beside the nearest that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey_app.domain.question_types.rating import Scale
from survey_app.goals.queries import present_kpis
from survey_app.goals.sources import Sources, read_sources, troubles
from tests.factories.scorings import make_organisation, make_sources
from tests.factories.workplaces import make_measure


def make_all() -> None:
    make_organisation()
    make_sources()
    make_measure("heads", "stock")


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_all


def test_a_mean_reaches_as_far_as_the_scales_of_its_versions() -> None:
    scales = {number: {"q": Scale(lowest=low, highest=high)} for number, low, high in
              ((1, 0, 10), (2, 1, 5))}  # fmt: skip
    sources = Sources({"feedback": scales}, {}, {})
    source = {"questionnaire": "feedback", "question": "q"}
    entry = {"statistic": "mean", "source": source}
    assert sources.reach_of(entry) == (0, 10)
    assert sources.reach_of({**entry, "source": {**source, "versions": [2]}}) == (1, 5)
    assert sources.reach_of({**entry, "source": {**source, "question": "later"}}) is None
    assert sources.reach_of({**entry, "statistic": "sum", "source": {"measure": "sales"}}) is None


def test_what_is_there_gives_no_trouble(app: Flask) -> None:
    with app.app_context():
        assert troubles(present_kpis()) == {}


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        (
            {"source": {"questionnaire": "feedbak", "question": "q1"}},
            'There is no published questionnaire "feedbak" yet. Did you mean "feedback"? '
            "Nothing is counted.",
        ),
        (
            {"source": {"questionnaire": "feedback", "question": "Q-1"}},
            'There is no rating question "Q-1" yet. Did you mean "q1"? Nothing is counted.',
        ),
        (
            {"source": {"questionnaire": "feedback", "question": "q1", "versions": [1, 2]}},
            'Version 2 of "feedback" is not published.',
        ),
        (
            {"cut": 9.0, "source": {"questionnaire": "feedback", "question": "q1"}},
            "The scale goes from 1 to 5, so cut 9 is not on it.",
        ),
        ({"cut": 5.0, "source": {"questionnaire": "feedback", "question": "q1"}}, ""),
        (
            {"source": {"process": "sale", "milestone": "end"}},
            'There is no process "sale" yet.',
        ),
        (
            {"source": {"process": "visit", "milestone": "produkt"}},
            'There is no stage "produkt" yet. Did you mean "product"? Nothing is counted.',
        ),
        ({"source": {"process": "visit", "milestone": "end"}}, ""),
        (
            {"source": {"measure": "profits"}},
            'There is no measure "profits" yet. Did you mean "profit"? Nothing is counted.',
        ),
        (
            {"source": {"numerator": "profit", "denominator": "turnover"}},
            'There is no measure "turnover" yet. Nothing is counted.',
        ),
        (
            {"statistic": "sum", "source": {"measure": "heads"}},
            "A stock, like a head count, does not add up over months. Use the latest figure.",
        ),
        ({"statistic": "last", "source": {"measure": "heads"}}, ""),
    ],
)
def test_what_is_not_there_is_named(app: Flask, definition: dict[str, Any], sentence: str) -> None:
    with app.app_context():
        told = read_sources().trouble({"statistic": "mean"} | definition)
    assert told == sentence or (sentence and told.startswith(sentence))
