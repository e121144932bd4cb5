"""A questionnaire with conditions within a page and over pages, in two languages, for tests."""

from __future__ import annotations

import copy
from typing import Any

from tests.factories.questionnaires import definition
from tests.respond.asking import translated

SCALE = {"lowest": 1, "highest": 5}
ROUTED: list[dict[str, Any]] = [
    {
        "id": "first",
        "title": "Your visit",
        "questions": [
            {"id": "q1", "type": "rating", "text": "How was it?", "required": True, "scale": SCALE},
            {
                "id": "where",
                "type": "choice",
                "text": "Where did you meet us?",
                "options": [
                    {"code": "shop", "label": "In the shop"},
                    {"code": "else", "label": "Somewhere else", "other": True},
                ],
            },
            {
                "id": "why",
                "type": "text",
                "text": "What went wrong?",
                "show_if": {"question": "q1", "at_most": 2},
            },
        ],
    },
    {
        "id": "bad",
        "title": "We are sorry",
        "show_if": {"question": "q1", "at_most": 2},
        "questions": [{"id": "again", "type": "yes_no", "text": "Will you come again?"}],
    },
    {
        "id": "last",
        "title": "At last",
        "questions": [
            {"id": "place", "type": "text", "lines": 1, "text": "What about {{where|the place}}?"},
            {
                "id": "saw",
                "type": "choice",
                "text": "What did you see?",
                "multiple": True,
                "options": [
                    {"code": "a", "label": "Alarms"},
                    {"code": "none", "label": "Nothing", "exclusive": True},
                ],
            },
            {"id": "photo", "type": "file", "text": "Have you a picture?"},
        ],
    },
]
GERMAN = {"title": "Ihr Besuch", "q1.text": "Wie war es?", "where.text": "Wo?"}


def routed(**changed: Any) -> dict[str, Any]:
    """The definition; one page unless `paging` is changed."""
    asked = copy.deepcopy(definition(sections=ROUTED, **changed))
    if "paging" not in changed:
        # What is answered on the same page cannot be repeated on it.
        asked["sections"][2]["questions"][0]["text"] = "What about the place?"
    return translated(asked, "de", GERMAN, "Deutsch: ")
