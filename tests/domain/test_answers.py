"""Answers: what comes out is what went in, and every item leaves a value or a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.answers import AnswerForm, Reading, spread_answers
from survey_app.domain.imported_answers import read_imported
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Constraint, Page, Question, Questionnaire, Section
from survey_app.domain.routing import find_path
from tests.domain.judging import judge, path_of
from tests.domain.strategies import (
    CONTACTS,
    STRANGE,
    answer_to,
    answers,
    laws,
    questionnaires,
    routed_questionnaires,
    values,
)

FIVE = Scale(lowest=1, highest=5)
RATING = Rating(id="q1", text="How?", required=True, scale=FIVE, missing=("dont_know", "refused"))
CHOICE = Choice(
    id="q2",
    text="Which?",
    options=(Option(code="a", label="A"), Option(code="b", label="B")),
    multiple=True,
)
NUMBER = Number(id="q3", text="How long?", whole=True)
TEXT = Text(id="q4", text="What else?")
SKIPPED = {"missing": "skipped"}
NOT_SHOWN = {"missing": "not_shown"}


def asking(*questions: Question, paging: str = "", constraints: Any = ()) -> Questionnaire:
    """One section for each question."""
    return Questionnaire(
        key="visit",
        title="Visit",
        paging=paging,
        sections=tuple(
            Section(id=f"s{number}", questions=(question,))
            for number, question in enumerate(questions, start=1)
        ),
        constraints=constraints,
    )


SURVEY = asking(RATING, CHOICE, NUMBER, TEXT)


def read(survey: Questionnaire, posted: Mapping[str, Sequence[str]], **options: Any) -> Reading:
    contact = options.pop("contact", {})
    earlier = options.pop("earlier", {})
    return AnswerForm(survey).read_page(
        options.pop("page", ""), posted, earlier, contact, **options
    )


def codes_of(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in reading.problems]


def refused(**posted: list[str]) -> list[tuple[str, str]]:
    return codes_of(read(SURVEY, {"q1": ["3"], **posted}))


# Laws.

surveys = st.one_of(questionnaires(), routed_questionnaires())


def posted_for(page: Page, document: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """What a browser sends for a page on which all that is on the path could be seen."""
    shown = [question for question in page.questions if question.id in path]
    return {
        **spread_answers(shown, document),
        **{f"{question.id}__shown": ["1"] for question in shown},
        "csrf_token": ["x"],
    }


def broken_in(
    survey: Questionnaire, document: Mapping[str, Any], contact: Mapping[str, str], page: Page
) -> list[str]:
    """The messages of the constraints that are decided on a page and do not hold."""
    order = [item.id for item in survey.items]
    here = {item.id for question in page.questions for item in question.items}
    told = []
    for constraint in survey.constraints:
        named = [name for name in order if f"'question': '{name}'" in repr(constraint.must)]
        if not named or named[-1] not in here:
            continue
        named_values = {
            name: document[name]["value"] for name in named if "value" in document[name]
        }
        if len(named_values) == len(named) and not judge(constraint.must, named_values, contact):
            told.append(constraint.message)
    return told


@laws
@given(st.data(), surveys, CONTACTS)
def test_what_is_posted_page_by_page_is_what_was_answered(
    data: st.DataObject, survey: Questionnaire, contact: dict[str, str]
) -> None:
    document = data.draw(answers(survey, contact))
    path = path_of(survey, document, contact)
    form = AnswerForm(survey)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    so_far: dict[str, Any] = {}
    for page in survey.pages:
        posted = posted_for(page, document, path)
        for question in page.questions:
            if question.id not in path:
                # Whatever is posted off the path is not even looked at.
                posted |= {name: ["3", "\0"] for name in question.field_names}
                posted |= spread_answers(
                    [question], {item.id: data.draw(answer_to(item)) for item in question.items}
                )
        reading = form.read_page(page.id, posted, so_far, contact)
        told = [problem.message for problem in reading.problems]
        assert told == broken_in(survey, document, contact, page)
        assert reading.unseen == ()
        assert reading.answers == {
            item.id: document[item.id]
            for question in page.questions
            if question.id in path
            for item in question.items
        }
        so_far |= reading.answers
    assert form.lacking(so_far, contact) == []
    complete = form.complete(so_far, contact)
    assert complete == document
    assert list(complete) == [item.id for item in survey.items]
    assert [question.id for question in find_path(survey, complete, contact)] == path
    assert form.complete(complete, contact) == complete
    found = [problem.message for problem in form.broken_constraints(complete, contact)]
    assert sorted(found) == sorted(
        message for page in survey.pages for message in broken_in(survey, complete, contact, page)
    )


@laws
@given(st.data(), routed_questionnaires(), CONTACTS)
def test_whoever_answers_what_is_shown_gets_to_the_end_without_a_script(
    data: st.DataObject, survey: Questionnaire, contact: dict[str, str]
) -> None:
    document = data.draw(answers(survey, contact))
    form = AnswerForm(survey)
    so_far: dict[str, Any] = {}
    for page in survey.pages:
        seen = [
            question.id
            for section in page.sections
            for question in section.questions
            if section.show_if is None and question.show_if is None
        ]
        for _round in range(len(page.questions) + 1):
            posted = posted_for(page, document, seen)
            reading = form.read_page(page.id, posted, so_far, contact)
            assert not {question.id for question in reading.unseen} & set(seen)
            if not reading.unseen:
                break
            seen += [question.id for question in reading.unseen]
        so_far |= reading.answers
    assert form.complete(so_far, contact) == document


@laws
@given(st.data(), routed_questionnaires(), CONTACTS)
def test_a_page_changed_later_is_read_among_all_other_answers(
    data: st.DataObject, survey: Questionnaire, contact: dict[str, str]
) -> None:
    form = AnswerForm(survey)
    document = data.draw(answers(survey, contact))
    page = data.draw(st.sampled_from(survey.pages))
    other = data.draw(answers(survey, contact))
    posted = posted_for(page, other, [question.id for question in page.questions])
    reading = form.read_page(page.id, posted, document, contact, required=False)
    assert {problem.code for problem in reading.problems} <= {"constraint"}
    after = form.complete({**document, **reading.answers}, contact)
    path = path_of(survey, after, contact)
    for question in survey.questions:
        for item in question.items:
            assert (after[item.id] == NOT_SHOWN) == (question.id not in path)


@laws
@given(st.data(), surveys, CONTACTS)
def test_no_post_breaks_the_reader(
    data: st.DataObject, survey: Questionnaire, contact: dict[str, str]
) -> None:
    form = AnswerForm(survey)
    page = data.draw(st.sampled_from(survey.pages))
    names = ["", "csrf_token", "q9", "q9__missing", "\ud800", "\0", "x" * 1000]
    for question in survey.questions:
        names += [*question.field_names, f"{question.id}__shown"] * 3
        names += [f"{question.id}__missing", f"{question.id}__other", f"{question.id}.z"]
    texts = [*STRANGE, *map(str, range(-1, 12)), "refused", "missing:dont_know"]
    for item in survey.items:
        texts += item.encode(data.draw(values(item))["value"])
    given_texts = st.lists(st.sampled_from(texts) | st.text(max_size=3), max_size=2)
    posted = data.draw(st.dictionaries(st.sampled_from(names), given_texts, max_size=20))
    reading = form.read_page(page.id, posted, {}, contact)
    for problem in reading.problems:
        assert problem.place
        assert problem.code.isidentifier()
        assert str(problem).encode("utf-8")
        assert str(problem).isprintable() or problem.code == "constraint"
        assert len(str(problem)) < 3000
    here = {item.id: item for question in page.questions for item in question.items}
    for item_id, answer in reading.answers.items():
        assert (answer.keys() & {"value", "missing"}) in ({"value"}, {"missing"})
        item = here[item_id]
        if "value" in answer:
            fields = item.spread(answer)
            assert set(fields) <= set(item.field_names)
            assert item.collect(fields) == answer
        else:
            assert answer["missing"] in ("skipped", *item.missing)
    json.dumps(reading.answers, allow_nan=False).encode("utf-8")
    json.dumps(reading.answers, ensure_ascii=False).encode("utf-8")
    complete = form.complete(reading.answers, contact)
    assert list(complete) == [item.id for item in survey.items]
    document, problems = read_imported(
        survey, {name: texts[0] for name, texts in posted.items() if texts}, {}
    )
    assert list(document) == list(complete)
    assert all(problem.place for problem in problems)


@laws
@given(st.data(), questionnaires())
def test_an_imported_row_of_encoded_values_is_read_again(
    data: st.DataObject, survey: Questionnaire
) -> None:
    document = data.draw(answers(survey))
    cells, missing = {}, {}
    for item in survey.items:
        answer: dict[str, Any] = document[item.id]
        answer.pop("other", None)
        if "value" in answer:
            cells[item.id] = "|".join(item.encode(answer["value"]))
        else:
            missing[item.id] = answer["missing"]
    assert read_imported(survey, cells, missing) == (document, [])


# One page.


def test_every_item_of_the_page_is_read_and_the_unanswered_are_skipped() -> None:
    reading = read(SURVEY, {"q1": ["4"], "q2": [""], "csrf_token": ["x"]})
    assert reading.problems == []
    assert reading.answers == {"q1": {"value": 4}, "q2": SKIPPED, "q3": SKIPPED, "q4": SKIPPED}


def test_a_required_question_takes_an_answer_or_an_offered_code() -> None:
    assert refused(q1=[""]) == [("q1", "required")]
    assert refused(q1=[], q1__missing=["refused"]) == []
    problem = read(SURVEY, {}).problems[0]
    assert "or say why not" in problem.message
    problem = read(asking(replace(RATING, missing=())), {}).problems[0]
    assert "or say why not" not in problem.message


def test_in_a_draft_nothing_has_to_be_answered_yet() -> None:
    reading = read(SURVEY, {"q3": ["x"]}, required=False)
    assert codes_of(reading) == [("q3", "not_a_number")]
    assert reading.answers["q1"] == SKIPPED


def test_what_is_refused_is_not_among_the_answers() -> None:
    reading = read(SURVEY, {"q1": ["9"], "q3": ["5"]})
    assert codes_of(reading) == [("q1", "outside_scale")]
    assert reading.answers == {"q2": SKIPPED, "q3": {"value": 5}, "q4": SKIPPED}


def test_a_value_and_a_missing_code_together_are_named_not_guessed() -> None:
    assert refused(q1__missing=["dont_know"]) == [("q1", "value_and_missing")]


def test_an_empty_missing_field_is_no_code() -> None:
    assert refused(q1__missing=[""]) == []


@pytest.mark.parametrize(
    ("field", "codes", "code"),
    [
        ("q1__missing", ["not_applicable"], "missing_not_offered"),
        ("q1__missing", ["skipped"], "missing_not_offered"),
        ("q1__missing", ["not_shown"], "missing_not_offered"),
        ("q1__missing", ["refused", "dont_know"], "several_missing"),
        ("q4__missing", ["refused"], "missing_not_offered"),
    ],
)
def test_codes_not_offered_are_refused(field: str, codes: list[str], code: str) -> None:
    assert refused(**{"q1": [""], field: codes})[-1] == (field[:2], code)


def test_unknown_fields_are_refused_by_name() -> None:
    assert refused(q9=["x"], q9__missing=["refused"]) == [
        ("q9", "unknown_question"),
        ("q9__missing", "unknown_question"),
    ]
    assert codes_of(read(SURVEY, {"q1": ["3"], "": ["x"]})) == [('""', "unknown_question")]


def test_a_flood_of_unknown_fields_is_told_of_in_part() -> None:
    flood = {f"field{number}": ["x"] for number in range(50_000)}
    assert len(refused(**flood)) == 20


def test_a_flood_of_marks_is_read_at_once() -> None:
    flood = [f"missing:{number}" for number in range(50_000)] + ["3"] * 50_000
    assert codes_of(read(SURVEY, {"q1": flood})) == [("q1", "several_values")]


def test_the_fields_of_another_page_are_unknown() -> None:
    survey = replace(SURVEY, paging="questions")
    assert codes_of(read(survey, {"q2": ["a"], "q1": ["3"]}, page="q1")) == [
        ("q2", "unknown_question")
    ]


def test_a_page_that_does_not_exist_is_a_surprise() -> None:
    with pytest.raises(KeyError):
        read(SURVEY, {}, page="s9")


def test_all_problems_are_told_at_once() -> None:
    assert refused(q1=["9"], q2=["z"], q3=["1,234"], q4=["\0"]) == [
        ("q1", "outside_scale"),
        ("q2", "unknown_option"),
        ("q3", "decimal_comma"),
        ("q4", "bad_character"),
    ]


def test_text_that_looks_like_a_formula_or_markup_is_kept_as_typed() -> None:
    typed = "=HYPERLINK(1)\r\n<script>\u202e 👩🏽‍🚒"
    reading = read(asking(TEXT), {"q4": [typed]})
    assert reading.answers == {"q4": {"value": typed.replace("\r\n", "\n")}}


def test_two_readings_of_one_form_share_nothing() -> None:
    form = AnswerForm(SURVEY)
    first = form.read_page("", {"q1": ["3"]}, {}, {})
    first.answers["q1"]["value"] = 99
    assert form.read_page("", {"q1": ["3"]}, {}, {}).answers["q1"] == {"value": 3}


# Missing codes among the values.


@pytest.mark.parametrize(
    "question",
    [RATING, replace(CHOICE, id="q1", multiple=False, missing=("dont_know", "refused"))],
)
def test_where_one_value_is_picked_a_missing_code_may_be_picked_in_its_place(
    question: Rating | Choice,
) -> None:
    survey = asking(question)
    reading = read(survey, {"q1": ["missing:refused"]})
    assert (reading.answers, reading.problems) == ({"q1": {"missing": "refused"}}, [])
    for posted, code in [
        (["missing:refused", "missing:dont_know"], "several_missing"),
        (["missing:nonsense"], "missing_not_offered"),
        (["missing:skipped"], "missing_not_offered"),
        (["missing:"], "missing_not_offered"),
    ]:
        assert codes_of(read(survey, {"q1": posted})) == [("q1", code)]


def test_a_value_picked_together_with_a_missing_code_is_refused() -> None:
    assert refused(q1=["3", "missing:refused"]) == [("q1", "value_and_missing")]


def test_the_same_code_marked_twice_is_refused() -> None:
    assert refused(q1=["missing:refused"], q1__missing=["refused"]) == [("q1", "several_missing")]


def test_text_that_looks_like_a_missing_code_stays_text() -> None:
    reading = read(SURVEY, {"q1": ["3"], "q4": ["missing:refused"]})
    assert reading.problems == []
    assert reading.answers["q4"] == {"value": "missing:refused"}


def test_each_row_of_a_matrix_is_an_item() -> None:
    rows = (Option(code="speed", label="Speed"), Option(code="care", label="Care"))
    matrix = Matrix(id="m", text="?", rows=rows, scale=FIVE, required=True, missing=("refused",))
    survey = asking(matrix)
    reading = read(survey, {"m.speed": ["5"], "m.care__missing": ["refused"]})
    assert reading.problems == []
    assert reading.answers == {"m.speed": {"value": 5}, "m.care": {"missing": "refused"}}
    assert codes_of(read(survey, {"m.speed": ["5"]})) == [("m.care", "required")]
    assert codes_of(read(survey, {"m.speed": ["5"], "m.care": ["1"], "m": ["2"]})) == [
        ("m", "unknown_question")
    ]


# Conditions.

UNHAPPY = {"question": "q1", "at_most": 2}
WHY = Text(id="why", text="Why?", required=True, show_if=UNHAPPY)
ASKED = asking(RATING, WHY, TEXT)


def test_off_the_path_nothing_is_wanted_and_nothing_is_kept() -> None:
    reading = read(ASKED, {"q1": ["5"], "why": ["no reason\0"]})
    assert reading.problems == []
    assert reading.answers == {"q1": {"value": 5}, "q4": SKIPPED}
    assert AnswerForm(ASKED).complete(reading.answers, {}) == {
        "q1": {"value": 5},
        "why": NOT_SHOWN,
        "q4": SKIPPED,
    }


def test_a_question_nobody_saw_has_to_be_shown_first() -> None:
    reading = read(ASKED, {"q1": ["1"]})
    assert reading.problems == []
    assert [question.id for question in reading.unseen] == ["why"]
    assert "why" not in reading.answers


@pytest.mark.parametrize("shown", [{"why__shown": ["1"]}, {"why__shown": [""]}])
def test_a_form_says_what_it_showed(shown: dict[str, list[str]]) -> None:
    reading = read(ASKED, {"q1": ["1"], **shown})
    assert reading.unseen == ()
    assert codes_of(reading) == [("why", "required")]


def test_whoever_answers_a_question_has_seen_it() -> None:
    assert read(ASKED, {"q1": ["1"], "why": ["Late"]}).unseen == ()
    reading = read(ASKED, {"q1": ["1"], "why": ["\0"]})
    assert reading.unseen == ()
    assert codes_of(reading) == [("why", "bad_character")]


def test_a_text_that_appears_is_shown_as_a_question_is() -> None:
    sorry = Info(id="sorry", text="Sorry!", show_if=UNHAPPY)
    survey = asking(RATING, sorry)
    assert [question.id for question in read(survey, {"q1": ["1"]}).unseen] == ["sorry"]
    assert read(survey, {"q1": ["1"], "sorry__shown": ["1"]}).unseen == ()
    assert read(survey, {"q1": ["5"]}).unseen == ()


def test_earlier_pages_decide_and_their_off_path_answers_do_not() -> None:
    survey = replace(
        asking(RATING, WHY, replace(TEXT, show_if={"question": "why", "answered": True})),
        paging="sections",
    )
    late = {"q1": {"value": 1}, "why": {"value": "Late"}}
    posted = {"q4": ["More"]}
    assert read(survey, posted, earlier=late, page="s3").answers == {"q4": {"value": "More"}}
    # An answer from before the person changed their mind.
    happy = {**late, "q1": {"value": 5}}
    assert read(survey, posted, earlier=happy, page="s3").answers == {}
    assert AnswerForm(survey).complete({**happy, "q4": {"value": "More"}}, {}) == {
        "q1": {"value": 5},
        "why": NOT_SHOWN,
        "q4": NOT_SHOWN,
    }


def test_what_was_answered_before_on_the_same_page_counts_no_more() -> None:
    reading = read(ASKED, {"q1": [""]}, earlier={"q1": {"value": 1}}, required=False)
    assert reading.unseen == ()
    assert reading.answers == {"q1": SKIPPED, "q4": SKIPPED}


def test_the_contact_decides_too() -> None:
    survey = asking(replace(TEXT, show_if={"contact": "visits", "at_least": 3}))
    assert read(survey, {"q4": ["x"]}, contact={"visits": "12"}).answers == {"q4": {"value": "x"}}
    for contact in ({"visits": "2"}, {"visits": ""}, {}):
        assert read(survey, {"q4": ["x"]}, contact=contact).answers == {}


def test_what_is_lacking_was_never_reached() -> None:
    form = AnswerForm(ASKED)
    assert [question.id for question in form.lacking({}, {})] == ["q1", "q4"]
    assert [question.id for question in form.lacking({"q1": {"value": 1}}, {})] == ["why", "q4"]
    assert form.lacking({"q1": {"value": 5}, "q4": SKIPPED}, {}) == []


def test_what_was_off_the_path_before_and_is_on_it_now_was_never_answered() -> None:
    form = AnswerForm(ASKED)
    changed = {"q1": {"value": 1}, "why": NOT_SHOWN, "q4": SKIPPED}
    assert [question.id for question in form.lacking(changed, {})] == ["why"]
    assert form.complete(changed, {})["why"] == SKIPPED


# Between answers.

TOTAL = Number(id="total", text="In all?")
PART = Number(id="part", text="Of these?")
WITHIN = Constraint(
    must={"question": "part", "at_most": {"question": "total"}}, message="More than all."
)
COUNTED = asking(TOTAL, PART, constraints=(WITHIN,))


def test_what_must_hold_between_answers_is_told_at_the_last_of_them() -> None:
    assert codes_of(read(COUNTED, {"total": ["3"], "part": ["3"]})) == []
    reading = read(COUNTED, {"total": ["3"], "part": ["4"]})
    assert codes_of(reading) == [("part", "constraint")]
    assert reading.problems[0].message == "More than all."
    moved = replace(COUNTED, constraints=(replace(WITHIN, at="total"),))
    assert codes_of(read(moved, {"total": ["3"], "part": ["4"]})) == [("total", "constraint")]


@pytest.mark.parametrize("posted", [{"total": ["3"]}, {"part": ["4"]}, {}, {"part": ["x"]}])
def test_while_an_answer_is_missing_nothing_is_said(posted: dict[str, list[str]]) -> None:
    assert "constraint" not in [code for _, code in codes_of(read(COUNTED, posted))]


def test_across_pages_the_later_page_tells() -> None:
    survey = replace(COUNTED, paging="sections")
    earlier = {"total": {"value": 3.0}}
    assert codes_of(read(survey, {"total": ["3"]}, page="s1")) == []
    reading = read(survey, {"part": ["4"]}, earlier=earlier, page="s2")
    assert codes_of(reading) == [("part", "constraint")]


def test_an_earlier_page_that_is_changed_is_looked_at_again_at_the_end() -> None:
    form = AnswerForm(replace(COUNTED, paging="sections"))
    document = form.complete({"total": {"value": 1.0}, "part": {"value": 2.0}}, {})
    assert [problem.place for problem in form.broken_constraints(document, {})] == ["part"]


def test_answers_off_the_path_break_nothing() -> None:
    optional = replace(TOTAL, show_if={"question": "q1", "at_least": 3})
    survey = asking(RATING, optional, PART, constraints=(WITHIN,))
    posted = {"total": ["3"], "part": ["4"]}
    assert codes_of(read(survey, {**posted, "q1": ["3"]})) == [("part", "constraint")]
    assert codes_of(read(survey, {**posted, "q1": ["2"]})) == []
    paged = replace(survey, paging="sections")
    earlier = {"q1": {"value": 2}, "total": {"value": 3.0}}
    assert codes_of(read(paged, {"part": ["4"]}, earlier=earlier, page="s3")) == []


# Tables.


def test_an_imported_row_is_read_by_the_same_rules() -> None:
    document, problems = read_imported(
        SURVEY, {"q1": "5", "q2": "b|a", "q3": "12.0", "q4": "Fine"}, {}
    )
    assert problems == []
    assert document == {
        "q1": {"value": 5},
        "q2": {"value": ["a", "b"]},
        "q3": {"value": 12},
        "q4": {"value": "Fine"},
    }
    _, problems = read_imported(SURVEY, {"q1": "9", "q3": "1,234", "q9": "x"}, {"q4": "refused"})
    assert [(problem.place, problem.code) for problem in problems] == [
        ("q1", "outside_scale"),
        ("q3", "decimal_comma"),
        ("q4", "missing_not_offered"),
        ("q9", "unknown_question"),
    ]


def test_an_imported_row_may_tell_why_nothing_was_answered() -> None:
    document, problems = read_imported(
        SURVEY, {"q1": "", "q2": ""}, {"q1": "dont_know", "q2": "not_shown", "q3": ""}
    )
    assert problems == []
    assert document["q1"] == {"missing": "dont_know"}
    assert document["q2"] == NOT_SHOWN
    assert document["q3"] == SKIPPED


def test_in_an_import_nothing_is_required() -> None:
    assert read_imported(SURVEY, {}, {})[1] == []


def test_in_an_import_conditions_decide_where_the_table_has_all_they_look_at() -> None:
    document, problems = read_imported(ASKED, {"q1": "5", "why": ""}, {})
    assert problems == []
    assert document["why"] == NOT_SHOWN
    document, problems = read_imported(ASKED, {"q1": "1", "why": ""}, {})
    assert (document["why"], problems) == (SKIPPED, [])
    _document, (problem,) = read_imported(ASKED, {"q1": "5", "why": "Late"}, {})
    assert (problem.place, problem.code) == ("why", "off_path")
    assert "the condition of question why on q1 does not hold" in problem.message
    assert read_imported(ASKED, {"q1": "1", "why": "Late"}, {})[1] == []
    marked, problems = read_imported(ASKED, {"q1": "5", "why": ""}, {"why": "skipped"})
    assert (marked["why"], problems) == (SKIPPED, [])


def test_in_an_import_what_the_table_lacks_decides_nothing() -> None:
    document, problems = read_imported(ASKED, {"why": "Late"}, {"q1": "not_shown"})
    assert problems == []
    assert document["why"] == {"value": "Late"}
    known = replace(ASKED.questions[-1], show_if={"contact": "segment", "equals": "gold"})
    survey = asking(known)
    assert read_imported(survey, {known.id: ""}, {})[0] == {known.id: SKIPPED}
    # Only what cannot be read is told, not what follows from it.
    _document, problems = read_imported(ASKED, {"q1": "99", "why": "Late"}, {})
    assert [problem.place for problem in problems] == ["q1"]


def test_a_value_and_a_code_in_one_imported_row_are_refused() -> None:
    _, problems = read_imported(SURVEY, {"q1": "4"}, {"q1": "refused"})
    assert [problem.code for problem in problems] == ["value_and_missing"]
