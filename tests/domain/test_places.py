"""Places in words, whatever the definition holds."""

from __future__ import annotations

from typing import Any

import pytest

from survey_app.domain.places import place_of

DEFINITION = {
    "sections": [
        {"id": "visit", "questions": [{"id": "q3", "options": [{"code": "a"}, 7]}, {"id": 4}]},
        "garbage",
    ]
}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ((), "questionnaire"),
        (("title",), "title"),
        (("sections",), "sections"),
        (("sections", 0), 'section 1 "visit"'),
        (("sections", 1), "section 2"),
        (("sections", 0, "questions"), 'section 1 "visit", questions'),
        (
            ("sections", 0, "questions", 0, "scale", "lowest"),
            'section 1 "visit", question q3, scale, lowest',
        ),
        (("sections", 0, "questions", 1, "id"), 'section 1 "visit", question number 2, id'),
        (
            ("sections", 0, "questions", 0, "options", 0, "label"),
            'section 1 "visit", question q3, option 1 "a", label',
        ),
        (
            ("sections", 0, "questions", 0, "options", 1),
            'section 1 "visit", question q3, option 2',
        ),
        (
            ("sections", 0, "questions", 0, "missing", 1),
            'section 1 "visit", question q3, missing, entry 2',
        ),
    ],
)
def test_a_path_reads_as_a_person_would_say_it(path: tuple[Any, ...], words: str) -> None:
    assert place_of(path, DEFINITION) == words
