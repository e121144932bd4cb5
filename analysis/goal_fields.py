"""The columns of goals' rows in words."""

from collections.abc import Iterable

from analysis.definitions import AGGREGATIONS
from analysis.fields import Field, Kind
from analysis.score_fields import (
    COMPUTED_AT,
    GOAL_ID,
    PERIOD_FIELDS,
    POINTS,
    RUN_ID,
    SCOPE_FIELDS,
    SHARE,
    VERDICT,
    VERDICT_REASON,
    with_dimensions,
)


def _number(name: str, title: str, description: str, unit: str, required: bool = False) -> Field:
    most = {SHARE: 1, POINTS: 100}.get(unit)
    return Field(name, Kind.NUMBER, title, description, unit, required, least=0, most=most)


GOAL_FIELDS = (
    RUN_ID,
    COMPUTED_AT,
    GOAL_ID,
    Field("goal_name", Kind.STRING, "Name of the goal", "Its name for people.", required=True),
    *SCOPE_FIELDS,
    *PERIOD_FIELDS,
    Field(
        "aggregation",
        Kind.STRING,
        "Aggregation",
        "The mean that makes one score of its KPIs'; in a geometric one a good KPI does not buy "
        "off a bad one.",
        required=True,
        choices=AGGREGATIONS,
    ),
    _number("weight", "Weight", "How much the goal counts beside others.", "", required=True),
    _number("score", "Score", "The weighted mean of its KPIs' scores.", POINTS),
    _number("score_low", "Score from", "Lower end of the score's interval.", POINTS),
    _number("score_high", "Score to", "Upper end of the score's interval.", POINTS),
    _number("ci_level", "Level of the interval", "How often it holds the true score.", SHARE),
    _number("coverage", "Coverage", "Share of its KPIs' weight that has a score.", SHARE),
    _number(
        "least_coverage",
        "Least coverage",
        "Under this coverage there is no score.",
        SHARE,
        required=True,
    ),
    _number("target", "Target", "The score that is to be reached.", POINTS),
    _number("chance_met", "Chance of being met", "Share of the draws at the target.", SHARE),
    VERDICT,
    VERDICT_REASON,
    Field("worst_kpi_id", Kind.STRING, "Worst KPI", "The KPI with the lowest score."),
    _number("worst_score", "Worst score", "Its score.", POINTS),
    Field(
        "kpis",
        Kind.INTEGER,
        "KPIs",
        "How many KPIs with a weight the goal has in the scope.",
        required=True,
        least=0,
    ),
    Field(
        "kpis_without_interval",
        Kind.INTEGER,
        "KPIs without interval",
        "How many of them were taken as points since they have no interval.",
        required=True,
        least=0,
    ),
)


def goal_fields(names: Iterable[str]) -> tuple[Field, ...]:
    """The columns of goals' rows that have these names, in their order and in words.

    Raises ValueError for names that goals' rows do not have, and where one is missing.
    """
    return with_dimensions(GOAL_FIELDS, names)
