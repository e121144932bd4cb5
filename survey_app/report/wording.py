"""What a scored row says in plain words, and its numbers rounded for the reader."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from analysis.definitions import DURATION_STATISTICS, RATE_UNITS
from analysis.periods import WindowType
from survey_app.marks import show_count, show_duration

# More names than this are only counted.
MOST_NAMES = 3
# Numbers have no digit that far left of the point: 0 asks for no place of its own.
MOST_DIGITS = 15
# So many more digits, or units of time, at most to tell numbers apart.
MOST_FINER = 10
MINUS = "\u2212"
THIN_SPACE = "\u202f"
WINDOWS = {
    WindowType.PERIOD.value: "the period",
    WindowType.LONG.value: "the twelve months to the end of the period",
}
VERDICTS = ("met", "not_met", "undetermined", "provisional", "no_data", "no_target", "suppressed")
# Of some number of KPIs: the verb for one and for several.
COUNTED = {
    "met": ("meets its target", "meet their target"),
    "not_met": ("misses its target", "miss their target"),
    "undetermined": ("is undetermined", "are undetermined"),
    "provisional": ("is provisional", "are provisional"),
    "no_data": ("has no data", "have no data"),
    "no_target": ("has no target", "have no target"),
    "suppressed": ("is suppressed", "are suppressed"),
}


def count_verdicts(verdicts: Iterable[str]) -> dict[str, int]:
    """How many there are of each verdict that occurs, in the order of VERDICTS."""
    listed = list(verdicts)
    return {word: listed.count(word) for word in VERDICTS if word in listed}


def say_verdicts(verdicts: Iterable[str]) -> str:
    """The finding in one sentence: '2 of 7 KPIs meet their target; 3 are undetermined'."""
    counts = count_verdicts(verdicts)
    total = sum(counts.values())
    if not total:
        return "No KPI is defined here"
    first, *others = counts
    noun = "KPI" if total == 1 else "KPIs"
    if total == counts[first]:
        number = {1: "The one", 2: "Both"}.get(total, f"All {total}")
        return f"{number} {noun} {COUNTED[first][total > 1]}"
    head = f"{counts[first]} of {total} {noun} {COUNTED[first][counts[first] > 1]}"
    return "; ".join([head, *(f"{counts[one]} {COUNTED[one][counts[one] > 1]}" for one in others)])


def say_answer(named: Sequence[tuple[str, str]]) -> str:
    """The answer to whether the goals are met, from the name and verdict of every KPI.

    Names what is missed, as far as a reader takes in names.
    """
    counts = count_verdicts(verdict for _name, verdict in named)
    missed = [name for name, verdict in named if verdict == "not_met"]
    judged = counts.get("met", 0) + len(missed) + counts.get("undetermined", 0)
    if missed:
        if len(missed) == 1:
            return f"Not yet: {missed[0]} misses its target."
        if len(missed) > MOST_NAMES:
            return f"Not yet: {len(missed)} KPIs miss their target."
        return f"Not yet: {', '.join(missed[:-1])} and {missed[-1]} miss their target."
    if counts.get("provisional"):
        return "The period is not over, so nothing is decided yet."
    if not judged:
        return "That cannot be said: no KPI has both data and a target."
    if undetermined := counts.get("undetermined"):
        noun, verb = ("KPI", "is") if undetermined == 1 else ("KPIs", "are")
        return (
            f"That cannot be said yet: {undetermined} {noun} {verb} undetermined, none is missed."
        )
    if judged == len(named):
        return "Yes: every KPI meets its target."
    return "Yes, as far as can be seen: every KPI that has data and a target meets it."


def round_alike(numbers: Iterable[float | None], unit: str) -> list[str]:
    """Numbers that stand together, all to one place: the third digit of the first of them.

    It is a finer place where otherwise different numbers would look the same. Shares become
    percentages without their sign; durations are written each in its own units.
    """
    listed = list(numbers)
    if unit == "seconds":
        return _tell_apart(listed, lambda number, finer: show_duration(number, 2 + finer))
    scaled = [None if one is None else 100 * one if unit == "share" else one for one in listed]
    present = [one for one in scaled if one is not None]
    # A zero has no first digit; then the largest of the others tells the place.
    lead = abs(scaled[0] or 0.0) or max(map(abs, present), default=0.0)
    least, most = min(present, default=0.0), max(present, default=0.0)
    spread = 0.0 if _alike(least, most) else most - least
    places = max(_place_of(lead, 3), _place_of(spread, 1))
    return _tell_apart(scaled, lambda number, finer: _to_place(number, places + finer))


def _tell_apart(numbers: Sequence[float | None], write: Callable[[float, int], str]) -> list[str]:
    """Numbers written as coarsely as leaves different ones different, but for rounding errors."""
    present = [one for one in numbers if one is not None]
    for finer in range(MOST_FINER):
        told = [write(one, finer) for one in present]
        if all(
            told[a] != told[b] or _alike(present[a], present[b])
            for a in range(len(told))
            for b in range(a)
        ):
            break
    return ["–" if one is None else write(one, finer) for one in numbers]


def show_deviation(row: Mapping[str, Any]) -> str:
    """The distance from the target with its sign; shares in points."""
    return show_difference(row["deviation_abs"], row["unit"], row["value"])


def show_difference(difference: float | None, unit: str, value: float | None) -> str:
    """A difference with its sign; shares in points.

    Written to the place of the value, or finer where that would leave less than two digits.
    """
    if difference is None:
        return "–"
    if unit == "seconds":
        text = show_duration(difference)
    else:
        factor = 100 if unit == "share" else 1
        lead = difference if value is None else value
        places = max(_place_of(factor * abs(lead), 3), _place_of(factor * abs(difference), 2))
        text = _to_place(factor * difference, places)
    return text if difference <= 0 else f"+{text}"


def target_of(row: Mapping[str, Any]) -> float | None:
    """The target that a row was judged by: adjusted for local conditions where it follows them.

    None where it was judged by none although one is set (`is_set_aside`).
    """
    adjusted: float | None = row["target_adjusted"]
    if adjusted is not None:
        return adjusted
    target: float | None = row["target"]
    return None if is_set_aside(row) else target


def is_set_aside(row: Mapping[str, Any]) -> bool:
    """Whether a target is set and could not be used: its index has no figure, the window is longer
    than the target's period, or what would be compared is partial. The row's own reason says so."""
    unused = row["target"] is not None and row["deviation_abs"] is None
    return unused and row["value"] is not None


def bare(unit: str) -> str:
    """The unit as numbers of a table carry it: only per cent and durations, never a word.

    The word stands once a row, beside the value.
    """
    return unit if unit in ("share", "seconds") else ""


def with_unit(text: str, unit: str) -> str:
    """A rounded number with its unit of measurement."""
    if text == "–" or unit == "seconds":
        return text
    return f"{text} %" if unit == "share" else f"{text} {unit}".strip()


def say_reason(row: Mapping[str, Any], votes: str) -> str:
    """One sentence that says what the interval and the target mean together.

    `votes` is what the KPI counts: 'answers', 'responses' (missing codes too) or 'customers'.
    """
    verdict = row["verdict"]
    has_interval = row["ci_low"] is not None or row["ci_high"] is not None
    if verdict in ("no_data", "suppressed") or (row["value"] is None and not has_interval):
        return str(row["verdict_reason"])
    if not has_interval and row["ci_method"] != "complete_count":
        return str(row["verdict_reason"])
    if is_set_aside(row):
        return str(row["verdict_reason"])
    sentence = _say_interval(row, votes) if has_interval else _say_count(row)
    if verdict == "provisional":
        return f"The period is not over yet. So far: {sentence[0].lower()}{sentence[1:]}"
    return sentence


def _say_interval(row: Mapping[str, Any], votes: str) -> str:
    unit, target = row["unit"], target_of(row)
    lead = row["value"] if row["value"] is not None else row["ci_low"]
    _, low, high, aim = round_alike([lead, row["ci_low"], row["ci_high"], target], unit)
    if row["ci_low"] is None:
        span = f"{with_unit(high, unit)} or less"
    elif row["ci_high"] is None:
        span = f"{with_unit(low, unit)} or more"
    else:
        span = f"anything from {low} to {with_unit(high, unit)}"
    noun = _noun(row, votes)
    sentence = f"With {show_count(row['n'])} {noun} this could be {span}"
    if target is None:
        return f"{sentence}; no target is set."
    side = _side_of_interval(row)
    if not side:
        sentence = f"{sentence}, on either side of the target of {with_unit(aim, unit)}."
        needed = row["n_to_decide"]
        if needed is None:
            return sentence
        return f"{sentence} About {show_count(needed)} {noun} would decide."
    return f"{sentence}, all of it {side} than the target of {with_unit(aim, unit)}."


def _say_count(row: Mapping[str, Any]) -> str:
    """A value that was counted in full."""
    target = target_of(row)
    if target is None:
        return "Counted in full; no target is set."
    aim = with_unit(round_alike([target], row["unit"])[0], row["unit"])
    if row["deviation_abs"] == 0:
        return f"Counted in full: exactly the target of {aim}."
    away = with_unit(show_deviation(row).lstrip("+" + MINUS), _difference(row["unit"]))
    side = _side(row, above=row["deviation_abs"] > 0)
    return f"Counted in full: {away} {side} than the target of {aim}."


def _side_of_interval(row: Mapping[str, Any]) -> str:
    """On which side of the target the whole interval lies, or '' where it straddles it.

    The verdict says the same; a provisional one keeps it to itself. The target is on the good side.
    """
    low = -math.inf if row["ci_low"] is None else row["ci_low"]
    high = math.inf if row["ci_high"] is None else row["ci_high"]
    higher, target = row["direction"] == "higher_is_better", target_of(row)
    assert target is not None

    def is_good(end: float) -> bool:
        return _alike(end, target) or (end > target if higher else end < target)

    worst, best = (low, high) if higher else (high, low)
    if is_good(worst):
        return "better"
    return "" if is_good(best) else "worse"


def _alike(one: float, other: float) -> bool:
    """Whether two numbers are the same but for the rounding of decimal fractions."""
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=0.0)


def _side(row: Mapping[str, Any], above: bool) -> str:
    return "better" if above == (row["direction"] == "higher_is_better") else "worse"


def _difference(unit: str) -> str:
    """The unit of a difference: that of two percentages is points."""
    return "points" if unit in RATE_UNITS else unit


def _noun(row: Mapping[str, Any], votes: str) -> str:
    noun = "visits" if row["statistic"] in DURATION_STATISTICS else votes
    return noun.removesuffix("s") if row["n"] == 1 else noun


def _place_of(size: float, digit: int) -> int:
    """How many decimals show this many digits of a number; negative left of the point."""
    return digit - 1 - math.floor(math.log10(size)) if size else -MOST_DIGITS


def _to_place(number: float, places: int) -> str:
    text = f"{round(number, places):,.{max(places, 0)}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace(",", THIN_SPACE).replace("-", MINUS)
