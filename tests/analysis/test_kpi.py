from datetime import date

import pytest
import yaml
from hypothesis import given, settings

from analysis.kpi import (
    Adjustment,
    Direction,
    Goal,
    Goalposts,
    InRange,
    Kpi,
    RatingSource,
    RedTarget,
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
from tests.analysis.strategies import scorebooks
from tests.analysis.wrong_books import ADJUST, RANGE, RED, WRONG_BOOKS, WRONG_KPIS


def read(*kpis, **changes):
    return read_scorebook(yaml.safe_dump(document(*kpis, **changes)))


def problems(*kpis, **changes):
    """The problems that a scorebook has."""
    with pytest.raises(ScorebookError) as refused:
        read(*kpis, **changes)
    return refused.value.problems


def codes(*kpis, **changes):
    return [problem.code for problem in problems(*kpis, **changes)]


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


@pytest.mark.parametrize(("entry", "code"), WRONG_KPIS)
def test_a_kpi_that_cannot_be_computed_is_refused(entry, code):
    assert code in codes(entry)


@pytest.mark.parametrize(("changes", "code"), WRONG_BOOKS)
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


def test_a_goal_says_how_its_kpis_are_averaged_and_from_which_score_it_is_met():
    entry = {"id": "quality", "name": "Quality"}
    (goal,) = read(kpi(), goals=[entry]).goals
    assert (goal.aggregation, goal.target) == ("arithmetic", None)
    (goal,) = read(kpi(), goals=[entry | {"aggregation": "geometric", "target": 0}]).goals
    assert (goal.aggregation, goal.target) == ("geometric", 0)


def test_a_target_says_what_it_follows_and_why():
    plain, adjusted = target(1), target(2, version=2, adjust=ADJUST)
    targets = read(kpi(), targets=[plain, adjusted]).targets
    assert [one.adjustment for one in targets] == [None, Adjustment("demand", 100, 0.5, "Agreed.")]


def test_an_elasticity_may_be_zero_or_negative_and_no_adjustment_is_none():
    for elasticity in (0, -1.5):
        (one,) = read(
            kpi(), targets=[target(1, adjust=ADJUST | {"elasticity": elasticity})]
        ).targets
        assert one.adjustment.elasticity == elasticity
    assert read(kpi(), targets=[target(1, adjust=None)]).targets[0].adjustment is None


def test_a_problem_of_an_adjustment_is_told_where_it_stands():
    (problem,) = problems(kpi(), targets=[target(1, adjust=ADJUST | {"at_setting": -1})])
    assert problem.place == "target 1, adjust"
    assert problem.message == (
        "'at_setting' is what the index was when the target was set: a number above 0."
    )


@pytest.mark.parametrize(
    ("direction", "value", "is_better"),
    [
        ("higher_is_better", 6, True), ("higher_is_better", 5, False),
        ("higher_is_better", 4, False), ("lower_is_better", 4, True),
        ("lower_is_better", 5, False), ("lower_is_better", 6, False),
    ],
)  # fmt: skip
def test_every_target_of_a_kpi_must_be_better_than_its_red_level(direction, value, is_better):
    entry = kpi(direction=direction, score=RED)
    own = target(value, scope_type="unit", scope_id="berne")
    if is_better:
        assert read(entry, targets=[own]).kpis[0].score == RedTarget(5)
    else:
        side = "above" if direction == "higher_is_better" else "below"
        (problem,) = problems(entry, targets=[own])
        assert problem.code == "target_beyond_red"
        assert problem.message == f"The KPI's red level is 5; its targets must lie {side} it."


def test_the_red_level_of_one_kpi_says_nothing_about_the_targets_of_another():
    assert read(kpi(), kpi(id="other", score=RED), targets=[target(1)]).targets[0].value == 1


def test_a_range_may_be_a_point_and_has_no_side_that_is_better():
    for direction in Direction:
        entry = kpi(direction=direction.value, score=RANGE | {"high": 2})
        assert read(entry).kpis[0].score == InRange(1, 2, 2, 4)


def test_a_sum_may_be_of_events_that_happen_by_chance():
    assert read(figure_kpi(events="poisson")).kpis[0].events == "poisson"
    assert read(figure_kpi()).kpis[0].events == ""


@pytest.mark.parametrize(
    ("statistic", "option", "value"),
    [("km_quantile", "quantile", 0.9), ("restricted_mean", "tau", 7200),
     ("share_within", "within", 1800)],
)  # fmt: skip
def test_a_statistic_of_times_has_its_own_option(statistic, option, value):
    entry = median_kpi(statistic=statistic, **{option: value})
    assert getattr(read(entry).kpis[0], option) == value


def test_digits_of_other_scripts_are_no_numbers():
    text = yaml.safe_dump(document(kpi(), targets=[target(1)]))
    for key, code in (("value: 1", "not_a_number"), ("valid_from: 2026-01-01", "not_a_date")):
        with pytest.raises(ScorebookError) as refused:
            read_scorebook(text.replace(key, key.replace("1", "\N{ARABIC-INDIC DIGIT ONE}")))
        assert [problem.code for problem in refused.value.problems] == [code]


@settings(deadline=None, max_examples=100)
@given(scorebooks())
def test_a_scorebook_written_as_yaml_is_read_back_equal(book):
    assert read_scorebook(book.to_yaml()) == book
