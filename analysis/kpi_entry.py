"""Reading one KPI of a scorebook: its source, its options, its score rule, for whom it is."""

from analysis.definitions import (
    DURATION_STATISTICS,
    MEAN_INTERVALS,
    MISSING_CODES,
    RATING_STATISTICS,
    STATISTICS,
    Direction,
    DurationSource,
    FigureSource,
    Kpi,
    RatingSource,
    RatioSource,
    ScopeType,
    Source,
    UnitOfAnalysis,
)
from analysis.dimension_entry import check_broken_down, read_by, read_margins
from analysis.marked_yaml import Entry
from analysis.score_rules import SCORE_RULES, Goalposts, InRange, RedTarget, ScoreRule

# Options without which a statistic says nothing, and an example of each.
NEEDED = {
    "top_box": ("cut", "cut: 4, the lowest answer that counts"),
    "km_quantile": ("quantile", "quantile: 0.9, the share that is done by then"),
    "restricted_mean": ("tau", "tau: 7200, the seconds up to which time counts"),
    "share_within": ("within", "within: 1800, in seconds"),
}
# What customers may be the unit of analysis of.
OF_CUSTOMERS = ("mean", "top_box", "net_score")
# What a count of events may be taken for.
EVENT_MODELS = ("poisson",)


def read_weight(entry: Entry) -> float | None:
    """The entry's weight, 1 if left out, never negative."""
    weight = entry.number("weight", 1.0)
    if weight is not None and weight < 0:
        entry.note("weight", "negative_weight", "A weight cannot be negative. Give 0 or more.")
    return weight


def read_kpi(entry: Entry, goal_ids: list[str], people: dict[ScopeType, list[str]]) -> Kpi | None:
    """One entry of ``kpis``; None, with the problems noted, if it cannot be made."""
    one, name, unit = entry.text("id"), entry.text("name"), entry.text("unit")
    version = entry.whole("version", 1)
    goal = entry.reference("goal", goal_ids, "goal")
    direction = entry.word("direction", list(Direction))
    weight = read_weight(entry)
    statistic = entry.word("statistic", STATISTICS)
    source = _read_source(entry, statistic)
    cut = entry.number("cut", optional=True)
    promoters_from = entry.number("promoters_from", optional=True)
    detractors_to = entry.number("detractors_to", optional=True)
    numbers = {name: _read_positive(entry, name) for name in ("tau", "within")}
    quantile = _read_share(entry, "quantile")
    events = entry.word("events", EVENT_MODELS, "")
    interval = entry.word("interval", MEAN_INTERVALS, MEAN_INTERVALS[0])
    unit_of_analysis = entry.word("unit_of_analysis", list(UnitOfAnalysis), "response")
    in_denominator = entry.words("in_denominator", MISSING_CODES)
    margins = read_margins(entry)
    by = read_by(entry)
    _check_options(entry, statistic, unit_of_analysis, in_denominator)
    if statistic in NEEDED:
        option, example = NEEDED[statistic]
        if not entry.has(option):
            message = f"A {statistic} needs '{option}'. Add it, for example {example}."
            entry.note("statistic", "missing_option", message)
    if entry.has("promoters_from") != entry.has("detractors_to"):
        message = "'promoters_from' and 'detractors_to' belong together. Give both or neither."
        entry.note("statistic", "missing_option", message)
    if None not in (promoters_from, detractors_to) and promoters_from <= detractors_to:  # type: ignore[operator]
        message = "'detractors_to' must be below 'promoters_from'. Correct one of them."
        entry.note("detractors_to", "cuts_overlap", message)
    score = _read_score(entry, direction)
    scopes = _read_scopes(entry)
    only_for = _read_only_for(entry, scopes, people)
    check_broken_down(entry, scopes, only_for, people)
    entry.finish()
    if (
        one is None
        or version is None
        or goal is None
        or name is None
        or unit is None
        or direction is None
        or statistic is None
        or source is None
        or score is None
        or weight is None
        or unit_of_analysis is None
        or events is None
        or interval is None
    ):
        return None
    return Kpi(
        id=one,
        version=version,
        goal=goal,
        name=name,
        unit=unit,
        direction=Direction(direction),
        statistic=statistic,
        source=source,
        score=score,
        weight=weight,
        cut=cut,
        promoters_from=promoters_from,
        detractors_to=detractors_to,
        quantile=quantile,
        tau=numbers["tau"],
        within=numbers["within"],
        events=events,
        interval=interval,
        unit_of_analysis=UnitOfAnalysis(unit_of_analysis),
        in_denominator=in_denominator,
        margins=margins,
        by=by,
        scopes=scopes,
        only_for=only_for,
    )


def _check_options(
    entry: Entry, statistic: str | None, unit_of_analysis: str | None, codes: tuple[str, ...]
) -> None:
    """Options that mean something for another statistic only."""
    if statistic is None:
        return
    given = {
        "cut": (entry.has("cut"), ("top_box",)),
        "in_denominator": (bool(codes), ("top_box",)),
        "promoters_from": (entry.has("promoters_from"), ("net_score",)),
        "detractors_to": (entry.has("detractors_to"), ("net_score",)),
        "quantile": (entry.has("quantile"), ("km_quantile",)),
        "tau": (entry.has("tau"), ("restricted_mean",)),
        "within": (entry.has("within"), ("share_within",)),
        "events": (entry.has("events"), ("sum",)),
        "interval": (entry.has("interval"), ("mean",)),
        "unit_of_analysis": (unit_of_analysis == "customer", OF_CUSTOMERS),
        "margins": (entry.has("margins"), RATING_STATISTICS),
        "by": (entry.has("by"), RATING_STATISTICS),
    }
    for key, (present, statistics) in given.items():
        if present and statistic not in statistics:
            message = f"'{key}' is for {' or '.join(statistics)}, not for {statistic}. Take it out."
            entry.note(key, "option_of_another_statistic", message)
    if entry.has("margins") and unit_of_analysis == "customer":
        message = "Weights by 'margins' are those of answers, not of customers. Take one out."
        entry.note("margins", "weighted_customers", message)
    if entry.has("by") and unit_of_analysis == "customer":
        message = (
            "A dimension tells answers apart, and one customer's may differ in it. "
            "Take out 'by', or 'unit_of_analysis'."
        )
        entry.note("by", "customers_by_dimension", message)
    if "not_shown" in codes:
        message = "Who was not shown the question cannot count in it. Take out 'not_shown'."
        entry.note("in_denominator", "not_shown_counted", message)


def _read_source(entry: Entry, statistic: str | None) -> Source | None:
    given = entry.entry("source")
    if given is None or statistic is None:
        return None
    source: Source | None = None
    if statistic in RATING_STATISTICS:
        questionnaire, question = given.text("questionnaire"), given.text("question")
        versions = given.wholes("versions")
        expected = given.text("expected") if statistic == "gap" else ""
        if expected is not None and expected == question:
            message = "'question' and 'expected' are the same question. Correct one of them."
            given.note("expected", "same_question", message)
        elif questionnaire is not None and question is not None and expected is not None:
            source = RatingSource(questionnaire, question, versions, expected)
    elif statistic in DURATION_STATISTICS:
        process, milestone = given.text("process"), given.text("milestone")
        if process is not None and milestone is not None:
            source = DurationSource(process, milestone)
    elif statistic == "ratio":
        numerator, denominator = given.text("numerator"), given.text("denominator")
        if numerator is not None and numerator == denominator:
            message = "'numerator' and 'denominator' are the same measure. Correct one of them."
            given.note("denominator", "same_measure", message)
        elif numerator is not None and denominator is not None:
            source = RatioSource(numerator, denominator)
    elif (measure := given.text("measure")) is not None:
        source = FigureSource(measure)
    given.finish()
    return source


def _read_positive(entry: Entry, key: str) -> float | None:
    number = entry.number(key, optional=True)
    if number is not None and number <= 0:
        entry.note(key, "not_positive", f"'{key}' is a time in seconds. Give a number above 0.")
        return None
    return number


def _read_share(entry: Entry, key: str) -> float | None:
    number = entry.number(key, optional=True)
    if number is not None and not 0 < number < 1:
        message = f"'{key}' is a share. Give a number between 0 and 1, such as 0.9."
        entry.note(key, "not_a_share", message)
        return None
    return number


def _read_score(entry: Entry, direction: str | None) -> ScoreRule | None:
    given = entry.entry("score")
    if given is None:
        return None
    rule = given.word("rule", SCORE_RULES, Goalposts.rule)
    read = {RedTarget.rule: _read_red_target, InRange.rule: _read_in_range}.get(
        rule or "", _read_goalposts
    )
    found = read(given, direction)
    given.finish()
    return found


def _read_goalposts(given: Entry, direction: str | None) -> Goalposts | None:
    worst, best = given.number("worst"), given.number("best")
    if worst is None or best is None:
        return None
    if worst == best:
        message = "'worst' and 'best' are equal, so nothing can be scored. Set them apart."
        given.note("best", "worst_equals_best", message)
    elif direction is not None and (best > worst) != (direction == Direction.HIGHER):
        order = "above" if direction == Direction.HIGHER else "below"
        message = f"The KPI is {direction}, so 'best' must lie {order} 'worst'. Swap them."
        given.note("best", "score_against_direction", message)
    return Goalposts(worst, best)


def _read_red_target(given: Entry, direction: str | None) -> RedTarget | None:
    red = given.number("red")
    return None if red is None else RedTarget(red)


def _read_in_range(given: Entry, direction: str | None) -> InRange | None:
    limits = [given.number(key) for key in ("outer_low", "low", "high", "outer_high")]
    if None in limits:
        return None
    outer_low, low, high, outer_high = (float(one) for one in limits if one is not None)
    if not outer_low < low <= high < outer_high:
        message = (
            "The limits must rise: outer_low, then low, then high, then outer_high; only low and "
            "high may be equal. Correct one of them."
        )
        given.note("low", "limits_out_of_order", message)
    return InRange(outer_low, low, high, outer_high)


def _read_scopes(entry: Entry) -> tuple[ScopeType, ...]:
    words = entry.words("scopes", list(ScopeType))
    if entry.has("scopes") and not words:
        message = "'scopes' names nobody. Give all, unit or representative, or leave it out."
        entry.note("scopes", "no_scope", message)
    return tuple(one for one in ScopeType if one in words) or tuple(ScopeType)


def _read_only_for(
    entry: Entry, scopes: tuple[ScopeType, ...], people: dict[ScopeType, list[str]]
) -> tuple[str, ...]:
    ids = entry.texts("for")
    for one in ids:
        if not any(one in people[kind] for kind in people):
            message = f"There is no unit or representative '{one}'. Correct or remove the id."
            entry.note("for", "unknown_scope", message)
        elif not any(one in people[kind] for kind in people if kind in scopes):
            message = f"'{one}' is left out by 'scopes'. Add its kind there or remove the id."
            entry.note("for", "scope_left_out", message)
    return ids
