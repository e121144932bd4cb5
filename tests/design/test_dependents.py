"""What a removal would leave behind."""

from __future__ import annotations

from typing import Any

from survey_app.design.dependents import named_by
from tests.factories.questionnaires import definition


def linked() -> dict[str, Any]:
    """A definition in which a condition, a rule, a text and translations name q1."""
    condition = {"question": "q1", "at_least": 3}
    source = definition(
        thanks="You gave {{q1}}.",
        constraints=[{"must": condition, "message": "Too low."}],
        translations={"de": {"title": "Besuch", "q1.text": "Wie?", "q1.anchors.1": "Nicht"}},
    )
    source["sections"][0]["questions"][1]["show_if"] = condition
    source["sections"][1] |= {"title": "More", "show_if": {"all": [condition]}}
    return source


def test_all_that_names_a_question_is_told() -> None:
    assert named_by(linked(), 1, 1) == [
        "When “Where did you meet us?” is asked",
        "When section “More” is shown",
        "Rule 1, “Too low.”",
        "A text that repeats its answer (Thanks)",
        "2 German translations",
    ]
    assert named_by(linked(), 1, 2) == []


def test_what_goes_with_a_section_is_not_told() -> None:
    assert named_by(linked(), 1, None)[0] == "When section “More” is shown"
    assert named_by(linked(), 2, None) == []


def test_a_row_of_a_matrix_counts_as_its_question() -> None:
    source = definition()
    source["sections"][1]["questions"][0]["show_if"] = {"question": "q1.speed", "at_least": 2}
    assert named_by(source, 1, 1) == ["When “How long did you wait?” is asked"]
