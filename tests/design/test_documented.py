"""The questionnaires that the documentation shows can be published."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from survey_app.design.question_forms.lines import CHOICE_MARKS, read_options, write_options
from survey_app.design.reading import read_document
from survey_app.domain.checking import check
from survey_app.domain.wire import load_definition

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```(yaml|text)\n(.*?)```", re.DOTALL)


def blocks(page: str, kind: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [found[2] for found in BLOCK.finditer(text) if found[1] == kind]


@pytest.mark.parametrize(
    "source",
    [one for one in blocks("reference/formats.md", "yaml") if "soundings-questionnaire/1" in one],
)
def test_a_questionnaire_in_the_reference_can_be_published(source: str) -> None:
    definition, problems = read_document(source)
    assert definition is not None, problems
    loaded, problems = load_definition(definition)
    assert loaded is not None, problems
    assert check(loaded) == []


def test_the_options_of_the_guide_are_read_as_it_says() -> None:
    (lines,) = blocks("how-to/questionnaires.md", "text")
    read = read_options(lines, CHOICE_MARKS)
    assert [sorted(option) for option in read] == [
        ["code", "label"],
        ["code", "label", "other"],
        ["code", "exclusive", "label"],
        ["code", "fixed", "label"],
    ]
    assert write_options(read, CHOICE_MARKS) == lines.strip()
