"""What changed between versions, and what that means for answers before and after."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.changed_answers import same_words
from survey_app.domain.changes import (
    KINDS,
    Change,
    compare_versions,
    concerns,
    stale_translations,
)
from survey_app.domain.question_types import TYPES
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Nps, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Question, Questionnaire
from survey_app.domain.translating import texts_of
from survey_app.domain.wire import dump_definition
from tests.domain.asking import asking, choice, in_sections, must, rating, section
from tests.domain.strategies import questionnaires

SHOP, WEB = Option(code="shop", label="In the shop"), Option(code="web", label="On the web")
PHONE = Option(code="phone", label="On the phone")
WHERE = Choice(id="q1", text="Where?", options=(SHOP, WEB))
SPEED, CARE = Option(code="speed", label="Speed"), Option(code="care", label="Care")
GRID = Matrix(id="q1", text="How?", rows=(SPEED, CARE), scale=Scale(lowest=1, highest=5))
GRID2 = replace(GRID, id="g")
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
        ("€50", "$50", False),
        ("≤ 5", "≥ 5", False),
        ("★", "★★", False),
        ("🙂", "🙁", False),
        ("कि", "की", False),
        ("(10–20)", "10 20", True),
        ("\N{MINUS SIGN}5", "-5", True),
        ("one\ntwo", "One, two…", True),
        ("snake_case", "snake case", True),
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
    ],
)
def test_who_is_asked_and_what_stands_beside_stays_comparable(
    changed: dict[str, Any], code: str
) -> None:
    assert between(RATED, replace(RATED, **changed)) == [("q1", code, "comparable")]


COSMETIC, COMPARABLE, BREAKING = KINDS
# Each attribute of each type with another value, and the kind of that change.
OF_ALL: dict[str, tuple[Any, str]] = {
    "text": ("Changed?", BREAKING),
    "help": ("Changed.", COMPARABLE),
    "required": (True, COMPARABLE),
    "missing": (("refused",), COMPARABLE),
    "show_if": ({"contact": "a", "equals": "b"}, COMPARABLE),
    "kpi": ("changed", COSMETIC),
}
LOOK: dict[str, tuple[Any, str]] = {"look": ("stars", BREAKING)}
WORDS: dict[str, tuple[Any, str]] = {"anchors": ({1: "bad"}, BREAKING), **LOOK}
SCALE: dict[str, tuple[Any, str]] = {"scale": (Scale(lowest=1, highest=7), BREAKING), **LOOK}
ORDER: dict[str, tuple[Any, str]] = {"order": ("random", COMPARABLE)}
OPTIONS: dict[str, tuple[Any, str]] = {"options": ((SHOP, WEB), BREAKING), **ORDER}
ENDS: dict[str, tuple[Any, str]] = {"lowest": (1, BREAKING), "highest": (9, BREAKING)}
OF_TYPE: dict[str, dict[str, tuple[Any, str]]] = {
    "rating": SCALE,
    "nps": WORDS,
    "csat": WORDS,
    "ces": WORDS,
    "matrix": {"rows": ((SPEED,), COMPARABLE), **SCALE, **ORDER},
    "choice": {
        **OPTIONS,
        "multiple": (True, BREAKING),
        "least": (1, BREAKING),
        "most": (2, BREAKING),
    },
    "ranking": {**OPTIONS, "places": (2, BREAKING)},
    "constant_sum": {**OPTIONS, "total": (10, BREAKING), "unit": ("hours", BREAKING)},
    "yes_no": {},
    "number": {**ENDS, "unit": ("hours", BREAKING), "whole": (True, COMPARABLE)},
    "date": {"earliest": ("2026-01-01", BREAKING), "latest": ("2026-01-02", BREAKING)},
    "time": {},
    "duration": {**ENDS, "units": (("days",), BREAKING)},
    "text": {"lines": (9, COMPARABLE), "longest": (9, COMPARABLE)},
    "consent": {"statement": ("Changed.", BREAKING)},
    "info": {},
    "file": {"kinds": (("pdf",), COMPARABLE), "megabytes": (1, COMPARABLE)},
}
ATTRIBUTES = [
    pytest.param(kind, name, *entry, id=f"{kind}-{name}")
    for kind, own in OF_TYPE.items()
    for name, entry in {**OF_ALL, **own}.items()
]


@pytest.mark.parametrize(("kind", "name", "value", "expected"), ATTRIBUTES)
def test_each_attribute_of_each_type_changes_as_the_table_says(
    kind: str, name: str, value: Any, expected: str
) -> None:
    named = {"scale": Scale(lowest=1, highest=5)} if kind in ("rating", "matrix") else {}
    base = TYPES[kind](id="q1", text="?", **named)
    if (kind, name) == ("info", "text"):
        expected = COMPARABLE
    kinds = {
        one.kind for one in compare_versions(asking(base), asking(replace(base, **{name: value})))
    }
    assert kinds == {expected}


@pytest.mark.parametrize("kind", list(TYPES))
def test_the_table_has_every_attribute(kind: str) -> None:
    known = {one.name for one in fields(TYPES[kind]) if one.init and one.name != "id"}
    assert known == OF_ALL.keys() | OF_TYPE[kind].keys()


@pytest.mark.parametrize(
    ("flag", "expected"),
    [("other", COMPARABLE), ("exclusive", BREAKING), ("fixed", COMPARABLE)],
)
def test_each_flag_of_an_option_changes_as_the_table_says(flag: str, expected: str) -> None:
    assert {one.name for one in fields(Option)} == {"code", "label", "other", "exclusive", "fixed"}
    changed = replace(SHOP, **{flag: True})
    for kind in (Choice, Ranking, ConstantSum):
        base = kind(id="q1", text="?", options=(SHOP, WEB))
        assert [one[2] for one in between(base, replace(base, options=(changed, WEB)))] == [
            expected
        ]


def test_a_row_may_be_held_in_its_place() -> None:
    held = replace(GRID, rows=(replace(SPEED, fixed=True), CARE))
    assert between(GRID, held) == [("q1.speed", "fixed_changed", "comparable")]


def test_the_order_in_which_units_are_named_is_nobodys() -> None:
    took = Duration(id="q1", text="?", units=("hours", "minutes"))
    assert between(took, replace(took, units=("minutes", "hours"))) == [
        ("q1", "units_moved", "cosmetic")
    ]


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
    shown = {"contact": "a", "equals": "b"}
    titled = section("c", *asked[3:], title="More", show_if=shown, order="random")
    assert whole(left, in_sections(section("a", *asked[:3]), titled)) == [
        ("section_title_changed", "comparable"),
        ("section_condition_changed", "comparable"),
        ("section_order_changed", "comparable"),
    ]
    split = in_sections(
        *left.sections[:1], section("b", asked[3]), replace(titled, questions=(asked[4], asked[5]))
    )
    assert ("section_condition_changed", "comparable") in whole(left, split)


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
        ("q1", "breaking"),
        ("q2", "cosmetic"),
    ]
    assert changes[0].place == "translation de, q1.text, q1.options.a"


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


def test_words_of_rules_and_their_order_are_told() -> None:
    one, two = must({"question": "q1", "at_least": 2}), must({"question": "q1", "at_most": 4})
    old = asking(rating("q1"), rating("q2"), constraints=(*one, *two))
    other = replace(one[0], message="Look again.")
    (change,) = compare_versions(old, replace(old, constraints=(other, *two)))
    assert (change.code, change.kind, change.item, change.place) == (
        "constraint_message_changed",
        "comparable",
        "q1",
        "constraint 1, message",
    )
    tidied = replace(one[0], message="Correct one of the two!")
    elsewhere = replace(one[0], at="q2")
    for again, code in (
        (tidied, "constraint_message_changed"),
        (elsewhere, "constraint_place_changed"),
    ):
        assert whole(old, replace(old, constraints=(again, *two))) == [(code, "cosmetic")]
    assert whole(old, replace(old, constraints=(*two, *one))) == [("constraints_moved", "cosmetic")]


def test_the_words_of_rules_that_swap_keep_their_translations() -> None:
    one, two = must({"question": "q1", "at_least": 2}), must({"question": "q1", "at_most": 4})
    two = (replace(two[0], message="Not so high."),)
    german = {"constraint.1": "Eins.", "constraint.2": "Zwei."}
    old = asking(rating("q1"), constraints=(*one, *two), translations={"de": german})
    swapped = {"constraint.1": "Zwei.", "constraint.2": "Eins."}
    new = replace(old, constraints=(*two, *one), translations={"de": swapped})
    assert whole(old, new) == [("constraints_moved", "cosmetic")]
    assert stale_translations(dump_definition(old), dump_definition(new)) == {}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("q1.text", "Wie war er?", ("q1", "breaking")),
        ("q1.text", "WIE WAR ES", ("q1", "cosmetic")),
        ("q1.help", "Alles in allem.", ("q1", "comparable")),
        ("q1.anchors.1", "übel", ("q1", "breaking")),
        ("q2.rows.care", "Sorgfalt", ("q2.care", "breaking")),
        ("q3.options.web", "Im Netz", ("q3", "breaking")),
        ("title", "Ihr Besuch bei uns", ("", "comparable")),
        ("thanks", "Auf bald!", ("", "cosmetic")),
        ("visit.title", "Hier", ("", "comparable")),
        ("i.text", "Lies.", ("", "comparable")),
    ],
)
def test_a_translation_is_judged_like_its_original(
    name: str, text: str, expected: tuple[str, str]
) -> None:
    asked = [
        replace(RATED, help="All in all."),
        replace(GRID, id="q2"),
        replace(WHERE, id="q3"),
        Info(id="i", text="Read."),
    ]
    old = in_sections(section("visit", *asked, title="Here"), thanks="Bye.")
    german = dict.fromkeys(texts_of(dump_definition(old)), "-") | {"q1.text": "Wie war es?"}
    old = replace(old, translations={"de": german})
    (change,) = compare_versions(old, replace(old, translations={"de": german | {name: text}}))
    assert (change.item, change.kind) == expected
    assert name in change.place


def test_a_translation_that_its_original_left_behind_is_stale() -> None:
    german = {"title": "Besuch", "q1.text": "Wie war es?", "q1.anchors.1": "schlecht"}
    old = asking(RATED, translations={"de": german, "fr": german})
    reworded = asking(replace(RATED, text="How good was it?"))

    def stale(**later: dict[str, str]) -> dict[str, list[str]]:
        new = replace(reworded, translations=later)
        return stale_translations(dump_definition(old), dump_definition(new))

    assert stale(de=german, fr=german | {"q1.text": "Qu'en pensez-vous ?"}) == {"de": ["q1.text"]}
    assert stale(es=german) == {}
    tidied = asking(replace(RATED, text="how was it"), translations={"de": german})
    assert stale_translations(dump_definition(old), dump_definition(tidied)) == {}


def test_what_comes_back_is_compared_with_when_it_was_last_asked() -> None:
    first, second = asking(RATED, GRID2), asking(rating("q9"), replace(GRID2, rows=(SPEED,)))
    before = [replace(first, title="Oldest"), first]
    again = asking(RATED, rating("q9"), GRID2)
    told = [(one.item, one.code, one.kind) for one in compare_versions(second, again, before)]
    assert told == [
        ("q1", "question_returned", "breaking"),
        ("g.care", "row_returned", "breaking"),
    ]
    reworded = replace(again.sections[0], questions=(replace(RATED, text="Well?"), rating("q9")))
    codes = [one.code for one in compare_versions(second, in_sections(reworded), before)]
    assert codes == ["question_returned", "text_changed", "question_removed"]
    assert "question_added" in [one.code for one in compare_versions(second, again)]
