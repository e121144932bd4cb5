"""What changed between versions, and what that means for answers before and after."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.changed_answers import same_words
from survey_app.domain.changes import KINDS, Change, compare_versions, concerns
from survey_app.domain.question_types import TYPES
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Nps, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Question, Questionnaire
from tests.domain.asking import asking, choice, in_sections, must, rating, section
from tests.domain.strategies import questionnaires

SHOP, WEB = Option(code="shop", label="In the shop"), Option(code="web", label="On the web")
PHONE = Option(code="phone", label="On the phone")
WHERE = Choice(id="q1", text="Where?", options=(SHOP, WEB))
SPEED, CARE = Option(code="speed", label="Speed"), Option(code="care", label="Care")
GRID = Matrix(id="q1", text="How?", rows=(SPEED, CARE), scale=Scale(lowest=1, highest=5))
RATED = Rating(id="q1", text="How was it?", scale=Scale(lowest=1, highest=5, anchors={1: "bad"}))


def between(old: Question, new: Question) -> list[tuple[str, str, str]]:
    """(item, code, kind) of each change from one question to another."""
    changes = compare_versions(asking(old), asking(new))
    return [(change.item, change.code, change.kind) for change in changes]


def whole(old: Questionnaire, new: Questionnaire) -> list[tuple[str, str]]:
    return [(change.code, change.kind) for change in compare_versions(old, new)]


@given(questionnaires())
def test_a_version_does_not_differ_from_itself(questionnaire: Questionnaire) -> None:
    assert compare_versions(questionnaire, questionnaire) == []


@given(questionnaires(), questionnaires())
def test_every_change_has_a_key_of_its_own_a_known_kind_a_place_and_a_reason(
    old: Questionnaire, new: Questionnaire
) -> None:
    changes = compare_versions(old, new)
    assert len({change.key for change in changes}) == len(changes)
    for change in changes:
        assert change.kind in KINDS
        assert change.place
        assert change.reason.endswith(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How  was it", "cosmetic"),
        ("HOW WAS IT?", "cosmetic"),
        ("How was the visit?", "breaking"),
        ("How was it really?", "breaking"),
    ],
)
def test_another_wording_is_another_measurement(text: str, expected: str) -> None:
    assert between(RATED, replace(RATED, text=text)) == [("q1", "text_changed", expected)]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Don't know", "Dont know", True),
        ("self-service", "self service", True),
        ("« Très bien »", "très bien.", True),
        ("-5", "5", False),
        ("+5", "5", False),
        ("15", "1.5", False),
        ("¿Qué?", "Que", False),
        ("5 %", "5", False),
    ],
)
def test_only_space_punctuation_and_case_are_no_words(one: str, other: str, alike: bool) -> None:
    assert same_words(one, other) is alike


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"scale": Scale(lowest=1, highest=7, anchors={1: "bad"})}, "scale_changed"),
        (
            {"scale": replace(RATED.scale, direction="lower_is_better")},
            "direction_changed",
        ),
        ({"scale": replace(RATED.scale, anchors={1: "awful"})}, "anchors_changed"),
        ({"scale": replace(RATED.scale, anchors={1: "bad", 5: "good"})}, "anchors_changed"),
        ({"look": "stars"}, "look_changed"),
    ],
)
def test_another_scale_or_look_breaks_the_series(changed: dict[str, Any], code: str) -> None:
    assert between(RATED, replace(RATED, **changed)) == [("q1", code, "breaking")]


def test_what_looks_the_same_does_not_break() -> None:
    assert between(RATED, replace(RATED, look="numbers")) == []
    tidied = replace(RATED, scale=replace(RATED.scale, anchors={1: "Bad."}))
    assert between(RATED, tidied) == [("q1", "anchors_changed", "cosmetic")]


def test_a_type_may_have_another_name_for_the_same_scale() -> None:
    ten = Rating(id="q1", text="How likely?", scale=Scale(lowest=0, highest=10))
    assert between(ten, Nps(id="q1", text="How likely?")) == [("q1", "type_changed", "comparable")]
    assert ("q1", "scale_changed", "breaking") in between(RATED, Nps(id="q1", text="How was it?"))
    assert between(RATED, Text(id="q1", text="How was it?")) == [("q1", "type_changed", "breaking")]


def test_options_added_removed_recoded_or_reworded_break() -> None:
    more = replace(WHERE, options=(SHOP, WEB, PHONE))
    assert between(WHERE, more) == [("q1", "option_added", "breaking")]
    assert between(more, WHERE) == [("q1", "option_removed", "breaking")]
    recoded = replace(WHERE, options=(SHOP, Option(code="online", label="On the web")))
    assert between(WHERE, recoded) == [("q1", "option_recoded", "breaking")]
    reworded = replace(WHERE, options=(SHOP, Option(code="web", label="On our website")))
    assert between(WHERE, reworded) == [("q1", "option_reworded", "breaking")]
    assert between(WHERE, replace(WHERE, multiple=True)) == [("q1", "several_changed", "breaking")]
    assert between(WHERE, replace(WHERE, options=(WEB, SHOP))) == [
        ("q1", "options_moved", "comparable")
    ]
    assert between(WHERE, replace(WHERE, order="random")) == [("q1", "order_changed", "comparable")]


def test_two_options_of_one_label_are_told_apart() -> None:
    twins = replace(WHERE, options=(SHOP, WEB, replace(SHOP, code="a"), replace(SHOP, code="b")))
    assert [code for _item, code, _kind in between(twins, WHERE)] == ["option_removed"] * 2


def test_a_matrix_changes_row_by_row_and_as_a_whole() -> None:
    added = replace(GRID, rows=(SPEED, CARE, Option(code="price", label="Price")))
    assert between(GRID, added) == [("q1.price", "row_added", "comparable")]
    assert between(added, GRID) == [("q1.price", "row_removed", "comparable")]
    reworded = replace(GRID, rows=(SPEED, Option(code="care", label="Kindness")))
    assert between(GRID, reworded) == [("q1.care", "text_changed", "breaking")]
    assert between(GRID, replace(GRID, rows=(CARE, SPEED))) == [("q1", "rows_moved", "comparable")]
    (change,) = compare_versions(asking(GRID), asking(replace(GRID, text="How good?")))
    assert (change.item, change.kind) == ("q1", "breaking")
    assert concerns(change, "q1.speed")
    assert not concerns(change, "q2.speed")


@pytest.mark.parametrize(
    ("old", "changed", "code"),
    [
        (Number(id="q1", text="?", unit="minutes"), {"unit": "hours"}, "unit_changed"),
        (Number(id="q1", text="?", highest=5), {"highest": 9.0}, "range_changed"),
        (Ranking(id="q1", text="?", options=(SHOP, WEB)), {"places": 1}, "places_changed"),
        (ConstantSum(id="q1", text="?", options=(SHOP, WEB)), {"total": 10}, "total_changed"),
        (
            Consent(id="q1", text="?", statement="I agree."),
            {"statement": "No"},
            "statement_changed",
        ),
    ],
)
def test_what_can_be_answered_decides(old: Question, changed: dict[str, Any], code: str) -> None:
    assert between(old, replace(old, **changed)) == [("q1", code, "breaking")]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"help": "In general."}, "help_changed"),
        ({"required": True}, "required_changed"),
        ({"missing": ("dont_know",)}, "missing_codes_changed"),
        ({"show_if": {"contact": "segment", "equals": "gold"}}, "condition_changed"),
        ({"kpi": "service"}, "kpi_changed"),
    ],
)
def test_who_is_asked_and_what_stands_beside_stays_comparable(
    changed: dict[str, Any], code: str
) -> None:
    assert between(RATED, replace(RATED, **changed)) == [("q1", code, "comparable")]


def test_no_attribute_of_any_type_changes_unnoticed() -> None:
    samples: dict[type, Any] = {str: "changed", bool: True, int: 77, float: 77.0}
    for kind in TYPES.values():
        named = {"scale": Scale(lowest=1, highest=5)} if kind in (Rating, Matrix) else {}
        base = kind(id="q1", text="?", **named)
        for one in fields(base):
            if one.name in ("id", "scale", "anchors") or not one.init:
                continue
            now = getattr(base, one.name)
            if one.name in ("missing", "kinds", "units"):
                later: Any = ("days",) if one.name == "units" else ("refused",)
            elif one.name in ("options", "rows"):
                later = (SHOP, WEB)
            elif one.name == "show_if":
                later = {"contact": "a", "equals": "b"}
            else:
                later = 77 if now is None else samples[type(now)] if not now else type(now)(99)
            changed = replace(base, **{one.name: later})
            assert compare_versions(asking(base), asking(changed)), (kind.type, one.name)


def test_only_what_moved_is_told_to_have_moved() -> None:
    asked = [rating(f"q{number}") for number in range(6)]
    last_first = [asked[5], *asked[:5]]
    changes = compare_versions(asking(*asked), asking(*last_first))
    assert [(change.item, change.code) for change in changes] == [("q5", "position_changed")]
    left = in_sections(section("a", *asked[:3]), section("b", *asked[3:]))
    right = in_sections(section("a", *asked[:2]), section("b", *asked[2:]))
    assert [change.item for change in compare_versions(left, right)] == ["q2"]
    renamed = in_sections(section("a", *asked[:3]), section("c", *asked[3:]))
    assert compare_versions(left, renamed) == []


def test_questions_come_and_go_without_breaking_others() -> None:
    one, two = rating("q1"), rating("q2")
    assert whole(asking(one), asking(two, one)) == [("question_added", "comparable")]
    (change,) = compare_versions(asking(one, two), asking(one))
    assert (change.item, change.code, change.place) == ("q2", "question_removed", "question q2")
    welcome = Info(id="hello", text="Welcome")
    changes = compare_versions(asking(welcome, one), asking(replace(welcome, text="Hello"), one))
    assert [(change.item, change.kind) for change in changes] == [("", "comparable")]


def test_what_stands_around_the_questions_never_breaks() -> None:
    old = asking(rating("q1"), introduction="Two minutes.", thanks="Thanks.")
    assert whole(old, replace(old, title="Your visit!")) == [("title_changed", "cosmetic")]
    assert whole(old, replace(old, title="Us")) == [("title_changed", "comparable")]
    assert whole(old, replace(old, introduction="")) == [("introduction_changed", "comparable")]
    assert whole(old, replace(old, thanks="Bye.")) == [("thanks_changed", "cosmetic")]
    assert whole(old, replace(old, paging="questions")) == [("paging_changed", "comparable")]
    titled = in_sections(section("visit", rating("q1"), title="Visit"))
    assert whole(asking(rating("q1")), titled) == [("section_title_changed", "comparable")]
    mixed = in_sections(section("visit", rating("q1"), order="random"))
    assert whole(asking(rating("q1")), mixed) == [("section_order_changed", "comparable")]
    shown = in_sections(section("visit", rating("q1"), show_if={"contact": "a", "equals": "b"}))
    assert whole(asking(rating("q1")), shown) == [("section_condition_changed", "comparable")]
    ruled = asking(rating("q1"), constraints=must({"question": "q1", "at_least": 2}))
    assert whole(asking(rating("q1")), ruled) == [("constraint_changed", "comparable")]


def test_translations_are_told_by_language_and_question() -> None:
    old = asking(choice("q1", "a", "b"), rating("q2"))
    german = {"title": "Besuch", "q1.text": "Was?", "q1.options.a": "A", "q2.text": "Wie?"}
    translated = replace(old, translations={"de": german})
    assert whole(old, translated) == [("translation_added", "comparable")]
    assert whole(translated, old) == [("translation_removed", "comparable")]
    changed = german | {"q1.text": "Welches?", "q1.options.a": "AA", "q2.text": "wie"}
    changes = compare_versions(translated, replace(old, translations={"de": changed}))
    assert [(change.item, change.kind) for change in changes] == [
        ("q1", "comparable"),
        ("q2", "cosmetic"),
    ]


@given(st.permutations(range(7)))
def test_the_fewest_are_told_to_have_moved(order: list[int]) -> None:
    asked = [rating(f"q{number}") for number in range(7)]
    changes = compare_versions(asking(*asked), asking(*(asked[at] for at in order)))
    moved = {change.item for change in changes}
    kept = [at for at in order if f"q{at}" not in moved]
    assert kept == sorted(kept)
    longest = max(
        bin(mask).count("1")
        for mask in range(1 << 7)
        if (picked := [at for at in order if mask >> at & 1]) == sorted(picked)
    )
    assert len(kept) == longest


def test_a_change_can_be_named_again() -> None:
    changes = compare_versions(asking(RATED), asking(replace(RATED, text="Else?", look="stars")))
    assert [change.key for change in changes] == ["q1/text_changed", "q1/look_changed"]
    assert isinstance(changes[0], Change)
