"""Verdicts that turned for certain."""

from __future__ import annotations

from survey_app.report.alerts.points import NOTHING, OPPOSITE, Judgement, Series


def judge_verdict(series: Series) -> Judgement:
    """Whether the newest verdict is the opposite of the last one that was certain before it.

    Certain are 'met' and 'not_met'; what is undetermined, provisional, withheld or without data is
    passed over.
    """
    now = series[-1]
    if now is None or now.verdict not in OPPOSITE:
        return NOTHING
    denied = frozenset({OPPOSITE[now.verdict]})
    for distance, before in enumerate(reversed(series[:-1]), start=1):
        if before is None or before.verdict not in OPPOSITE:
            continue
        if before.verdict == now.verdict:
            break
        numbers = {
            "before": before.label,
            "before_run": before.run,
            "periods_between": distance - 1,
            "target": now.target,
            "target_before": before.target,
            "defined_alike": now.defined == before.defined,
        }
        return Judgement({now.verdict: numbers}, denied)
    return Judgement({}, denied)
