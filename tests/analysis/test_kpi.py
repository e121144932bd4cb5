from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kpi import (
    Direction,
    DurationSource,
    FigureSource,
    Goal,
    Goalposts,
    Kpi,
    RatingSource,
    RatioSource,
    Representative,
    ScopeType,
    Scorebook,
    ScorebookError,
    Target,
    TargetSource,
    Unit,
    UnitOfAnalysis,
    read_scorebook,
)
from tests.analysis.building import document, figure_kpi, kpi, median_kpi, target

TOP_BOX = {"statistic": "top_box", "cut": 4, "unit": "share", "score": {"worst": 0, "best": 1}}
NET_SCORE = {"statistic": "net_score", "promoters_from": 9, "detractors_to": 6}


def codes(*kpis, **changes):
    """The codes of the problems that a scorebook has."""
    with pytest.raises(ScorebookError) as refused:
        read_scorebook(yaml.safe_dump(document(*kpis, **changes)))
    return [problem.code for problem in refused.value.problems]


def test_a_scorebook_is_read_whole():
    text = """\
format: soundings-scorebook/1
time_zone: Europe/Zurich
units: [{id: company, name: Example Ltd}, {id: leasing, name: Leasing, parent: company}]
representatives: [{id: anna, name: Anna Weber, unit: leasing}]
goals: [{id: quality, name: Quality, aim: Better, vision: Best, weight: 2, least_coverage: 0.4}]
kpis:
  - id: recommend
    version: 3
    goal: quality
    name: Would recommend us
    unit: points
    direction: higher_is_better
    weight: 1.5
    statistic: net_score
    source: {questionnaire: visit_feedback, question: q9, versions: [1, 2]}
    promoters_from: 9
    detractors_to: 6
    unit_of_analysis: customer
    in_denominator: []
    score: {rule: goalposts, worst: 0, best: 100}
    scopes: [representative]
    for: [anna]
targets:
  - {kpi: recommend, scope_type: representative, scope_id: anna, value: 30,
     valid_from: 2026-01-01, valid_to: null, source: placeholder, version: 4}
"""
    assert read_scorebook(text) == Scorebook(
        "Europe/Zurich",
        (Unit("company", "Example Ltd"), Unit("leasing", "Leasing", "company")),
        (Representative("anna", "Anna Weber", "leasing"),),
        (Goal("quality", "Quality", "Better", "Best", 2, 0.4),),
        (
            Kpi(
                id="recommend",
                version=3,
                goal="quality",
                name="Would recommend us",
                unit="points",
                direction=Direction.HIGHER,
                statistic="net_score",
                source=RatingSource("visit_feedback", "q9", (1, 2)),
                score=Goalposts(0, 100),
                weight=1.5,
                promoters_from=9,
                detractors_to=6,
                unit_of_analysis=UnitOfAnalysis.CUSTOMER,
                scopes=(ScopeType.REPRESENTATIVE,),
                only_for=("anna",),
            ),
        ),
        (
            Target(
                "recommend",
                ScopeType.REPRESENTATIVE,
                "anna",
                30,
                date(2026, 1, 1),
                None,
                TargetSource.PLACEHOLDER,
                4,
            ),
        ),
    )


def test_all_problems_come_at_once_each_with_line_and_remedy():
    text = """\
format: soundings-scorebook/1
time_zone: Europe/Zurrich
goals:
  - {id: quality, name: Quality, wieght: 2}
kpis:
  - id: shown
    goal: speed
    name: Time to market
    unit: seconds
    direction: lower_is_better
    statistic: km_median
    source: {process: sales_visit}
    score: {worst: 0, best: 600}
"""
    with pytest.raises(ScorebookError) as refused:
        read_scorebook(text, "book.yaml")
    assert str(refused.value).splitlines() == [
        "book.yaml, line 2, document: 'Europe/Zurrich' is not a time zone. "
        "Write one such as Europe/Zurich or UTC.",
        "book.yaml, line 4, goal quality: 'wieght' means nothing here. Did you mean 'weight'?",
        "book.yaml, line 7, kpi shown: There is no goal 'speed'. "
        "Add it to the scorebook or correct the id.",
        "book.yaml, line 12, kpi shown, source: 'milestone' is missing here. Add it.",
        "book.yaml, line 13, kpi shown, score: The KPI is lower_is_better, so 'best' must lie "
        "below 'worst'. Swap them.",
    ]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (kpi(statistc="mean"), "unknown_key"),
        (kpi(statistic="median"), "unknown_word"),
        (kpi(statistic=None), "missing_key"),
        (kpi(name="  "), "empty"),
        (kpi(version=0), "not_whole"),
        (kpi(weight=-1), "negative_weight"),
        (kpi(weight="heavy"), "not_a_number"),
        (kpi(goal="speed"), "unknown_goal"),
        (kpi(direction="up"), "unknown_word"),
        (kpi(source={"questionnaire": "feedback"}), "missing_key"),
        (kpi(source={"process": "p", "milestone": "m"}), "missing_key"),
        (kpi(source=["feedback", "q1"]), "not_a_mapping"),
        (median_kpi(source={"process": "sale"}), "missing_key"),
        (figure_kpi(source={"numerator": "a", "denominator": "b"}), "missing_key"),
        (figure_kpi(statistic="ratio"), "missing_key"),
        (figure_kpi(statistic="ratio", source={"numerator": "a", "denominator": "a"}),
         "same_measure"),
        (kpi(score={"worst": 5, "best": 5}), "worst_equals_best"),
        (kpi(score={"worst": 5, "best": 1}), "score_against_direction"),
        (kpi(score={"rule": "curve", "worst": 0, "best": 1}), "unknown_word"),
        (kpi(score={"rule": "red_target", "worst": 0, "best": 1}), "missing_key"),
        (kpi(score={"rule": "in_range", "outer_low": 1, "low": 3, "high": 2, "outer_high": 9}),
         "limits_out_of_order"),
        (median_kpi(statistic="restricted_mean"), "missing_option"),
        (median_kpi(statistic="restricted_mean", tau=0), "not_positive"),
        (median_kpi(statistic="share_within"), "missing_option"),
        (median_kpi(statistic="km_quantile", quantile=1), "not_a_share"),
        (median_kpi(quantile=0.9), "option_of_another_statistic"),
        (figure_kpi(statistic="last", events="poisson"), "option_of_another_statistic"),
        (figure_kpi(events="normal"), "unknown_word"),
        (kpi(score=None), "missing_key"),
        (kpi(cut=4), "option_of_another_statistic"),
        (kpi(**(TOP_BOX | {"cut": None})), "missing_option"),
        (kpi(**NET_SCORE, cut=4), "option_of_another_statistic"),
        (kpi(**(NET_SCORE | {"promoters_from": None})), "missing_option"),
        (kpi(**(NET_SCORE | {"detractors_to": 9})), "cuts_overlap"),
        (median_kpi(unit_of_analysis="customer"), "option_of_another_statistic"),
        (kpi(in_denominator=["dont_know"]), "option_of_another_statistic"),
        (kpi(**TOP_BOX, in_denominator=["not_shown"]), "not_shown_counted"),
        (kpi(**TOP_BOX, in_denominator=["tired"]), "unknown_word"),
        (kpi(scopes=[]), "no_scope"),
        (kpi(scopes=["team"]), "unknown_word"),
        (kpi(**{"for": ["zoe"]}), "unknown_scope"),
        (kpi(**{"for": ["anna"], "scopes": ["unit"]}), "scope_left_out"),
    ],
)  # fmt: skip
def test_a_kpi_that_cannot_be_computed_is_refused(entry, code):
    assert code in codes(entry)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": "soundings-scorebook/9"}, "unknown_word"),
        ({"time_zone": "Mars"}, "unknown_time_zone"),
        ({"time_zone": "../etc/passwd"}, "unknown_time_zone"),
        ({"units": [{"id": "a", "name": "A", "parent": "b"}], "representatives": []},
         "unknown_unit"),
        ({"units": [{"id": "a", "name": "A", "parent": "b"}, {"id": "b", "name": "B",
         "parent": "a"}], "representatives": []}, "parent_circle"),
        ({"units": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}], "representatives": []},
         "repeated_id"),
        ({"representatives": [{"id": "zoe", "name": "Zoe", "unit": "moon"}]}, "unknown_unit"),
        ({"goals": [{"id": "quality", "name": "Q", "least_coverage": 50}]}, "not_a_share"),
        ({"goals": {"quality": "Q"}}, "not_a_list"),
        ({"goals": ["quality"]}, "not_a_mapping"),
        ({"targets": [target(1, kpi="other")]}, "unknown_kpi"),
        ({"targets": [target(1, scope_type="unit", scope_id="moon")]}, "unknown_unit"),
        ({"targets": [target(1, scope_type="unit")]}, "missing_key"),
        ({"targets": [target(1, scope_id="leasing")]}, "scope_of_all"),
        ({"targets": [target(1, valid_to=date(2026, 1, 1))]}, "ends_before_start"),
        ({"targets": [target(1, valid_from="soon")]}, "not_a_date"),
        ({"targets": [target("1")]}, "not_a_number"),
        ({"targets": [target(float("inf"))]}, "not_a_number"),
        ({"targets": [target(1, source="guess")]}, "unknown_word"),
        ({"targets": [target(1), target(2)]}, "repeated_target"),
    ],
)  # fmt: skip
def test_a_book_that_contradicts_itself_is_refused(changes, code):
    assert code in codes(kpi(), **changes)


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- b", "a: [", "a: b: c", "a: \x07", "{" * 5000, "--- a\n--- b"]
)
def test_text_that_is_no_scorebook_is_refused_with_a_line(text):
    with pytest.raises(ScorebookError) as refused:
        read_scorebook(text)
    assert all(problem.line >= 1 for problem in refused.value.problems)


def test_a_key_given_twice_is_refused_where_it_stands_again():
    text = yaml.safe_dump(document(kpi())) + "time_zone: UTC\n"
    with pytest.raises(ScorebookError) as refused:
        read_scorebook(text)
    (problem,) = refused.value.problems
    assert (problem.code, problem.line) == ("repeated_key", text.count("\n"))


def test_ids_are_taken_as_they_are_written():
    book = read_scorebook(
        yaml.safe_dump(document(kpi())).replace("id: anna", "id: 007").replace("ben\n", "no\n")
    )
    assert [one.id for one in book.representatives] == ["007", "no"]


def test_a_definition_with_every_option_left_empty_is_accepted():
    empty = {"cut": None, "promoters_from": None, "detractors_to": None, "in_denominator": []}
    entry = kpi() | empty | {"for": [], "unit_of_analysis": "response"}
    assert read_scorebook(yaml.safe_dump(document(entry))).kpis[0].cut is None


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: bool(text.strip())
)
NUMBERS = st.floats(-1e12, 1e12).map(lambda number: round(number, 6))
SOURCES = st.one_of(
    st.tuples(
        st.sampled_from(["mean", "top_box", "net_score"]),
        st.builds(RatingSource, NAMES, NAMES, st.sampled_from([(), (1,), (2, 5)])),
    ),
    st.tuples(st.just("km_median"), st.builds(DurationSource, NAMES, NAMES)),
    st.tuples(st.sampled_from(["sum", "last"]), st.builds(FigureSource, NAMES)),
    st.tuples(
        st.just("ratio"),
        st.tuples(NAMES, NAMES)
        .filter(lambda two: two[0] != two[1])
        .map(lambda two: RatioSource(*two)),
    ),
)


@st.composite
def scorebooks(draw):
    statistic, source = draw(SOURCES)
    worst, best = draw(st.tuples(NUMBERS, NUMBERS).filter(lambda ends: ends[0] != ends[1]))
    entry = Kpi(
        id=draw(NAMES),
        version=draw(st.integers(1, 99)),
        goal="g",
        name=draw(NAMES),
        unit=draw(NAMES),
        direction=Direction.HIGHER if best > worst else Direction.LOWER,
        statistic=statistic,
        source=source,
        score=Goalposts(worst, best),
        weight=draw(st.floats(0, 1e6)),
        cut=draw(NUMBERS) if statistic == "top_box" else None,
        promoters_from=9.0 if statistic == "net_score" else None,
        detractors_to=6.0 if statistic == "net_score" else None,
        in_denominator=("dont_know",) if statistic == "top_box" else (),
        scopes=draw(st.sampled_from([tuple(ScopeType), (ScopeType.UNIT,)])),
        only_for=draw(st.sampled_from([(), ("u",)])),
    )
    one_target = Target(
        entry.id,
        ScopeType.ALL,
        "",
        draw(NUMBERS),
        date(2026, 1, 1),
        draw(st.none() | st.dates(date(2026, 1, 2), date(9999, 12, 31))),
        draw(st.sampled_from(TargetSource)),
        draw(st.integers(1, 99)),
    )
    return Scorebook(
        "Europe/Zurich",
        (Unit("u", draw(NAMES)),),
        (Representative("r", draw(NAMES), "u"),),
        (Goal("g", draw(NAMES), draw(st.just("") | NAMES), ""),),
        (entry,),
        (one_target,),
    )


@settings(deadline=None, max_examples=60)
@given(scorebooks())
def test_a_scorebook_written_as_yaml_is_read_back_equal(book):
    assert read_scorebook(book.to_yaml()) == book
