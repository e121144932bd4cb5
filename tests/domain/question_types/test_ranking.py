"""Rankings: every place once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from tests.domain.question_types.refusing import (
    code_of,
    codes_of,
    keeps_or_refuses,
    posted,
    refuses_strange_texts,
)

OPTIONS = (Option(code="a", label="A"), Option(code="b", label="B"), Option(code="c d", label="C"))
ALL = Ranking(id="q1", options=OPTIONS)
BEST = replace(ALL, places=2)


@pytest.mark.parametrize(
    ("question", "places", "answer"),
    [
        (ALL, ["2", "3", "1"], {"value": ["c d", "a", "b"]}),
        (ALL, ["٢", "３", " 1 "], {"value": ["c d", "a", "b"]}),
        (BEST, ["", "2", "1"], {"value": ["c d", "b"]}),
        (ALL, ["", "", ""], {"missing": "skipped"}),
        (ALL, ["1", "1", "2"], ["same_place"]),
        (ALL, ["1", "2", ""], ["places_left"]),
        (BEST, ["1", "", ""], ["places_left"]),
        (BEST, ["1", "2", "3"], ["no_place"]),
        (ALL, ["0", "1", "2"], ["no_place"]),
        (ALL, ["1", "2", "4"], ["no_place"]),
        (ALL, ["-1", "2", "3"], ["no_place"]),
        (ALL, ["1.0", "2", "3"], ["no_place"]),
        (ALL, ["first", "2", "3"], ["no_place"]),
        (ALL, ["²", "2", "3"], ["no_place"]),
        (ALL, ["9" * 5000, "2", "3"], ["no_place"]),
    ],
)
def test_each_place_is_given_away_once(question: Ranking, places: list[str], answer: Any) -> None:
    fields = {f"q1.{option.code}": [place] for option, place in zip(OPTIONS, places, strict=True)}
    assert posted(question, **fields) == answer


def test_one_option_has_one_place() -> None:
    assert posted(ALL, **{"q1.a": ["1", "2"]}) == ["several_values"]
    assert posted(ALL, **{"q1": ["a"]}) == ["unknown_question"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (["a", "a", "b"], "ranked_twice"),
        (["a", "b"], "places_left"),
        (["a", "b", "z"], "unknown_option"),
        (["a", "b", "c d", "a"], "ranked_twice"),
        (["\ud800"], "unknown_option"),
    ],
)
def test_a_cell_has_every_option_once(values: list[str], code: str) -> None:
    assert code_of(ALL.read(values)) == code
    assert ALL.read(ALL.split_cell(" b | a|c d")) == ["b", "a", "c d"]


def test_strange_texts_are_no_places() -> None:
    refuses_strange_texts(ALL)
    keeps_or_refuses(ALL)


@pytest.mark.parametrize("places", [0, -1, 4])
def test_places_can_be_filled(places: int) -> None:
    assert codes_of(ALL) == codes_of(BEST) == []
    assert codes_of(replace(ALL, places=places)) == [("places", "bad_places")]
    assert replace(ALL, places=places).probe(["a"]) == []


def test_what_is_tried_has_each_mixture_that_can_have_a_place() -> None:
    four = replace(BEST, options=(*OPTIONS, Option(code="e", label="E")))
    tried = [set(ranked) for ranked in four.probe(["a", "c d"]) if isinstance(ranked, list)]
    assert tried == [{"b", "e"}, {"a", "b"}, {"c d", "b"}, {"a", "c d"}]
