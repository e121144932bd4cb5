"""Strategies that draw scorebooks with every statistic, option and score rule."""

from datetime import date

from hypothesis import strategies as st

from analysis.definitions import (
    AGGREGATIONS,
    DURATION_STATISTICS,
    ELASTICITY_SOURCES,
    HORIZONS,
    MEAN_INTERVALS,
    RATING_STATISTICS,
    STATISTICS,
    Shares,
    Source,
)
from analysis.kpi import (
    Adjustment,
    Direction,
    DurationSource,
    FigureSource,
    Goal,
    Goalposts,
    InRange,
    Kpi,
    KpiSet,
    RatingSource,
    RatioSource,
    RedTarget,
    Representative,
    ScopeType,
    Scorebook,
    Target,
    TargetSource,
    Unit,
    UnitOfAnalysis,
)

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: bool(text.strip())
)
NUMBERS = st.floats(-1e12, 1e12).map(lambda number: round(number, 6))
POSITIVE = st.floats(0, 1e12, exclude_min=True)
SHARES = st.floats(0, 1, exclude_min=True, exclude_max=True)
CODES = st.lists(
    st.sampled_from(["skipped", "not_applicable", "dont_know", "refused"]), unique=True
).map(tuple)
CUTS = st.tuples(NUMBERS, NUMBERS).map(sorted).filter(lambda two: two[0] < two[1])
OPTIONS = {
    "top_box": st.fixed_dictionaries({"cut": NUMBERS, "in_denominator": CODES}),
    "net_score": st.just({})
    | CUTS.map(lambda two: {"detractors_to": two[0], "promoters_from": two[1]}),
    "km_quantile": st.fixed_dictionaries({"quantile": SHARES}),
    "restricted_mean": st.fixed_dictionaries({"tau": POSITIVE}),
    "share_within": st.fixed_dictionaries({"within": POSITIVE}),
    "mean": st.fixed_dictionaries({"interval": st.sampled_from(MEAN_INTERVALS)}),
    "sum": st.fixed_dictionaries({"events": st.sampled_from(["", "poisson"])}),
}


def sources(statistic: str) -> st.SearchStrategy[Source]:
    versions = st.sampled_from([(), (1,), (2, 5)])
    if statistic == "gap":
        two = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])
        return st.builds(
            lambda key, pair, some: RatingSource(key, pair[0], some, pair[1]), NAMES, two, versions
        )
    if statistic in RATING_STATISTICS:
        return st.builds(RatingSource, NAMES, NAMES, versions)
    if statistic in DURATION_STATISTICS:
        return st.builds(DurationSource, NAMES, NAMES)
    if statistic == "ratio":
        two = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])
        return two.map(lambda pair: RatioSource(*pair))
    return st.builds(FigureSource, NAMES)


@st.composite
def shares(draw: st.DrawFn, dimension: str) -> Shares:
    """A population's shares by a dimension, of one category or several."""
    parts = draw(st.dictionaries(NAMES, st.integers(1, 1000), min_size=1, max_size=3))
    whole = sum(parts.values())
    return Shares(dimension, tuple((category, part / whole) for category, part in parts.items()))


def margins(unit_of_analysis: UnitOfAnalysis) -> st.SearchStrategy[tuple[Shares, ...]]:
    """No margins, or up to two; customers are not weighted."""
    if unit_of_analysis is UnitOfAnalysis.CUSTOMER:
        return st.just(())
    dimensions = st.lists(NAMES, unique=True, max_size=2)
    return dimensions.flatmap(lambda names: st.tuples(*map(shares, names)))


def score_rules(direction: Direction) -> st.SearchStrategy[Goalposts | RedTarget | InRange]:
    posts = CUTS if direction is Direction.HIGHER else CUTS.map(reversed)
    ranges = st.lists(NUMBERS, min_size=4, max_size=4).map(sorted)
    return (
        posts.map(lambda two: Goalposts(*two))
        | st.builds(RedTarget, NUMBERS)
        | ranges.filter(lambda four: four[0] < four[1] and four[2] < four[3]).map(
            lambda four: InRange(*four)
        )
    )


@st.composite
def kpis(draw: st.DrawFn) -> Kpi:
    """A KPI of the goal g, perhaps for the unit u alone."""
    statistic, direction = draw(st.sampled_from(STATISTICS)), draw(st.sampled_from(Direction))
    unit_of_analysis, weighted_by, by = UnitOfAnalysis.RESPONSE, (), ()
    if statistic in RATING_STATISTICS:
        if statistic != "gap":
            unit_of_analysis = draw(st.sampled_from(UnitOfAnalysis))
        weighted_by = draw(margins(unit_of_analysis))
        if unit_of_analysis is UnitOfAnalysis.RESPONSE:
            by = draw(st.sampled_from([(), ("region",), ("region", "größe")]))
    return Kpi(
        id=draw(NAMES),
        version=draw(st.integers(1, 99)),
        goal="g",
        name=draw(NAMES),
        unit=draw(NAMES),
        direction=direction,
        statistic=statistic,
        source=draw(sources(statistic)),
        score=draw(score_rules(direction)),
        weight=draw(st.floats(0, 1e6)),
        unit_of_analysis=unit_of_analysis,
        margins=weighted_by,
        by=by,
        scopes=draw(st.sampled_from([tuple(ScopeType), (ScopeType.UNIT,)])),
        only_for=draw(st.sampled_from([(), ("u",)])),
        **draw(OPTIONS.get(statistic, st.just({}))),
    )


@st.composite
def targets(draw: st.DrawFn, kpi: Kpi) -> Target:
    """A target of the KPI; better than red where the KPI has such a level."""
    value = draw(NUMBERS)
    if isinstance(kpi.score, RedTarget):
        step = draw(st.floats(1, 1e6))
        value = kpi.score.red + (step if kpi.direction is Direction.HIGHER else -step)
    scope = draw(
        st.sampled_from(
            [(ScopeType.ALL, ""), (ScopeType.UNIT, "u"), (ScopeType.REPRESENTATIVE, "r")]
        )
    )
    return Target(
        kpi.id,
        *scope,
        value,
        date(2026, 1, 1),
        draw(st.none() | st.dates(date(2026, 1, 2), date(9999, 12, 31))),
        draw(st.sampled_from(TargetSource)),
        draw(st.integers(1, 99)),
        draw(
            st.none()
            | st.builds(
                Adjustment,
                NAMES,
                POSITIVE,
                NUMBERS,
                NAMES,
                st.sampled_from(ELASTICITY_SOURCES),
            )
        ),
    )


@st.composite
def goals(draw: st.DrawFn) -> Goal:
    """The goal g."""
    return Goal(
        "g",
        draw(NAMES),
        draw(st.just("") | NAMES),
        draw(st.just("") | NAMES),
        draw(st.floats(0, 1e6)),
        draw(st.floats(0, 1)),
        draw(st.sampled_from(AGGREGATIONS)),
        draw(st.none() | st.floats(0, 100)),
        draw(st.none() | st.just("top")),
        draw(st.just("") | NAMES),
        draw(st.sampled_from(["", *HORIZONS])),
    )


def kpi_sets(kpi: Kpi) -> st.SearchStrategy[KpiSet]:
    """A set of the KPI, or of none, for the unit u or the representative r."""
    return st.builds(
        lambda one, name, role, weight, members: KpiSet(
            one, name, role, (kpi.id,), () if weight is None else ((kpi.id, weight),), members
        ),
        NAMES,
        NAMES,
        st.just("") | NAMES,
        st.none() | st.floats(0, 1e6),
        st.sampled_from([(), ("u",), ("r",), ("u", "r")]),
    )


@st.composite
def scorebooks(draw: st.DrawFn) -> Scorebook:
    """A unit, a representative, two goals, a KPI and perhaps a target and a set."""
    entry = draw(kpis())
    return Scorebook(
        "Europe/Zurich",
        (Unit("u", draw(NAMES)),),
        (Representative("r", draw(NAMES), "u"),),
        (Goal("top", "Top"), draw(goals())),
        (entry,),
        tuple(draw(st.lists(targets(entry), max_size=1))),
        draw(st.integers(1, 99)),
        tuple(draw(st.lists(kpi_sets(entry), max_size=1))),
    )
