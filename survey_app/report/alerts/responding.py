"""Response rates under a limit for certain. Loads numpy; only jobs import it."""

from __future__ import annotations

from collections.abc import Callable

from analysis.wilson import wilson
from survey_app.report.alerts.points import NOTHING, Judgement, Series


def judge_response(series: Series, limit: float, count: Callable[[], int | None]) -> Judgement:
    """Whether the upper end of the newest response rate's 95 % Wilson interval is under a limit.

    `count` tells how many were invited; it is asked only where the rate itself is under the limit.
    """
    now = series[-1]
    if now is None or now.response_rate is None:
        return NOTHING
    rate = now.response_rate
    if rate >= limit:
        return Judgement({}, frozenset({"low"}))
    invited = count()
    if not invited:
        return NOTHING
    _low, high = wilson(rate, invited)
    if not high < limit:
        return NOTHING
    numbers = {
        "response_rate": rate,
        "invited": invited,
        "answered": round(rate * invited),
        "high": float(high),
        "limit": limit,
    }
    return Judgement({"low": numbers})
