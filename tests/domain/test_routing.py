"""Conditions and paths: a missing answer decides nothing, and neither does one off the path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.answers import AnswerForm, spread_answers
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.file import File
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import Question, Questionnaire, Section
from survey_app.domain.routing import (
    CALENDAR,
    arrange,
    as_number,
    attributes_in,
    compare,
    find_path,
    holds,
    items_in,
    settle,
    walk,
)
from tests.domain.judging import judge
from tests.domain.strategies import (
    CONTACTS,
    answers,
    conditions,
    constants_of,
    laws,
    questionnaires,
    questions,
    routed_questionnaires,
    values,
)

OPERATORS = ("equals", "one_of", "at_least", "at_most", "more_than", "less_than", "includes")


def operand_of(operator: str, constant: Any) -> Any:
    return [constant] if operator == "one_of" else constant


# Comparisons.


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_comparison_with_a_missing_side_is_false(operator: str) -> None:
    for constant in (3, "3", "a"):
        assert compare(None, operator, operand_of(operator, constant)) is False
        assert compare(constant, operator, None) is False
    unanswered = {"question": "q1", operator: operand_of(operator, 3)}
    assert holds(unanswered, {}.get, {}) is False
    assert holds({"not": unanswered}, {}.get, {}) is True


def test_answered_tells_the_two_apart() -> None:
    assert compare(0, "answered", True) is True
    assert compare(0, "answered", False) is False
    assert compare(None, "answered", True) is False
    assert compare(None, "answered", False) is True


@pytest.mark.parametrize(
    ("subject", "operator", "operand", "held"),
    [
        (3, "equals", 3, True),
        (3, "equals", 3.0, True),
        (3, "equals", "3", True),
        ("3", "equals", 3, True),
        ("3", "equals", "3.0", False),
        ("yes", "equals", "yes", True),
        ("yes", "equals", "Yes", False),
        (["a"], "equals", "a", False),
        (3, "one_of", [1, 3], True),
        (3, "one_of", [1, "3"], True),
        (3, "one_of", [1, 2], False),
        ("a", "one_of", ["b", "a"], True),
        (4, "at_least", 4, True),
        (4, "at_most", 4, True),
        (4, "more_than", 4, False),
        (4, "less_than", 4, False),
        (4, "more_than", 3.9, True),
        (-1, "less_than", 0, True),
        ("2024-03-01", "more_than", "2024-02-29", True),
        ("09:30", "at_most", "12:00", True),
        ("2024-03-01", "more_than", "12:00", False),
        ("2024-03-01", "less_than", "12:00", False),
        ("2024-03-01", "at_least", 5, False),
        ("9", "less_than", "10", True),
        ("beta", "more_than", "alpha", False),
        (["a", "b"], "includes", "b", True),
        (["a", "b"], "includes", "c", False),
        (["1"], "includes", 1, False),
        ("ab", "includes", "a", False),
        ({"a": 60, "b": 40}, "includes", "a", False),
        ({"a": 60}, "equals", 60, False),
        ({"a": 60}, "at_least", 1, False),
    ],
)
def test_values_compare_as_what_they_are(
    subject: Any, operator: str, operand: Any, held: bool
) -> None:
    assert compare(subject, operator, operand) is held


@pytest.mark.parametrize(
    ("known", "held"),
    [
        *(("12", True), ("3.0", True), ("2", False), ("-5", False), ("", False), ("3,5", False)),
        *(("1e3", False), ("many", False), ("９", False), (" 3", False), ("3" * 16, False)),
    ],
)
def test_what_is_known_of_a_contact_counts_as_a_number_where_it_is_one(
    known: str, held: bool
) -> None:
    condition = {"contact": "visits", "at_least": 3}
    assert holds(condition, {}.get, {"visits": known}) is held


def test_a_contact_without_the_attribute_or_with_an_empty_one_is_missing() -> None:
    for contact in ({}, {"segment": ""}):
        assert not holds({"contact": "segment", "equals": "gold"}, {}.get, contact)
        assert holds({"contact": "segment", "answered": False}, {}.get, contact)


def test_two_answers_are_compared() -> None:
    condition = {"question": "q2", "more_than": {"question": "q1"}}
    assert holds(condition, {"q1": 3, "q2": 4}.get, {})
    assert not holds(condition, {"q1": 4, "q2": 4}.get, {})
    assert not holds(condition, {"q2": 4}.get, {})
    includes = {"question": "q2", "includes": {"question": "q1"}}
    assert holds(includes, {"q1": "a", "q2": ["b", "a"]}.get, {})


def test_numbers_are_plain() -> None:
    assert [as_number(one) for one in (3, 2.5, "-4", "4.50", "x", "", "1e3", None, ["1"])] == [
        *(3.0, 2.5, -4.0, 4.5),
        *(None,) * 5,
    ]


def test_what_a_condition_looks_at() -> None:
    condition = {
        "all": [
            {"question": "q1", "more_than": {"question": "m.row"}},
            {"not": {"any": [{"contact": "segment", "equals": {"question": "q2"}}]}},
            {"question": "q1", "answered": True},
        ]
    }
    assert items_in(condition) == ["q1", "m.row", "q2"]
    assert attributes_in(condition) == ["segment"]


# Paths.

FIVE = Scale(lowest=1, highest=5)
BAD = {"question": "q1", "at_most": 2}


def test_one_answer_opens_what_comes_after_it() -> None:
    survey = Questionnaire(
        key="k",
        sections=(
            Section(id="a", questions=(Rating(id="q1", scale=FIVE), Text(id="q2", show_if=BAD))),
            Section(
                id="b",
                show_if={"question": "q2", "answered": True},
                questions=(Text(id="q3"), Text(id="q4", show_if={"question": "q3", "equals": "x"})),
            ),
        ),
    )

    def path(**given: Any) -> list[str]:
        document = {name: {"value": value} for name, value in given.items()}
        return [question.id for question in find_path(survey, document, {})]

    assert path() == ["q1"]
    assert path(q1=5, q2="late", q3="x", q4="y") == ["q1"]
    assert path(q1=1) == ["q1", "q2"]
    assert path(q1=1, q2="late") == ["q1", "q2", "q3"]
    assert path(q1=1, q2="late", q3="x") == ["q1", "q2", "q3", "q4"]


def test_a_row_of_a_matrix_opens_a_question() -> None:
    rows = (Option(code="speed", label="Speed"), Option(code="care", label="Care"))
    why = Text(id="why", show_if={"question": "m.care", "at_most": 2})
    section = Section(id="a", questions=(Matrix(id="m", rows=rows, scale=FIVE), why))
    survey = Questionnaire(key="k", sections=(section,))
    assert len(find_path(survey, {"m.care": {"value": 2}}, {})) == 2
    assert len(find_path(survey, {"m.speed": {"value": 2}}, {})) == 1


def test_the_document_may_grow_on_the_way() -> None:
    section = Section(id="a", questions=(Rating(id="q1", scale=FIVE), Text(id="q2", show_if=BAD)))
    document: dict[str, Any] = {}
    asked = []
    for question, shown in walk(Questionnaire(key="k", sections=(section,)), document, {}):
        document[question.id] = {"value": 1}
        asked.append(shown)
    assert asked == [True, True]


def test_looking_ahead_finds_nothing() -> None:
    section = Section(id="a", questions=(Text(id="q2", show_if=BAD), Rating(id="q1", scale=FIVE)))
    survey = Questionnaire(key="k", sections=(section,))
    assert [question.id for question in find_path(survey, {"q1": {"value": 1}}, {})] == ["q1"]


# Laws.


@st.composite
def judged(draw: st.DrawFn) -> tuple[Any, dict[str, Any], dict[str, str]]:
    """A condition, the values of some of its items, and a contact."""
    asked = [draw(questions(f"q{number}")) for number in range(3)]
    items = [item for question in asked for item in question.items]
    given = {item.id: draw(values(item))["value"] for item in items if draw(st.integers(0, 4))}
    return draw(conditions(items, depth=3)), given, draw(CONTACTS)


@laws
@given(judged())
def test_a_condition_holds_where_its_words_say_so(case: Any) -> None:
    condition, given, contact = case
    assert holds(condition, given.get, contact) is judge(condition, given, contact)


@laws
@given(judged(), st.data())
def test_what_is_settled_early_holds_later_exactly_as_it_would_have(
    case: Any, data: st.DataObject
) -> None:
    condition, given, contact = case
    named = items_in(condition)
    here = {name for name in named if data.draw(st.booleans())}
    before = {name: value for name, value in given.items() if name not in here}
    settled = settle(condition, before.get, contact, here)
    later = {name: value for name, value in given.items() if name in here}
    # What is left needs neither the earlier answers nor the contact.
    assert judge(settled, later, {}) is holds(condition, given.get, contact)
    assert here or isinstance(settled, bool)


def test_what_is_known_of_a_contact_is_never_left_in_a_settled_condition() -> None:
    condition = {"contact": "segment", "equals": {"question": "q1"}}
    contact = {"segment": "gold"}
    assert settle(condition, {}.get, contact, {"q1"}) is False
    assert settle(condition, {"q1": "gold"}.get, contact, {"q1"}) is True
    assert settle({"not": condition}, {}.get, contact, {"q1"}) is True


def test_both_sides_of_a_comparison_are_settled() -> None:
    condition = {"question": "q2", "more_than": {"question": "q1"}}
    assert settle(condition, {"q1": 3}.get, {}, {"q2"}) == {"question": "q2", "more_than": 3}
    assert settle(condition, {"q2": 3}.get, {}, {"q1"}) == {
        "value": 3,
        "more_than": {"question": "q1"},
    }
    assert settle(condition, {}.get, {}, {"q2"}) is False
    assert settle(condition, {}.get, {}, {"q1", "q2"}) == condition
    # Shares are no constant that anything could be compared with.
    assert settle(condition, {"q1": {"question": 3}}.get, {}, {"q2"}) is False


def test_what_is_decided_falls_away() -> None:
    left = {"question": "q2", "answered": True}
    yes, no = {"question": "q1", "at_least": 1}, {"question": "q1", "at_least": 9}

    def of(condition: Any) -> Any:
        return settle(condition, {"q1": 3}.get, {}, {"q2"})

    assert of({"all": [yes, left]}) == left
    assert of({"all": [no, left]}) is False
    assert of({"any": [no, left]}) == left
    assert of({"any": [yes, left]}) is True
    assert of({"all": [left, yes, left]}) == {"all": [left, left]}
    assert of({"all": [yes, yes]}) is True
    assert of({"any": [no]}) is False
    assert of({"not": {"any": [no]}}) is True
    assert of({"not": {"all": [yes, left]}}) == {"not": left}


@laws
@given(st.data())
def test_the_values_tried_stand_for_all_that_can_be_answered(data: st.DataObject) -> None:
    question = data.draw(questions("q1"))
    for item in question.items:
        constants = data.draw(constants_of(item))
        if isinstance(item, Text):
            # Only whether a text is that very one is asked of texts.
            constants = [one for one in constants if as_number(one) is None]
            constants = [one for one in constants if not CALENDAR.fullmatch(one)]
        tried = item.probe(constants)
        assert tried or isinstance(item, ConstantSum | File)

        def standing(value: Any, constants: list[Any] = constants) -> list[bool]:
            return [
                compare(value, operator, operand_of(operator, constant))
                for operator in OPERATORS
                for constant in constants
            ]

        stands = [standing(value) for value in tried]
        for value in tried:
            kept = item.collect(item.spread({"value": value}))
            assert kept == {"value": value}
        for _ in range(3):
            value = data.draw(values(item))["value"]
            assert standing(value) in stands or not tried


# Random orders.

SEEDS = st.sampled_from(["", "a", "0", "ü"])


def ids(survey: Questionnaire) -> list[list[str]]:
    return [[question.id for question in section.questions] for section in survey.sections]


def parts(question: Question) -> tuple[Option, ...]:
    if isinstance(question, Matrix):
        return question.rows
    return question.options if isinstance(question, Choice | Ranking | ConstantSum) else ()


@laws
@given(st.one_of(questionnaires(), routed_questionnaires()), SEEDS)
def test_an_order_is_drawn_once_for_a_seed_and_loses_nothing(
    survey: Questionnaire, seed: str
) -> None:
    arranged = arrange(survey, seed)
    assert arranged == arrange(survey, seed)
    assert arrange(arranged, seed) == arranged
    for before, after in zip(survey.sections, arranged.sections, strict=True):
        assert replace(after, questions=()) == replace(before, questions=())
        ordered = [question.id for question in before.questions]
        drawn = [question.id for question in after.questions]
        assert sorted(drawn) == sorted(ordered)
        assert before.order or drawn == ordered
        for was, now in zip(before.questions, after.questions, strict=True):
            assert was == now if isinstance(was, Info) or isinstance(now, Info) else True
        moved = {question.id: question for question in after.questions}
        for question in before.questions:
            first, second = parts(question), parts(moved[question.id])
            assert sorted(map(repr, first)) == sorted(map(repr, second))
            if not getattr(question, "order", ""):
                assert question == moved[question.id]
            for here, there in zip(first, second, strict=True):
                if here.is_held or there.is_held:
                    assert here == there


@laws
@given(st.data(), routed_questionnaires(), SEEDS, CONTACTS)
def test_the_drawn_order_does_not_change_what_is_read(
    data: st.DataObject, survey: Questionnaire, seed: str, contact: dict[str, str]
) -> None:
    form = AnswerForm(survey)
    document = data.draw(answers(survey, contact))
    seen = arrange(survey, seed)
    assert {item.id for item in seen.items} == {item.id for item in survey.items}
    posted = dict(spread_answers(seen.questions, document))
    for question in seen.questions:
        posted[f"{question.id}__shown"] = ["1"]
    page = AnswerForm(replace(survey, paging="")).read_page("", posted, {}, contact)
    assert form.complete(page.answers, contact) == document


def test_the_order_is_that_of_a_hash_anybody_can_compute() -> None:
    options = tuple(Option(code=code, label=code) for code in "abcde")
    question = Choice(id="q1", options=options, order="random")
    # sha256("7/q1/a") and so on, sorted.
    drawn = question.arrange("7")
    assert isinstance(drawn, Choice)
    assert [option.code for option in drawn.options] == ["d", "c", "e", "b", "a"]
    assert question.arrange("8") != drawn
    fixed = replace(question, order="")
    assert fixed.arrange("7") is fixed


HELD: tuple[dict[str, bool], ...] = ({"other": True}, {"exclusive": True}, {"fixed": True})


@pytest.mark.parametrize("held", HELD, ids=repr)
@pytest.mark.parametrize("kind", ["choice", "ranking", "constant_sum", "matrix"])
def test_what_is_held_keeps_its_place_in_every_draw(kind: str, held: dict[str, bool]) -> None:
    codes = "abcdefg"
    options = tuple(
        Option(code=code, label=code, **(held if code in "ad" else {})) for code in codes
    )
    asked: dict[str, Question] = {
        "choice": Choice(id="q1", options=options, order="random"),
        "ranking": Ranking(id="q1", options=options, order="random"),
        "constant_sum": ConstantSum(id="q1", options=options, order="random"),
        "matrix": Matrix(id="q1", rows=options, scale=Scale(lowest=1, highest=5), order="random"),
    }
    orders = set()
    for seed in range(20):
        drawn = "".join(option.code for option in parts(asked[kind].arrange(str(seed))))
        assert sorted(drawn) == list(codes)
        assert (drawn[0], drawn[3]) == ("a", "d")
        orders.add(drawn)
    assert len(orders) > 10


def test_texts_between_questions_in_random_order_keep_their_places() -> None:
    asked = [YesNo(id=f"q{number}") for number in range(6)]
    mixed = [Info(id="first"), *asked[:3], Info(id="middle"), *asked[3:]]
    survey = Questionnaire(
        key="k", sections=(Section(id="s", order="random", questions=tuple(mixed)),)
    )
    orders = set()
    for seed in range(20):
        ids = [question.id for question in arrange(survey, str(seed)).questions]
        assert (ids[0], ids[4]) == ("first", "middle")
        orders.add(tuple(ids))
    assert len(orders) > 10


def test_yes_or_no_has_no_order() -> None:
    question = YesNo(id="q1")
    assert question.arrange("7") is question
