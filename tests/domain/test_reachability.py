"""What nobody ever comes to is found, and nothing is said to be out of reach that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from survey_app.domain.checking import check
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Question, Questionnaire
from survey_app.domain.reachability import find_doubtful
from tests.domain.asking import asking, choice, in_sections, must, rating, section


def found(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in check(questionnaire)]


def codes(*questions: Question, **named: Any) -> list[str]:
    return [code for _place, code in found(asking(*questions, **named))]


def test_a_condition_that_contradicts_itself_never_holds() -> None:
    both = {"all": [{"question": "q1", "at_least": 4}, {"question": "q1", "less_than": 3}]}
    assert found(asking(rating("q1"), rating("q2", show_if=both))) == [
        ('section 1 "visit", question q2, show_if', "never_holds")
    ]
    either = {"any": [{"question": "q1", "at_least": 4}, {"question": "q1", "less_than": 3}]}
    assert codes(rating("q1"), rating("q2", show_if=either)) == []


def test_between_two_neighbouring_whole_numbers_there_is_none() -> None:
    between = {"all": [{"question": "q1", "more_than": 3}, {"question": "q1", "less_than": 4}]}
    shown = rating("q2", show_if=between)
    assert codes(Number(id="q1", text="?", whole=True), shown) == ["never_holds"]
    assert codes(Number(id="q1", text="?"), shown) == []


def test_a_day_outside_the_range_never_comes() -> None:
    shown = rating("q2", show_if={"question": "q1", "more_than": "2026-12-31"})
    assert codes(Date(id="q1", text="?", latest="2026-12-31"), shown) == ["never_holds"]
    assert codes(Date(id="q1", text="?", latest="2027-01-01"), shown) == []


def test_only_what_must_be_answered_is_never_missing() -> None:
    shown = rating("q2", show_if={"question": "q1", "answered": False})
    assert codes(rating("q1", required=True), shown) == ["never_holds"]
    assert codes(rating("q1"), shown) == []
    assert codes(rating("q1", required=True, missing=("refused",)), shown) == []
    first = rating("q0", required=True)
    hidden = rating("q1", required=True, show_if={"question": "q0", "at_least": 3})
    assert codes(first, hidden, shown) == []


def test_a_question_behind_one_that_is_off_its_path_is_never_reached() -> None:
    happy = rating("q2", show_if={"question": "q1", "at_least": 4}, required=True)
    both = {"all": [{"question": "q2", "at_least": 1}, {"question": "q1", "at_most": 2}]}
    assert found(asking(rating("q1"), happy, rating("q3", show_if=both))) == [
        ('section 1 "visit", question q3', "unreachable")
    ]
    unhappy = {"all": [{"question": "q2", "answered": False}, {"question": "q1", "at_most": 2}]}
    assert codes(rating("q1"), happy, rating("q3", show_if=unhappy)) == []
    always = {"all": [{"question": "q2", "answered": False}, {"question": "q1", "at_least": 4}]}
    assert codes(rating("q1"), happy, rating("q3", show_if=always)) == ["unreachable"]


def test_a_section_and_its_question_may_exclude_each_other() -> None:
    asked = rating("q2", show_if={"question": "q1", "at_most": 2})
    later = section("b", asked, show_if={"question": "q1", "at_least": 4})
    assert found(in_sections(section("a", rating("q1")), later)) == [
        ('section 2 "b", question q2', "unreachable")
    ]
    never = {"all": [{"contact": "a", "equals": "x"}, {"contact": "a", "equals": "y"}]}
    closed = section("b", rating("q2", show_if=never), show_if=never)
    assert found(in_sections(section("a", rating("q1")), closed)) == [
        ('section 2 "b", show_if', "never_holds")
    ]


def test_more_options_than_can_be_mixed_are_still_told_apart_one_by_one() -> None:
    names = [f"o{number}" for number in range(12)]
    follow_ups = [rating(f"f{one}", show_if={"question": "q1", "includes": one}) for one in names]
    assert codes(choice("q1", *names, multiple=True), *follow_ups) == []
    most = choice("q1", *names, multiple=True, most=1)
    both = {"all": [{"question": "q1", "includes": one} for one in names[:2]]}
    assert codes(most, rating("q2", show_if=both)) == ["never_holds"]


def test_nothing_is_said_of_what_is_too_much_to_try() -> None:
    names = [f"o{number}" for number in range(12)]
    every = {"all": [{"not": {"question": "q1", "includes": one}} for one in names]}
    answered = {"all": [every, {"question": "q1", "answered": True}]}
    assert codes(choice("q1", *names, multiple=True), rating("q2", show_if=answered)) == []


def test_an_exclusive_option_stands_alone() -> None:
    options = (
        Option(code="a", label="A"),
        Option(code="none", label="None", exclusive=True),
    )
    asked = Choice(id="q1", text="?", options=options, multiple=True, required=True)
    without = {"not": {"question": "q1", "includes": "a"}}
    assert codes(asked, rating("q2", show_if=without)) == []
    both = {"all": [{"question": "q1", "includes": one} for one in ("a", "none")]}
    assert codes(asked, rating("q2", show_if=both)) == ["never_holds"]


def test_of_a_ranking_any_options_may_come_first_but_no_more_than_its_places() -> None:
    options = tuple(Option(code=code, label=code) for code in "abcde")
    asked = Ranking(id="q1", text="?", options=options, places=2)
    two = {"all": [{"question": "q1", "includes": one} for one in "ac"]}
    three = {"all": [{"question": "q1", "includes": one} for one in "ace"]}
    assert codes(asked, rating("q2", show_if=two)) == []
    assert codes(asked, rating("q2", show_if=three)) == ["never_holds"]


def test_two_answers_are_compared_pair_by_pair() -> None:
    more = {"question": "q2", "more_than": {"question": "q1"}}
    low, high = Number(id="q1", text="?", lowest=10), Number(id="q2", text="?", highest=10)
    assert codes(low, high, rating("q3", show_if=more)) == ["never_holds"]
    assert codes(low, replace(high, highest=10.5), rating("q3", show_if=more)) == []
    itself = {"question": "q1", "more_than": {"question": "q1"}}
    assert codes(low, rating("q3", show_if=itself)) == ["never_holds"]


def test_texts_compared_with_each_other_may_differ() -> None:
    differ = {
        "all": [
            {"not": {"question": "q1", "equals": {"question": "q2"}}},
            {"question": "q1", "answered": True},
            {"question": "q2", "answered": True},
        ]
    }
    asked = (Text(id="q1", text="?"), Text(id="q2", text="?"))
    assert codes(*asked, rating("q3", show_if=differ)) == []


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([{"at_least": 3}, {"less_than": 4}], []),
        ([{"equals": 4}, {"more_than": 4}], ["never_holds"]),
        ([{"at_least": "2026-01-02"}, {"less_than": "2026-01-03"}], []),
        ([{"more_than": "2026-01-02"}, {"less_than": "2026-01-03"}], ["never_holds"]),
        ([{"equals": "gold"}, {"answered": False}], ["never_holds"]),
    ],
)
def test_what_can_be_known_of_a_contact_is_tried(
    parts: list[dict[str, Any]], expected: list[str]
) -> None:
    condition = {"all": [{"contact": "segment", **part} for part in parts]}
    assert codes(rating("q1", show_if=condition)) == expected


def test_a_constraint_can_be_kept_by_somebody_it_is_asked_of() -> None:
    never = {"all": [{"question": "q1", "at_least": 4}, {"question": "q1", "at_most": 3}]}
    assert found(asking(rating("q1"), constraints=must(never))) == [
        ("constraint 1, must", "never_holds")
    ]
    happy = rating("q2", show_if={"question": "q1", "at_least": 4})
    unhappy = rating("q3", show_if={"question": "q1", "at_most": 2})
    both = {"question": "q2", "more_than": {"question": "q3"}}
    assert codes(rating("q1"), happy, unhappy, constraints=must(both)) == ["idle_constraint"]


def test_a_condition_that_decides_nothing_is_found() -> None:
    def idle(*questions: Question) -> list[str]:
        return [problem.place for problem in find_doubtful(asking(*questions))]

    shown = rating("q2", show_if={"question": "q1", "at_least": 1})
    assert idle(rating("q1", required=True), shown) == ['section 1 "visit", question q2, show_if']
    assert idle(rating("q1"), shown) == []
    high = rating("q2", show_if={"question": "q1", "at_least": 3})
    assert idle(rating("q1", required=True), high) == []
    twice = section("b", shown, show_if={"question": "q1", "at_least": 2})
    found = find_doubtful(in_sections(section("a", rating("q1")), twice))
    assert [(problem.place, problem.code) for problem in found] == [
        ('section 2 "b", question q2, show_if', "always_holds")
    ]


def between(one: str, operator: str, other: str) -> dict[str, Any]:
    return {"question": one, operator: {"question": other}}


@pytest.mark.parametrize("required", [True, False])
def test_rules_that_nobody_can_keep_together_are_found(required: bool) -> None:
    asked = [rating(name, required=required) for name in "abc"]
    circle = (
        *must(between("a", "more_than", "b")),
        *must(between("b", "more_than", "c")),
        *must(between("c", "more_than", "a")),
    )
    # Whoever may leave b out keeps all three.
    last = between("b", "more_than", "a") if not required else between("c", "more_than", "a")
    assert found(asking(*asked, constraints=(*circle[:2], *must(last)))) == [
        ("constraint 3, must", "constraints_conflict")
    ]
    assert codes(*asked, constraints=circle[:2]) == []
    assert codes(*asked, constraints=circle) == (["constraints_conflict"] if required else [])


def test_a_question_that_a_rule_leaves_nobody_for_is_out_of_reach() -> None:
    low = rating("b", show_if={"question": "a", "at_most": 2})
    rule = must({"question": "a", "at_least": 3})
    assert found(asking(rating("a"), low, constraints=rule)) == [
        ('section 1 "visit", question b', "unreachable")
    ]
    assert codes(rating("a"), low, constraints=must({"question": "a", "at_least": 2})) == []


def test_rules_reach_each_other_through_what_they_share() -> None:
    rules = (*must(between("a", "more_than", "b")), *must({"question": "b", "at_least": 3}))
    asked = [rating(name, required=True) for name in "ab"]
    low = rating("c", show_if={"question": "a", "at_most": 3})
    assert codes(*asked, low, constraints=rules) == ["unreachable"]
    assert (
        codes(*asked, replace(low, show_if={"question": "a", "at_most": 4}), constraints=rules)
        == []
    )


def test_a_rule_that_always_holds_is_warned_of() -> None:
    asked = rating("a")
    (problem,) = find_doubtful(asking(asked, constraints=must({"question": "a", "at_least": 1})))
    assert (problem.place, problem.code) == ("constraint 1, must", "always_holds")
    assert find_doubtful(asking(asked, constraints=must({"question": "a", "at_least": 2}))) == []


def hard(count: int) -> dict[str, Any]:
    """More pigeons than holes: no search finds out in a short time that this cannot hold."""
    holes = range(1, count)
    settled = [
        {"any": [{"question": f"p{n}", "equals": hole} for hole in holes]} for n in range(count)
    ]
    apart = [
        {"any": [{"not": {"question": f"p{n}", "equals": hole}} for n in (one, other)]}
        for hole in holes
        for one in range(count)
        for other in range(one)
    ]
    return {"all": [*settled, *apart]}


def test_one_hard_condition_does_not_silence_those_that_follow() -> None:
    pigeons = [rating(f"p{n}", 9) for n in range(9)]
    parts = [{"question": "p0", "at_least": 4}, {"question": "p0", "less_than": 3}]
    asked = [rating(f"h{n}", show_if=hard(9)) for n in range(4)]
    easy = rating("last", show_if={"all": [hard(9), *parts]})
    questionnaire = asking(*pigeons, *asked, easy)
    assert found(questionnaire) == [('section 1 "visit", question last, show_if', "never_holds")]
    told = [(one.place, one.code) for one in find_doubtful(asking(*pigeons, *asked))]
    assert told == [
        (f'section 1 "visit", question h{n}, show_if', "not_searched") for n in range(4)
    ]
