from __future__ import annotations

from typing import Any

from analysis.export import empty_row
from survey_app.report.cards import make_scorecard

CARD: dict[str, Any] = {
    "goals": [
        {"id": goal, "name": goal.title(), "aim": "", "vision": ""}
        for goal in ("silent", "first", "second")
    ],
    "kpis": {
        goal: {
            "votes": "answers",
            "definition": {
                "name": goal,
                "score": {"rule": "goalposts", "worst": 1.0, "best": 5.0},
            },
        }
        for goal in ("silent", "first", "second")
    },
}


def row(goal: str, value: float | None) -> dict[str, Any]:
    """The scored row of the goal's one KPI, on a scale from 1 to 5."""
    known = {"score": 25 * (value - 1), "verdict": ""} if value is not None else {}
    return {
        **empty_row(),
        **{"kpi_id": goal, "goal_id": goal, "kpi_name": goal, "unit": "points", "window": "period"},
        **{"value": value, "n": 0 if value is None else 4, "verdict": "no_data", **known},
    }


def test_goals_with_something_to_show_stand_first_in_the_order_of_the_scorebook() -> None:
    card = make_scorecard(CARD, [row("silent", None), row("first", 4.0), row("second", 2.0)])
    assert [goal.id for goal in card.goals] == ["first", "second", "silent"]


def test_a_kpi_without_data_is_listed_and_not_drawn() -> None:
    card = make_scorecard(CARD, [row("silent", None), row("first", 4.0)])
    assert [line.row["kpi_id"] for line in card.lines] == ["first", "silent"]
    assert [line.axis.point for line in card.lines] == [75.0, None]
    assert card.n_range == (4, 4)
