"""Estimate and target to deviation, score and verdict."""

import math

from analysis.definitions import TRUE_ZERO_STATISTICS, Direction, Kpi, Target
from analysis.estimate import Estimate
from analysis.export import Row

MET = "met"
NOT_MET = "not_met"
UNDETERMINED = "undetermined"
NO_DATA = "no_data"
PROVISIONAL = "provisional"
# Without a target there is a statistic and a score, but nothing to judge.
NO_VERDICT = "no_target"
# Sums of decimal fractions miss their decimal value by less than this share of it.
ROUNDING = 1e-12
# A verdict that needs more than this is out of reach for any survey.
MOST_N = 10**9


def judge(kpi: Kpi, estimate: Estimate, target: Target | None, is_over: bool) -> Row:
    """The columns from ``target`` to ``n_to_decide`` of a scored row."""
    row: Row = {}
    verdict, reason = decide(kpi.direction, estimate, target)
    if verdict == UNDETERMINED and target is not None:
        row["n_to_decide"] = n_to_decide(kpi.direction, estimate, target.value)
    if verdict != NO_DATA and not is_over:
        reason = f"The period is not over yet. So far: {reason}"
        verdict = PROVISIONAL
    elif not is_over:
        reason = f"{reason} The period is not over yet."
    row |= {"verdict": verdict, "verdict_reason": reason}
    if target is not None:
        row |= {
            "target": target.value,
            "target_scope": _scope_label(target),
            "target_version": target.version,
            "target_source": target.source.value,
            **_deviations(kpi, estimate, target.value),
        }
    return row | _scores(kpi, estimate)


def decide(direction: Direction, estimate: Estimate, target: Target | None) -> tuple[str, str]:
    """The verdict on a finished period, and the sentence that explains it."""
    if estimate.value is None and not estimate.beyond:
        return NO_DATA, estimate.reason
    if target is None:
        return NO_VERDICT, f"{estimate.reason} No target is set for this period.".strip()
    if estimate.never:
        # Later than any time: the worst of a time that should be short, the best of one to be long.
        verdict = NOT_MET if direction is Direction.LOWER else MET
        return verdict, f"{estimate.reason} However long one waits, fewer than half reach it."
    if estimate.complete:
        met = _is_good(direction, estimate.value, target.value, estimate.rounding)
        side = "on the good side of" if met else "on the bad side of"
        found = f"The value {_shown(estimate.value)} is {side} the target {_shown(target.value)}."
        return (MET if met else NOT_MET), found
    if estimate.low is None and estimate.high is None:
        return UNDETERMINED, estimate.reason
    verdict = side_of(direction, estimate.low, estimate.high, target.value)
    interval = _shown_interval(estimate.low, estimate.high)
    where = {
        MET: "lies wholly on the good side of",
        NOT_MET: "lies wholly on the bad side of",
        UNDETERMINED: "straddles",
    }[verdict]
    sentence = f"The interval {interval} {where} the target {_shown(target.value)}."
    return verdict, f"{sentence} {estimate.reason}".strip()


def side_of(direction: Direction, low: float | None, high: float | None, target: float) -> str:
    """On which side of the target an interval lies; an end that is None is infinitely far.

    The target itself belongs to the good side.
    """
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    worst, best = (low, high) if direction is Direction.HIGHER else (high, low)
    if _is_good(direction, worst, target):
        return MET
    return UNDETERMINED if _is_good(direction, best, target) else NOT_MET


def n_to_decide(direction: Direction, estimate: Estimate, target: float) -> int | None:
    """The smallest n at which, with the same value and spread, the interval excludes the target.

    None for statistics whose interval does not follow from n, and where no n would do.
    """
    if estimate.at_n is None:
        return None

    def decides(n: int) -> bool:
        assert estimate.at_n is not None
        return side_of(direction, *estimate.at_n(n), target) != UNDETERMINED

    too_few, enough = estimate.n, 2 * estimate.n
    while not decides(enough):
        if enough > MOST_N:
            return None
        too_few, enough = enough, 2 * enough
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if decides(middle) else (middle, enough)
    return enough


def _is_good(
    direction: Direction, value: float | None, target: float, rounding: float = 0.0
) -> bool:
    if value is None:
        return False
    if _alike(value, target, rounding):
        return True
    return value > target if direction is Direction.HIGHER else value < target


def _alike(value: float, target: float, rounding: float) -> bool:
    return math.isclose(value, target, rel_tol=ROUNDING, abs_tol=rounding)


def _deviations(kpi: Kpi, estimate: Estimate, target: float) -> Row:
    """Absolute in the KPI's unit, relative to |target|, and in standard errors; else absent."""
    if estimate.value is None or estimate.partial:
        return {}
    alike = _alike(estimate.value, target, estimate.rounding)
    deviation = 0.0 if alike else estimate.value - target
    row: Row = {"deviation_abs": deviation}
    if kpi.statistic in TRUE_ZERO_STATISTICS and target != 0:
        row["deviation_rel"] = deviation / abs(target)
    if estimate.std_error:
        row["deviation_se"] = deviation / estimate.std_error
    return row


def _scores(kpi: Kpi, estimate: Estimate) -> Row:
    """The score rule applied to the value and to the ends of its interval.

    A value beyond what was observed has a score where both ends of its interval score the same.
    """
    row: Row = {"score_rule": kpi.score.rule}
    if estimate.partial:
        return row
    if estimate.value is not None:
        row["score"] = kpi.score.score(estimate.value)
    if estimate.low is None and estimate.high is None and not estimate.never:
        return row
    lowest = math.inf if estimate.never else -math.inf
    ends = (
        kpi.score.score(lowest if estimate.low is None else estimate.low),
        kpi.score.score(math.inf if estimate.high is None else estimate.high),
    )
    row |= {"score_low": min(ends), "score_high": max(ends)}
    if estimate.value is None and ends[0] == ends[1]:
        row["score"] = ends[0]
    return row


def _scope_label(target: Target) -> str:
    return f"{target.scope_type.value}:{target.scope_id}".rstrip(":")


def _shown_interval(low: float | None, high: float | None) -> str:
    if high is None:
        return f"from {_shown(low)} upwards"
    if low is None:
        return f"up to {_shown(high)}"
    return f"{_shown(low)} to {_shown(high)}"


def _shown(number: float | None) -> str:
    """A number for a sentence; the columns hold it in full."""
    return f"{number:.6g}"
