"""A question of each type with all its keys, for tests."""

from __future__ import annotations

from typing import Any

SCALE = {
    "lowest": 1,
    "highest": 5,
    "direction": "lower_is_better",
    "anchors": {"1": "good", "5": "bad = not good"},
}
OPTIONS = [
    {"code": "shop", "label": "In the shop"},
    {"code": "a=b", "label": "Two\nlines"},
    {"code": "Zürich", "label": "Zürich [other]"},
]
COMMON: dict[str, Any] = {
    "help": "One answer\nis enough.",
    "required": True,
    "missing": ["refused", "not_applicable"],
    "kpi": "service",
}
OWN: dict[str, dict[str, Any]] = {
    "rating": {"scale": SCALE, "look": "stars"},
    "nps": {"anchors": {"0": "no", "10": "yes"}, "look": "numbers"},
    "csat": {"anchors": {"1": "no"}, "look": "faces"},
    "ces": {"anchors": {"7": "yes"}, "look": "stars"},
    "matrix": {
        "rows": [{"code": "speed", "label": "The speed"}, {"code": "care", "label": "The care"}],
        "scale": SCALE,
        "look": "numbers",
        "order": "random",
    },
    "choice": {
        "options": [
            *OPTIONS,
            {"code": "other", "label": "Elsewhere", "other": True},
            {"code": "none", "label": "Nowhere", "exclusive": True},
            {"code": "both", "label": "[alone]", "other": True, "exclusive": True},
        ],
        "multiple": True,
        "least": 1,
        "most": 2,
        "order": "random",
    },
    "yes_no": {},
    "ranking": {"options": OPTIONS, "places": 2, "order": "random"},
    "constant_sum": {"options": OPTIONS, "total": 10, "unit": "points", "order": "random"},
    "number": {"unit": "minutes", "lowest": -0.5, "highest": 1000000000000000, "whole": True},
    "date": {"earliest": "2026-01-31", "latest": "2026-12-31"},
    "time": {},
    "duration": {"units": ["minutes", "days"], "lowest": 1, "highest": 90},
    "text": {"lines": 1, "longest": 120},
    "consent": {"statement": "You may call me."},
    "info": {},
    "file": {"kinds": ["pdf", "image", "video"], "megabytes": 3},
}


def question(kind: str, question_id: str = "q1", **changed: Any) -> dict[str, Any]:
    """A question of this type as a definition holds it."""
    common = {"help": COMMON["help"]} if kind == "info" else COMMON
    return {
        "id": question_id,
        "type": kind,
        "text": f"About {kind}?",
        **common,
        **OWN[kind],
        **changed,
    }


def of_every_type(**changed: Any) -> dict[str, Any]:
    """A definition with a question of each type, each named by its type."""
    asked = [question(kind, kind) for kind in OWN]
    return {
        "format": "soundings-questionnaire/1",
        "key": "every_type",
        "title": "Every type",
        "sections": [{"id": "all", "title": "All of them", "questions": asked}],
        **changed,
    }
