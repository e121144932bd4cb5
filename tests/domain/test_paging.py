"""Pages: which comes next, what is on one, and where one goes on."""

from __future__ import annotations

import json

from survey_app.domain.paging import (
    last_page,
    lay_out,
    next_page,
    open_page,
    page_of,
    previous_page,
)
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import Questionnaire, Section

IF_YES = {"question": "a", "equals": "yes"}
IF_NO = {"question": "a", "equals": "no"}
SURVEY = Questionnaire(
    key="pages",
    paging="sections",
    sections=(
        Section(
            id="one",
            title="One",
            questions=(YesNo(id="a"), Text(id="a_why", show_if=IF_NO), Info(id="note")),
        ),
        Section(id="two", show_if=IF_YES, questions=(Text(id="b"),)),
        Section(id="three", questions=(Text(id="c", show_if=IF_YES), Text(id="d"))),
    ),
)
YES = {"a": {"value": "yes"}}
NO = {"a": {"value": "no"}}


def test_the_next_and_the_previous_page_are_those_on_which_something_is_asked() -> None:
    assert next_page(SURVEY, "one", YES, {}) == "two"
    assert next_page(SURVEY, "one", NO, {}) == "three"
    assert next_page(SURVEY, "three", YES, {}) is None
    assert previous_page(SURVEY, "three", NO, {}) == "one"
    assert previous_page(SURVEY, "one", NO, {}) is None
    assert last_page(SURVEY, NO, {}) == "three"


def test_one_goes_on_where_something_was_neither_answered_nor_skipped() -> None:
    assert open_page(SURVEY, {}, {}) == "one"
    assert open_page(SURVEY, YES, {}) == "two"
    assert open_page(SURVEY, NO, {}) == "one"
    answered = NO | {"a_why": {"missing": "skipped"}}
    assert open_page(SURVEY, answered, {}) == "three"
    assert open_page(SURVEY, answered | {"d": {"value": "x"}}, {}) == "three"


def test_what_depends_on_the_page_itself_is_left_to_the_page() -> None:
    sheet = lay_out(SURVEY, "one", {}, {})
    (part,) = sheet.parts
    assert [block.question.id for block in part.blocks] == ["a", "a_why", "note"]
    assert [block.hidden for block in part.blocks] == [False, True, False]
    assert json.loads(part.blocks[1].condition) == IF_NO
    shown = lay_out(SURVEY, "one", NO, {}).parts[0].blocks[1]
    assert (shown.hidden, bool(shown.condition)) == (False, True)


def test_what_earlier_pages_have_decided_is_there_or_not() -> None:
    def ids(answers: dict[str, dict[str, str]]) -> list[str]:
        sheet = lay_out(SURVEY, "three", answers, {})
        return [block.question.id for part in sheet.parts for block in part.blocks]

    assert ids(YES) == ["c", "d"]
    assert ids(NO) == ["d"]


def test_the_place_counts_the_pages_that_may_be_seen() -> None:
    first = lay_out(SURVEY, "one", {}, {})
    assert (first.place, first.total, first.is_certain) == (1, 3, False)
    assert (first.is_first, first.is_last) == (True, False)
    last = lay_out(SURVEY, "three", NO, {})
    assert (last.place, last.total, last.is_certain) == (2, 2, True)
    assert last.is_last


def test_questions_are_numbered_where_all_are_asked() -> None:
    plain = Questionnaire(
        key="plain",
        sections=(Section(id="s", questions=(Text(id="a"), Info(id="note"), Text(id="b"))),),
    )
    blocks = lay_out(plain, "", {}, {}).parts[0].blocks
    assert [block.number for block in blocks] == [1, None, 2]
    assert {block.number for block in lay_out(SURVEY, "one", {}, {}).parts[0].blocks} == {None}


def test_a_page_is_found_by_what_is_asked_on_it() -> None:
    assert page_of(SURVEY, "c") == "three"
