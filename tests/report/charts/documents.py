"""Exhibits and rows small enough to be checked by hand."""

from __future__ import annotations

from typing import Any


def row(**changes: Any) -> dict[str, Any]:
    """A scored row, as far as charts read it."""
    told = {
        "kpi_id": "k",
        "kpi_name": "A KPI",
        "unit": "points",
        "statistic": "mean",
        "scope_name": "Sales",
        "period_label": "2026-07",
        "verdict": "met",
        "value": 5.0,
        "ci_low": 4.0,
        "ci_high": 6.0,
        "n": 10,
        "target": None,
        "target_adjusted": None,
        "score": 50.0,
        "score_low": None,
        "score_high": None,
        "score_rule": "goalposts",
    } | changes
    judged = None not in (told["value"], told["target"])
    return {"deviation_abs": told["value"] - told["target"] if judged else None} | told


def _period(label: str, value: float, **changes: Any) -> dict[str, Any]:
    return {
        "label": label,
        "start": f"{label}-01",
        "end": f"{label}-28",
        "n": 10,
        "value": value,
        "low": value - 1,
        "high": value + 1,
        "is_partial": False,
        "series": 2,
    } | changes


HISTORY: dict[str, Any] = {
    "status": "shown",
    "periods": [
        _period("2026-01", 4.0, series=1),
        _period("2026-02", 5.0),
        _period("2026-03", 9.0),
        _period("2026-04", 6.0, is_partial=True),
    ],
    "breaks": ["2026-02"],
    "limits": {"low": 3.0, "center": 5.5, "high": 8.0, "n": 6},
    "limits_reason": "",
    "signals": [{"period": "2026-03", "rule": "beyond_limits"}],
    "slope": 0.5,
}
CURVE: dict[str, Any] = {
    "process": "sale",
    "milestone": "shown",
    "tolerance": 0.005,
    "windows": {
        "period": {
            "status": "shown",
            "n": 5,
            "reached": 3,
            "called_back": 1,
            "left": 0,
            "open": 1,
            "method": "aalen_johansen_log_log",
            "steps": [
                [86400.0, 0.2, 0.01, 0.5],
                [172800.0, 0.4, 0.05, 0.75],
                [259200.0, 0.6, 0.1, 0.9],
            ],
            "at_risk": [{"seconds": 0.0, "n": 5}, {"seconds": 172800.0, "n": 3}],
            "until": 345600.0,
        }
    },
}
ANSWERS: dict[str, Any] = {
    "question": "q9",
    "questionnaire": "feedback",
    "expected": "",
    "unit_of_analysis": "response",
    "is_weighted": False,
    "groups": [
        {"name": "detractors", "low": None, "high": 6.000000000000001},
        {"name": "neither", "low": 6.000000000000001, "high": 9.0},
        {"name": "promoters", "low": 9.0, "high": None},
    ],
    "windows": {
        "period": {
            "status": "shown",
            "n": 8,
            "scale": [6.0, 9.0],
            "values": [
                {"low": 6.0, "high": 6.0, "count": 2},
                {"low": 8.0, "high": 8.0, "count": 1},
                {"low": 9.0, "high": 9.0, "count": 5},
            ],
            "missing": {"dont_know": 3},
            "versions": [1, 2],
            "series": [2],
            "other_series": 3,
        }
    },
    "months_status": "shown",
    "months": [],
}


def _group(key: str, name: str, value: float, rank: tuple[int, int], crossed: int) -> Any:
    return {
        "id": key,
        "name": name,
        "n": 20,
        "effective_n": 20.0 + value,
        "value": value,
        "shrunken": value - 0.5,
        "low": value - 2,
        "high": value + 1,
        "rank": sum(rank) / 2,
        "rank_low": rank[0],
        "rank_high": rank[1],
        "crossed": crossed,
    }


FUNNEL: dict[str, Any] = {
    "windows": {
        "period": {
            "status": "shown",
            "are_shares": False,
            "overall": 5.0,
            "reliability": 0.8,
            "no_ranking": "",
            "groups": [
                _group("a", "Anna", 4.0, (2, 3), 0),
                _group("b", "Ben", 5.0, (1, 3), 0),
                _group("c", "Cem", 9.0, (1, 2), 3),
            ],
            "limits": [
                {"n": 16.0, "low_95": 3.0, "high_95": 7.0, "low_998": 2.0, "high_998": 8.0},
                {"n": 32.0, "low_95": 3.6, "high_95": 6.4, "low_998": 2.9, "high_998": 7.1},
            ],
        }
    }
}
DRIVERS: dict[str, Any] = {
    "status": "shown",
    "outcome": "Overall",
    "left_out": ["Colour"],
    "n": 80,
    "n_rows": 90,
    "r2": 0.5,
    "drivers": [
        {
            "kpi": key,
            "name": name,
            "importance": importance,
            "low": importance / 2,
            "high": importance * 1.5,
            "performance": performance,
            "performance_low": performance - 3,
            "performance_high": performance + 3,
            "p": p,
        }
        for key, name, importance, performance, p in (
            ("price", "Price", 0.1, 60.0, 0.2),
            ("speed", "Speed", 0.4, 80.0, 0.001),
        )
    ],
}
