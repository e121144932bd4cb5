"""The rule's kind of a change is overruled with a reason, or not at all."""

from __future__ import annotations

import pytest

from survey_app.domain.changes import BREAKING, COMPARABLE, Change
from survey_app.domain.overruling import LONGEST_NOTE, Overrule, apply_overrules

CHANGE = Change("q1/text_changed", "question q1", "q1", BREAKING, "text_changed", "Because.")
OTHER = Change("q2/kpi_changed", "question q2", "q2", COMPARABLE, "kpi_changed", "Because.")


def test_with_a_note_the_kind_is_the_managers_and_the_rest_stays() -> None:
    changes, problems = apply_overrules(
        [CHANGE, OTHER], {"q1/text_changed": Overrule(COMPARABLE, "A typing error.")}
    )
    assert problems == []
    assert [change.kind for change in changes] == [COMPARABLE, COMPARABLE]
    assert [change.key for change in changes] == ["q1/text_changed", "q2/kpi_changed"]


@pytest.mark.parametrize(
    ("key", "overrule", "code"),
    [
        ("q1/text_changed", Overrule(COMPARABLE, " \n"), "no_note"),
        ("q1/text_changed", Overrule(COMPARABLE, "x" * (LONGEST_NOTE + 1)), "too_long"),
        ("q1/text_changed", Overrule("harmless", "Really."), "unknown_kind"),
        ("q9/text_changed", Overrule(COMPARABLE, "Really."), "unknown_change"),
    ],
)
def test_without_a_sound_reason_for_a_real_change_nothing_is_overruled(
    key: str, overrule: Overrule, code: str
) -> None:
    _changes, problems = apply_overrules([CHANGE], {key: overrule})
    assert [problem.code for problem in problems] == [code]


def test_the_rules_own_kind_overrules_nothing() -> None:
    changes, problems = apply_overrules([CHANGE], {"q1/text_changed": Overrule(BREAKING, "")})
    assert (changes, problems) == ([CHANGE], [])
