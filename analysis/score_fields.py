"""The columns of scored rows in words: type, meaning, unit and bounds of each."""

from collections.abc import Iterable, Sequence

from analysis.definitions import DIMENSION, STATISTICS, Direction, ScopeType, TargetSource
from analysis.export import COLUMNS, columns_of
from analysis.fields import Field, Kind, names_of
from analysis.periods import PeriodType
from analysis.score_rules import SCORE_RULES

VERDICTS = (
    "met",
    "not_met",
    "undetermined",
    "no_data",
    "suppressed",
    "provisional",
    "no_target",
)
STATUSES = ("A", "P", "M", "Q")
WINDOWS = ("period", "trailing_12_months")
SUPPRESSED_REASONS = ("confidential",)
OF_KPI = "KPI"
SHARE = "share"
POINTS = "points"


def _words(name: str, title: str, description: str, *choices: str, required: bool = True) -> Field:
    return Field(name, Kind.STRING, title, description, required=required, choices=tuple(choices))


def _number(
    name: str,
    title: str,
    description: str,
    unit: str = OF_KPI,
    least: float | None = None,
    most: float | None = None,
) -> Field:
    return Field(name, Kind.NUMBER, title, description, unit, least=least, most=most)


def _share(name: str, title: str, description: str) -> Field:
    return _number(name, title, description, SHARE, 0, 1)


def _count(name: str, title: str, description: str, least: int = 0) -> Field:
    return Field(name, Kind.INTEGER, title, description, least=least)


def _day(name: str, title: str, description: str) -> Field:
    return Field(name, Kind.DATE, title, description, required=True)


# What rows of KPIs and rows of goals have in common.
RUN_ID = _words(
    "run_id",
    "Run",
    "Which run of the product the row comes from; empty where it was scored without it.",
    required=False,
)
COMPUTED_AT = Field(
    "computed_at",
    Kind.DATETIME,
    "Computed at",
    "When it was scored: ISO 8601 with its distance from UTC.",
    required=True,
)
GOAL_ID = _words("goal_id", "Goal", "The goal that the row belongs to.")
SCOPE_FIELDS = (
    _words(
        "scope_type",
        "Kind of scope",
        "For whom it was computed: everybody, a unit with all below it, or one representative.",
        *ScopeType,
    ),
    _words("scope_id", "Scope", "The unit or representative; empty for everybody.", required=False),
    _words("scope_name", "Name of the scope", "The name of the unit or representative."),
)
PERIOD_FIELDS = (
    _words("period_type", "Kind of period", "How long the period is.", *PeriodType),
    _words("period_label", "Period", "Such as 2026-07, 2026-Q3, 2026 or 2015-01..2021-03."),
    _day("period_start", "Start", "The first day of the period, in the organisation's zone."),
    _day("period_end", "End", "The day after the period's last: the period excludes it."),
    _words(
        "window",
        "Window",
        "The months that are counted: those of the period, or the twelve that end with it.",
        *WINDOWS,
    ),
)
VERDICT = _words(
    "verdict",
    "Verdict",
    "met or not_met where the whole interval lies on one side of the target, undetermined where "
    "the target lies inside it; no_data: nothing to measure; suppressed: few people; provisional: "
    "the period is not over; no_target: no target holds.",
    *VERDICTS,
)
VERDICT_REASON = _words(
    "verdict_reason", "Reason", "Why this verdict, in a sentence.", required=False
)

_FIELDS = (
    RUN_ID,
    COMPUTED_AT,
    _words("kpi_id", "KPI", "The KPI; kpi_definitions.csv defines it."),
    Field(
        "kpi_version",
        Kind.INTEGER,
        "Version of the KPI",
        "The version of its definition that was scored.",
        required=True,
        least=1,
    ),
    _words("kpi_name", "Name of the KPI", "The KPI's name for people."),
    GOAL_ID,
    _words(
        "unit",
        "Unit",
        "The unit of value, interval, target and deviation. Durations are in seconds, a share is "
        "from 0 to 1.",
        required=False,
    ),
    _words("statistic", "Statistic", "How the value is computed.", *STATISTICS),
    _words("direction", "Direction", "Which end is good.", *Direction),
    *SCOPE_FIELDS,
    *PERIOD_FIELDS,
    _number("value", "Value", "The statistic; empty where there is none. Missing is never 0."),
    _count("n", "n", "How many votes, visits or figures the value rests on."),
    _count(
        "n_eligible",
        "Eligible",
        "How many there were, with those that have a missing code instead of a value.",
    ),
    _share("response_rate", "Response rate", "Share of those invited who answered."),
    _count("n_censored", "Censored", "How many of n were still open when they were last seen."),
    _number(
        "effective_n",
        "Effective n",
        "How many votes of equal weight n is worth.",
        "",
        0,
    ),
    _number("std_error", "Standard error", "Of the value.", OF_KPI, 0),
    _share("ci_level", "Level of the interval", "How often such intervals hold the true value."),
    _number("ci_low", "Interval from", "Lower end; empty with ci_high given: open below."),
    _number("ci_high", "Interval to", "Upper end; empty with ci_low given: open above."),
    _words(
        "ci_method",
        "Method of the interval",
        "How the interval was computed; complete_count has none.",
        required=False,
    ),
    _number("target", "Target", "What was to be reached, as it was set."),
    _words(
        "target_scope",
        "Scope of the target",
        "For whom the target was set: all, unit:<id> or representative:<id>.",
        required=False,
    ),
    _count("target_version", "Version of the target", "targets.csv lists it.", 1),
    _words(
        "target_source",
        "Source of the target",
        "Whether it was agreed on.",
        *TargetSource,
        required=False,
    ),
    _number(
        "target_adjusted",
        "Adjusted target",
        "The target under local conditions; where it is given, it is the one that counts.",
    ),
    _number("deviation_abs", "Deviation", "Value less the target that counts."),
    _number(
        "deviation_rel",
        "Relative deviation",
        "The deviation as a share of the target's size; only where zero means none.",
        SHARE,
    ),
    _number(
        "deviation_se",
        "Deviation in standard errors",
        "The deviation divided by std_error.",
        "standard errors",
    ),
    _number("score", "Score", "0 (worst) to 100 (best), by the KPI's score rule.", POINTS, 0, 100),
    _number("score_low", "Score from", "The lowest score of the interval.", POINTS, 0, 100),
    _number("score_high", "Score to", "The highest score of the interval.", POINTS, 0, 100),
    _words("score_rule", "Score rule", "What makes a score of a value.", *SCORE_RULES),
    Field(
        "weight",
        Kind.NUMBER,
        "Weight",
        "How much the KPI counts in its goal.",
        required=True,
        least=0,
    ),
    _share("coverage", "Coverage", "Share of the goal's weight that has a score in the scope."),
    VERDICT,
    VERDICT_REASON,
    _count(
        "n_to_decide",
        "n to decide",
        "The n that would decide an undetermined verdict at the same spread.",
        1,
    ),
    _number("prev_value", "Previous value", "The value of the window before."),
    _number("change_abs", "Change", "Value less the previous one."),
    _number("change_ci_low", "Change from", "Lower end of the change's interval."),
    _number("change_ci_high", "Change to", "Upper end of the change's interval."),
    _share("change_p", "p of the change", "How often chance alone would change as much."),
    _share(
        "change_p_adjusted",
        "Adjusted p",
        "The same, allowing for all KPIs and scopes of the period and window.",
    ),
    _number("trend_slope", "Trend", "Median slope over the latest periods.", "KPI per period"),
    _words(
        "obs_status",
        "Status",
        "A: a normal value; P: the period is not over; M: no data; Q: withheld.",
        *STATUSES,
    ),
    _words(
        "suppressed_reason",
        "Reason of withholding",
        "Why a row is withheld.",
        *SUPPRESSED_REASONS,
        required=False,
    ),
    _words(
        "inputs_hash",
        "Hash of the inputs",
        "SHA-256; the same as long as definition, target and all that was counted are.",
        required=False,
    ),
)


def score_fields(names: Iterable[str] = COLUMNS) -> tuple[Field, ...]:
    """The columns of scored rows that have these names, in their order and in words.

    Raises ValueError for names that scored rows do not have, and where one is missing.
    """
    return with_dimensions(_FIELDS, names)


def with_dimensions(fields: Sequence[Field], names: Iterable[str]) -> tuple[Field, ...]:
    """The fields, and behind the scope's name one for each dimension among the names."""
    by_name = {field.name: field for field in fields}
    columns = columns_of(names, names_of(fields))
    return tuple(by_name.get(name) or _dimension(name) for name in columns)


def key_of(what: str, fields: Sequence[Field]) -> tuple[str, ...]:
    """The columns that tell one row from all others; ``what`` is the id of what is scored."""
    dimensions = (field.name for field in fields if field.name.startswith(DIMENSION))
    return (what, "scope_type", "scope_id", "period_label", "window", *dimensions)


def _dimension(column: str) -> Field:
    name = column.removeprefix(DIMENSION)
    return Field(
        column,
        Kind.STRING,
        f"Dimension {name}",
        f"The category of {name} that alone is counted; empty for all categories together.",
    )
