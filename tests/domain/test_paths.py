"""Searching for paths: within bounds, and never another answer than the server's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from survey_app.domain.answers import AnswerForm
from survey_app.domain.paths import Paths
from survey_app.domain.questionnaire import Answer, Question
from survey_app.domain.routing import find_path
from tests.domain.asking import asking, must, rating


def test_a_long_chain_of_conditions_stays_within_bounds() -> None:
    chain: list[Question] = [rating("q0")]
    for number in range(1, 500):
        before = {"question": f"q{number - 1}", "at_least": 4}
        chain.append(rating(f"q{number}", show_if=before))
    questionnaire = asking(*chain)
    paths = Paths(questionnaire)
    budget = paths._left
    for question in questionnaire.questions[1:]:
        assert question.show_if is not None
        assert paths.can_be_reached((question.show_if,)) is True
    assert budget - paths._left < 10 * len(chain)


LEAVES = st.one_of(
    st.builds(
        lambda name, operator, point: {"question": name, operator: point},
        st.sampled_from(["q0", "q1", "q2"]),
        st.sampled_from(["equals", "at_least", "less_than"]),
        st.integers(1, 2),
    ),
    st.builds(
        lambda name, other: {"question": name, "more_than": {"question": other}},
        st.sampled_from(["q0", "q1", "q2"]),
        st.sampled_from(["q0", "q1", "q2"]),
    ),
    st.builds(
        lambda name, flag: {"question": name, "answered": flag},
        st.sampled_from(["q0", "q1", "q2"]),
        st.booleans(),
    ),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


def all_documents(questions: tuple[Question, ...]) -> Iterator[dict[str, Answer]]:
    """Every document that people could send; skipping what is required is none of them."""
    choices: list[list[Answer]] = []
    for question in questions:
        values: list[Answer] = [{"value": value} for value in question.probe(())]
        choices.append(values if question.required else [*values, {"missing": "skipped"}])
    for answers in product(*choices):
        yield dict(zip((question.id for question in questions), answers, strict=True))


def without_answered(condition: dict[str, Any]) -> bool:
    return "answered" not in str(condition)


@given(
    CONDITIONS,
    st.lists(CONDITIONS.filter(without_answered), min_size=1, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_search_and_server_agree_on_who_can_send_what(
    condition: dict[str, Any], rules: list[dict[str, Any]], required: list[bool]
) -> None:
    asked = [rating(f"q{n}", 2, required=required[n]) for n in range(3)]
    last = rating("last", show_if=condition)
    constraints = tuple(one for rule in rules for one in must(rule))
    questionnaire = asking(*asked, last, constraints=constraints)
    form = AnswerForm(questionnaire)
    documents = all_documents(tuple(asked))
    sent = [one for one in documents if not form.broken_constraints(one, {})]
    # Rules that nobody can keep at all are told of by themselves.
    assume(sent)
    reached = any(last in find_path(questionnaire, document, {}) for document in sent)
    paths = Paths(questionnaire)
    assert paths.can_be_reached((condition,), (), range(len(rules))) is reached


@given(st.lists(CONDITIONS, min_size=3, max_size=3), st.lists(st.booleans(), min_size=4))
@settings(max_examples=150, deadline=None)
def test_search_and_server_agree_on_who_comes_where(
    conditions: list[dict[str, Any]], required: list[bool]
) -> None:
    questions: list[Question] = [rating("q0", 2, required=required[0])]
    for number, condition in enumerate(conditions, start=1):
        if not any(f"q{later}" in str(condition) for later in range(number, 4)):
            question = rating(f"q{number}", 2, required=required[number], show_if=condition)
        else:
            question = rating(f"q{number}", 2, required=required[number])
        questions.append(question)
    questionnaire = asking(*questions)
    reached = {
        question.id
        for document in all_documents(questionnaire.questions)
        for question in find_path(questionnaire, document, {})
    }
    paths = Paths(questionnaire)
    for question in questionnaire.questions:
        if question.show_if is not None:
            assert paths.can_be_reached((question.show_if,)) is (question.id in reached)
