"""A questionnaire with a question of every type and look, in two languages, for tests."""

from __future__ import annotations

import copy
from typing import Any

from survey_app.domain.piping import pipes_in
from survey_app.domain.translating import texts_of

STAFF = [
    {"code": "kind", "label": "Kindness"},
    {"code": "quick", "label": "Speed of the answer to what you asked"},
    {"code": "know", "label": "Knowledge"},
]
POOR_TO_EXCELLENT = {"lowest": 1, "highest": 5, "anchors": {"1": "poor", "5": "excellent"}}

RATINGS: list[dict[str, Any]] = [
    {
        "id": "r1",
        "type": "rating",
        "text": "How satisfied are you with your visit?",
        "required": True,
        "scale": {"lowest": 1, "highest": 5, "anchors": {"1": "not at all", "5": "very"}},
        "missing": ["not_applicable"],
    },
    {
        "id": "why",
        "type": "text",
        "text": "What went wrong?",
        "show_if": {"question": "r1", "at_most": 2},
    },
    {
        "id": "r2",
        "type": "rating",
        "text": "How was the waiting?",
        "required": True,
        "look": "faces",
        "scale": {"lowest": 1, "highest": 5, "anchors": {"1": "much too long", "5": "no wait"}},
    },
    {
        "id": "r3",
        "type": "rating",
        "text": "How many stars?",
        "required": True,
        "look": "stars",
        "scale": {"lowest": 1, "highest": 5},
        "missing": ["dont_know"],
    },
    {
        "id": "n1",
        "type": "nps",
        "text": "How likely are you to recommend us to a friend?",
        "required": True,
        "anchors": {"0": "not at all likely", "10": "extremely likely"},
    },
    {
        "id": "c1",
        "type": "csat",
        "text": "How satisfied are you overall?",
        "required": True,
        "anchors": {
            "1": "very dissatisfied",
            "2": "dissatisfied",
            "3": "neither",
            "4": "satisfied",
            "5": "very satisfied",
        },
    },
    {
        "id": "e1",
        "type": "ces",
        "text": "The company made it easy for me to handle my issue.",
        "required": True,
        "anchors": {"1": "strongly disagree", "7": "strongly agree"},
    },
    {
        "id": "m1",
        "type": "matrix",
        "text": "How do you rate our staff?",
        "help": "One answer in each row.",
        "required": True,
        "scale": POOR_TO_EXCELLENT,
        "rows": STAFF,
        "missing": ["dont_know"],
    },
    {
        "id": "m2",
        "type": "matrix",
        "text": "And our rooms?",
        "required": True,
        "look": "stars",
        "scale": {"lowest": 1, "highest": 5},
        "rows": [{"code": "clean", "label": "Cleanliness"}, {"code": "warm", "label": "Warmth"}],
    },
]

CHOICES: list[dict[str, Any]] = [
    {
        "id": "ch1",
        "type": "choice",
        "text": "Where did you meet us?",
        "required": True,
        "options": [
            {"code": "shop", "label": "In the shop"},
            {"code": "phone", "label": "On the phone"},
            {"code": "else", "label": "Somewhere else", "other": True},
        ],
    },
    {
        "id": "ch2",
        "type": "choice",
        "text": "What did you look at?",
        "required": True,
        "multiple": True,
        "options": [
            {"code": "a", "label": "Alarms"},
            {"code": "b", "label": "Bells"},
            {"code": "c", "label": "Cameras"},
            {"code": "none", "label": "None of these", "exclusive": True},
        ],
        "missing": ["refused"],
    },
    {
        "id": "rk",
        "type": "ranking",
        "text": "What matters most to you?",
        "required": True,
        "options": [
            {"code": "price", "label": "Price"},
            {"code": "time", "label": "Time"},
            {"code": "service", "label": "Service"},
        ],
    },
    {
        "id": "cs",
        "type": "constant_sum",
        "text": "How much does each count for you?",
        "required": True,
        "total": 100,
        "unit": "points",
        "options": [{"code": "price", "label": "Price"}, {"code": "time", "label": "Time"}],
    },
    {"id": "yn", "type": "yes_no", "text": "Have you been here before?", "required": True},
]

WORDS: list[dict[str, Any]] = [
    {
        "id": "nu",
        "type": "number",
        "text": "How many people came with you?",
        "required": True,
        "unit": "people",
        "whole": True,
        "lowest": 0,
        "highest": 50,
        "missing": ["dont_know"],
    },
    {"id": "da", "type": "date", "text": "When was your visit?", "required": True},
    {"id": "ti", "type": "time", "text": "At what time?", "required": True},
    {"id": "du", "type": "duration", "text": "How long did you stay?", "required": True},
    {
        "id": "st",
        "type": "text",
        "lines": 1,
        "text": "Which of our people helped you, as you came by {{ch1|whatever way}}?",
        "required": True,
    },
    {
        "id": "lt",
        "type": "text",
        "text": "What should we do better?",
        "help": "One sentence is enough.",
        "required": True,
    },
    {"id": "inf", "type": "info", "text": "The next question is about a picture."},
    {"id": "fi", "type": "file", "text": "Would you like to send a picture?", "required": True},
    {
        "id": "co",
        "type": "consent",
        "text": "May we write to you?",
        "statement": "You may write to me about my answers.",
        "required": True,
    },
]

ARABIC = {
    "title": "زيارتك",
    "introduction": "دقيقتان من وقتك.",
    "ratings.title": "التقييم",
    "r1.text": "ما مدى رضاك عن زيارتك؟",
    "r1.anchors.1": "إطلاقا",
    "r1.anchors.5": "جدا",
    "m1.text": "كيف تقيم موظفينا؟",
    "ch1.text": "أين التقيت بنا؟",
    "nu.text": "كم شخصا جاء معك؟",
}

# What answers every question, field to values; the file is chosen apart from it.
ANSWERS: dict[str, list[str]] = {
    "r1": ["2"],
    "why": ["The queue."],
    "r2": ["2"],
    "r3": ["3"],
    "n1": ["7"],
    "c1": ["4"],
    "e1": ["6"],
    "m1.kind": ["4"],
    "m1.quick": ["missing:dont_know"],
    "m1.know": ["5"],
    "m2.clean": ["2"],
    "m2.warm": ["4"],
    "ch1": ["else"],
    "ch1__other": ["At the fair"],
    "ch2": ["a", "c"],
    "rk.price": ["2"],
    "rk.time": ["1"],
    "rk.service": ["3"],
    "cs.price": ["60"],
    "cs.time": ["40"],
    "yn": ["yes"],
    "nu": ["3"],
    "da": ["2026-07-14"],
    "ti": ["09:30"],
    "du.hours": ["1"],
    "du.minutes": ["15"],
    "st": ["Anna"],
    "lt": ["Nothing at all."],
    "co": ["given"],
}


def every_type(paging: str = "", **changed: Any) -> dict[str, Any]:
    """The definition: one page, or as many as `paging` makes of it.

    It is Arabic too; a text that is not translated above stands for itself there. On one page
    nothing can be repeated that is answered on it.
    """
    definition: dict[str, Any] = copy.deepcopy(
        {
            "format": "soundings-questionnaire/1",
            "key": "every_type",
            "title": "Your visit on {{contact.day|last week}}",
            "introduction": "Two minutes, twenty questions.",
            "thanks": "We read every answer, {{contact.name|dear customer}}.",
            "sections": [
                {"id": "ratings", "title": "Ratings", "questions": RATINGS},
                {"id": "choices", "title": "Choices", "questions": CHOICES},
                {"id": "words", "title": "Numbers and words", "questions": WORDS},
            ],
        }
    )
    if paging:
        definition["paging"] = paging
    else:
        for question in definition["sections"][2]["questions"]:
            question["text"] = question["text"].replace("{{ch1|whatever way}}", "whatever way")
    return translated(definition, "ar", ARABIC, "نص: ") | changed


def translated(
    definition: dict[str, Any], language: str, known: dict[str, str], mark: str
) -> dict[str, Any]:
    """The definition with all its texts in one more language; others than the known ones are
    themselves behind a mark."""
    texts = {}
    for name, text in texts_of(definition).items():
        pipes = "".join(f" {{{{{pipe}}}}}" for pipe in pipes_in(text))
        texts[name] = f"{known[name]}{pipes}" if name in known else f"{mark}{text}"
    return definition | {"translations": {language: texts}}


# A choice that may be left out, and a question that comes with it.
OPTIONAL: list[dict[str, Any]] = [
    {
        "id": "visit",
        "title": "Your visit",
        "questions": [
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
                "id": "then",
                "type": "text",
                "text": "And then?",
                "show_if": {"question": "where", "answered": True},
            },
            {"id": "more", "type": "text", "text": "Anything else?"},
        ],
    }
]
