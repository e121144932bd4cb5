"""What is measured and against what: KPIs, goals, targets, units, people; all frozen."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from analysis.score_rules import ScoreRule

FORMAT = "soundings-scorebook/1"
# Parts of a KPI's entry that change no value that it has.
NOT_MEASURED = frozenset(
    {"id", "name", "version", "goal", "weight", "score", "scopes", "for", "by"}
)
# What columns begin with that sort respondents, in facts and in scored rows.
DIMENSION = "dim_"
AGGREGATIONS = ("arithmetic", "geometric")
HORIZONS = ("short_term", "long_term")
# Where the elasticity of an adjusted target comes from; the first unless it says otherwise.
ELASTICITY_SOURCES = ("given", "estimated")
# So many people at least must be in a cell that is told.
MINIMUM_N = 5
MISSING_CODES = ("skipped", "not_shown", "not_applicable", "dont_know", "refused")
RATING_STATISTICS = ("mean", "top_box", "net_score", "gap")
DURATION_STATISTICS = ("km_median", "km_quantile", "restricted_mean", "share_within")
FIGURE_STATISTICS = ("sum", "last", "mean_over_periods", "ratio")
STATISTICS = RATING_STATISTICS + DURATION_STATISTICS + FIGURE_STATISTICS
# What grows with the length of its period: a longer window has another target and other goalposts.
GROWING_STATISTICS = ("sum",)
# What the interval of a mean of ratings may be made by; the first unless the KPI says otherwise.
MEAN_INTERVALS = ("student_t", "quasi_binomial")


class Direction(StrEnum):
    HIGHER = "higher_is_better"
    LOWER = "lower_is_better"


class ScopeType(StrEnum):
    ALL = "all"
    UNIT = "unit"
    REPRESENTATIVE = "representative"


class UnitOfAnalysis(StrEnum):
    """What one vote is: every answer, or every customer however often they answered."""

    RESPONSE = "response"
    CUSTOMER = "customer"


class TargetSource(StrEnum):
    AGREED = "agreed"
    DEFAULT = "default"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True)
class Scope:
    """For whom a KPI is computed: everybody (id ''), a unit with all below it, a representative."""

    type: ScopeType
    id: str
    name: str

    @property
    def label(self) -> str:
        return self.type.value if self.type is ScopeType.ALL else f"{self.type.value}:{self.id}"


# Units of measurement whose values never add up, over places or over months.
RATE_UNITS = ("share", "%", "per cent", "percent")


@dataclass(frozen=True)
class Unit:
    id: str
    name: str
    parent: str | None = None


@dataclass(frozen=True)
class Representative:
    id: str
    name: str
    unit: str


@dataclass(frozen=True)
class Goal:
    """What shall be reached. Goals are a tree: ``parent`` is the goal above, None at the top.

    ``weight`` is that among the goals of one parent, beside the parent's own KPIs.
    """

    id: str
    name: str
    aim: str = ""
    vision: str = ""
    weight: float = 1.0
    least_coverage: float = 0.5
    aggregation: str = "arithmetic"
    target: float | None = None
    parent: str | None = None
    owner: str = ""
    horizon: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The goal as it stands in a scorebook, without what is left at its default."""
        entry = {
            "id": self.id,
            "name": self.name,
            "aim": self.aim,
            "vision": self.vision,
            "weight": self.weight,
            "least_coverage": self.least_coverage,
        }
        if self.aggregation != "arithmetic":
            entry["aggregation"] = self.aggregation
        if self.target is not None:
            entry["target"] = self.target
        for key in ("parent", "owner", "horizon"):
            if getattr(self, key):
                entry[key] = getattr(self, key)
        return entry


@dataclass(frozen=True)
class RatingSource:
    """Answers to one question; ``versions`` empty means every version of the questionnaire.

    A gap is between what ``question`` asks, what was perceived, and what ``expected`` asks.
    """

    questionnaire: str
    question: str
    versions: tuple[int, ...] = ()
    expected: str = ""

    @property
    def asked(self) -> str:
        """The question, or the difference of two, that is tallied.

        The difference has a name that no question has: one with a control character.
        """
        return f"{self.question}\0less\0{self.expected}" if self.expected else self.question


@dataclass(frozen=True)
class DurationSource:
    """Seconds from a visit's start to a milestone: a stage's key, or ``end``."""

    process: str
    milestone: str


@dataclass(frozen=True)
class FigureSource:
    measure: str


@dataclass(frozen=True)
class RatioSource:
    numerator: str
    denominator: str


Source: TypeAlias = RatingSource | DurationSource | FigureSource | RatioSource


@dataclass(frozen=True)
class Shares:
    """The known shares of a population by one dimension; together they are 1."""

    dimension: str
    shares: tuple[tuple[str, float], ...]

    def to_dict(self) -> dict[str, Any]:
        return {"dimension": self.dimension, "shares": dict(self.shares)}


@dataclass(frozen=True)
class Kpi:
    id: str
    version: int
    goal: str
    name: str
    unit: str
    direction: Direction
    statistic: str
    source: Source
    score: ScoreRule
    weight: float = 1.0
    cut: float | None = None
    promoters_from: float | None = None
    detractors_to: float | None = None
    quantile: float | None = None
    tau: float | None = None
    within: float | None = None
    events: str = ""
    interval: str = MEAN_INTERVALS[0]
    unit_of_analysis: UnitOfAnalysis = UnitOfAnalysis.RESPONSE
    in_denominator: tuple[str, ...] = ()
    margins: tuple[Shares, ...] = ()
    by: tuple[str, ...] = ()
    scopes: tuple[ScopeType, ...] = tuple(ScopeType)
    only_for: tuple[str, ...] = ()

    @property
    def has_true_zero(self) -> bool:
        """Whether "twice as much" has a meaning, so that a relative deviation has one too."""
        return self.statistic == "top_box" or not isinstance(self.source, RatingSource)

    def to_dict(self) -> dict[str, Any]:
        """The KPI as it stands in a scorebook, without what is left at its default."""
        source: dict[str, Any] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in vars(self.source).items()
            if value not in ((), "")
        }
        entry: dict[str, Any] = {
            "id": self.id,
            "version": self.version,
            "goal": self.goal,
            "name": self.name,
            "unit": self.unit,
            "direction": self.direction.value,
            "weight": self.weight,
            "statistic": self.statistic,
            "source": source,
        }
        for option in ("cut", "promoters_from", "detractors_to", "quantile", "tau", "within"):
            if getattr(self, option) is not None:
                entry[option] = getattr(self, option)
        if self.unit_of_analysis is not UnitOfAnalysis.RESPONSE:
            entry["unit_of_analysis"] = self.unit_of_analysis.value
        if self.in_denominator:
            entry["in_denominator"] = list(self.in_denominator)
        if self.margins:
            entry["margins"] = [margin.to_dict() for margin in self.margins]
        if self.by:
            entry["by"] = list(self.by)
        if self.events:
            entry["events"] = self.events
        if self.interval != MEAN_INTERVALS[0]:
            entry["interval"] = self.interval
        entry["score"] = {"rule": self.score.rule, **vars(self.score)}
        if self.scopes != tuple(ScopeType):
            entry["scopes"] = [scope.value for scope in self.scopes]
        if self.only_for:
            entry["for"] = list(self.only_for)
        return entry


@dataclass(frozen=True)
class Adjustment:
    """How a target follows local conditions: target x (index now / at_setting) ^ elasticity.

    The index is a measure among the figures, say regional demand, taken as its mean over the
    months of a period; ``at_setting`` is what it was when the target was set.
    """

    index: str
    at_setting: float
    elasticity: float
    justification: str
    elasticity_source: str = ELASTICITY_SOURCES[0]

    def to_dict(self) -> dict[str, Any]:
        """The adjustment as it stands in a scorebook, without what is left at its default."""
        entry = dict(vars(self))
        if self.elasticity_source == ELASTICITY_SOURCES[0]:
            del entry["elasticity_source"]
        return entry


@dataclass(frozen=True)
class Target:
    """A dated target: for periods that start from ``valid_from`` on and before ``valid_to``."""

    kpi: str
    scope_type: ScopeType
    scope_id: str
    value: float
    valid_from: date
    valid_to: date | None = None
    source: TargetSource = TargetSource.AGREED
    version: int = 1
    adjustment: Adjustment | None = None

    def to_dict(self) -> dict[str, Any]:
        """The target as it stands in a scorebook; what is left out is None."""
        return {
            "kpi": self.kpi,
            "scope_type": self.scope_type.value,
            "scope_id": self.scope_id,
            "value": self.value,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "source": self.source.value,
            "version": self.version,
            "adjust": None if self.adjustment is None else self.adjustment.to_dict(),
        }

    @property
    def scope_label(self) -> str:
        """Whom the target was set for, such as ``unit:berne``."""
        return f"{self.scope_type.value}:{self.scope_id}".rstrip(":")

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
