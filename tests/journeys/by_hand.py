"""What the simulated example must come to, worked out from its files with nothing of the product.

`numbers_of_the_quarter` and `goals_of_the_quarter` are for 2026-Q3, the company and its two units.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import NormalDist, fmean, median, stdev
from typing import Any

import yaml

FILES = Path(__file__).parents[2] / "examples" / "sales_visits"
FIRST, END = "2026-07-01", "2026-10-01"
UNITS = ("leasing", "fleet_sales")
Z = NormalDist().inv_cdf(0.975)

Row = dict[str, str]


def read_table(name: str) -> list[Row]:
    with (FILES / name).open(newline="") as file:
        return list(csv.DictReader(file))


def read_book() -> dict[str, Any]:
    book: dict[str, Any] = yaml.safe_load((FILES / "scorebook.yaml").read_text())
    return book


def in_quarter(rows: list[Row], column: str, unit: str) -> list[Row]:
    """The rows of the quarter (all times are UTC) and of a unit; '' is the company."""
    return [one for one in rows if FIRST <= one[column] < END and unit in ("", one["unit"])]


def ratings(question: str, unit: str) -> list[int]:
    answers = in_quarter(read_table("answers.csv"), "answered_at", unit)
    return [int(one[question]) for one in answers if one[question]]


def counted_answers(question: str, unit: str) -> dict[int, int]:
    return dict(sorted(Counter(ratings(question, unit)).items()))


def mean_welcome(unit: str) -> float:
    return fmean(ratings("welcome", unit))


def share_well_answered(unit: str) -> float:
    """Four or five of five."""
    return fmean(rating >= 4 for rating in ratings("answers", unit))


def net_recommendation(unit: str) -> float:
    """100 times promoters (nine and ten) less detractors (up to six)."""
    return 100 * fmean((rating >= 9) - (rating <= 6) for rating in ratings("recommend", unit))


def share_knowing_services(unit: str) -> float:
    """One customer is one vote; who does not know counts as one who does not."""
    votes: dict[str, list[bool]] = {}
    for one in in_quarter(read_table("answers.csv"), "answered_at", unit):
        if one["services"] or one["services_missing"]:
            knows = bool(one["services"]) and int(one["services"]) >= 4
            votes.setdefault(one["customer"], []).append(knows)
    return fmean(fmean(of_one) for of_one in votes.values())


def median_time(stage: str, unit: str) -> float:
    """Seconds from start until half of all visits are there.

    All visits of the quarter have ended, so that the estimate for censored times is the ordinary
    median: a visit that ended before the stage never gets there.
    """
    visits = in_quarter(read_table("visits.csv"), "started_at", unit)
    assert all(one["ended_at"] for one in visits)
    return median(
        (datetime.fromisoformat(one[stage]) - datetime.fromisoformat(one["started_at"]))
        .total_seconds() if one[stage] else math.inf
        for one in visits
    )  # fmt: skip


def months_of(measure: str, unit: str) -> list[float]:
    months = ("2026-07", "2026-08", "2026-09")
    return [
        float(one["value"])
        for one in read_table("figures.csv")
        if one["measure"] == measure and one["period"] in months and unit in ("", one["unit"])
    ]


def total(measure: str, unit: str) -> float:
    return math.fsum(months_of(measure, unit))


def share_filled(unit: str) -> float:
    return total("orders_filled", unit) / total("orders_received", unit)


MADE: dict[str, Callable[[str], float]] = {
    "welcome": mean_welcome,
    "questions_answered": share_well_answered,
    "recommend": net_recommendation,
    "knows_services": share_knowing_services,
    "time_to_market": lambda unit: median_time("product_shown", unit),
    "time_to_walk": lambda unit: median_time("walked_through", unit),
    "company_clients": lambda unit: total("new_clients", unit),
    "referral_profit": lambda unit: total("referral_profit", unit),
    "orders_filled": share_filled,
}
# For whom a KPI is: what is not named is for the company and both units.
ONLY_FOR = {"company_clients": ("",), "referral_profit": UNITS}


def target_of(book: dict[str, Any], kpi: str, unit: str) -> float:
    """The unit's own target, or else that for all; adjusted where it follows an index."""
    named = {
        one.get("scope_id", ""): one
        for one in book["targets"]
        if one["kpi"] == kpi
        and one["valid_from"].isoformat() < END
        and one["scope_type"] in ("all", "unit")
    }
    target = named.get(unit, named.get("", {}))
    value = float(target["value"])
    if adjust := target.get("adjust"):
        now = fmean(months_of(adjust["index"], unit))
        value *= (now / adjust["at_setting"]) ** adjust["elasticity"]
    return value


def numbers_of_the_quarter() -> dict[tuple[str, str], dict[str, float]]:
    """By KPI and unit: value, target it is judged by, deviation from that, score."""
    book = read_book()
    found = {}
    for kpi in book["kpis"]:
        for unit in ONLY_FOR.get(kpi["id"], ("", *UNITS)) if kpi["id"] in MADE else ():
            value, target = MADE[kpi["id"]](unit), target_of(book, kpi["id"], unit)
            worst, best = kpi["score"]["worst"], kpi["score"]["best"]
            score = 100 * (value - worst) / (best - worst)
            found[kpi["id"], unit] = {
                "value": value,
                "target": target,
                "deviation": value - target,
                "score": min(max(score, 0.0), 100.0),
            }
    return found


def goals_of_the_quarter() -> dict[tuple[str, str], float]:
    """By goal and unit: the weighted mean of the scores of its KPIs and of the goals below it."""
    book, numbers = read_book(), numbers_of_the_quarter()
    scores: dict[tuple[str, str], float] = {}
    # Goals below others first.
    for goal in sorted(book["goals"], key=lambda one: "parent" not in one):
        for unit in ("", *UNITS):
            parts = [
                (kpi.get("weight", 1), numbers[kpi["id"], unit]["score"])
                for kpi in book["kpis"]
                if kpi["goal"] == goal["id"] and (kpi["id"], unit) in numbers
            ] + [
                (below["weight"], scores[below["id"], unit])
                for below in book["goals"]
                if below.get("parent") == goal["id"]
            ]
            weight = sum(share for share, _score in parts)
            scores[goal["id"], unit] = sum(share * score for share, score in parts) / weight
    return scores


def verdict_words() -> dict[str, str]:
    """Of the company's KPIs whose interval is quickly made, what the page must say."""
    numbers = numbers_of_the_quarter()
    welcome = ratings("welcome", "")
    # With 217 answers Student's t asks for 1.971 standard errors; two are on the safe side.
    least = numbers["welcome", ""]["value"] - 2 * stdev(welcome) / math.sqrt(len(welcome))
    assert least > numbers["welcome", ""]["target"]
    low, high = wilson(numbers["questions_answered", ""]["value"], len(ratings("answers", "")))
    assert low < numbers["questions_answered", ""]["target"] < high
    # A figure is counted in full: it is on one side or on the other.
    assert numbers["company_clients", ""]["deviation"] > 0
    assert numbers["orders_filled", ""]["deviation"] > 0
    return {
        "welcome": "met",
        "questions_answered": "undetermined",
        "company_clients": "met",
        "orders_filled": "met",
    }


def wilson(share: float, n: int) -> tuple[float, float]:
    """Both ends of Wilson's score interval of a share."""
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return middle - half, middle + half
