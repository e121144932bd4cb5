from datetime import date
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis.definitions import STATISTICS
from analysis.kpi import Scope, ScopeType, Scorebook, Unit
from tests.analysis.building import book, figure_kpi, kpi, median_kpi, target
from tests.analysis.wrong_books import ADJUST, MARGIN, RANGE, RED

DAY = date(2026, 7, 1)


@st.composite
def trees(draw):
    """Units of which each has a parent among those before it, or none."""
    size = draw(st.integers(1, 12))
    parents = [draw(st.none() | st.integers(0, at - 1)) if at else None for at in range(size)]
    return [Unit(f"u{at}", "U", None if up is None else f"u{up}") for at, up in enumerate(parents)]


@given(trees())
def test_upwards_from_a_unit_ends_at_its_root_and_passes_each_unit_once(units):
    parents = {unit.id: unit.parent for unit in units}
    for unit in units:
        path = list(Scorebook("UTC", tuple(units)).upwards(unit.id))
        assert path[0] == unit.id
        assert parents[path[-1]] is None
        assert len(set(path)) == len(path)
        assert all(parents[low] == high for low, high in pairwise(path))


def test_scopes_are_everybody_then_units_then_people():
    found = [scope.label for scope in book(kpi()).scopes]
    assert found == [
        "all", "unit:company", "unit:leasing", "unit:berne", "unit:sales",
        "representative:anna", "representative:ben",
    ]  # fmt: skip


def test_everybody_is_named_for_the_one_unit_at_the_top():
    assert book(kpi()).scopes[0].name == "Example Ltd"
    two_tops = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]
    assert book(kpi(), units=two_tops, representatives=[]).scopes[0].name == "All"


def test_a_kpi_is_computed_for_the_declared_scopes_only():
    only_units = book(kpi(scopes=["unit"]))
    assert {scope.type for scope in only_units.scopes_of(only_units.kpis[0])} == {ScopeType.UNIT}
    own = book(kpi(**{"for": ["anna"]}))
    assert [scope.id for scope in own.scopes_of(own.kpis[0])] == ["anna"]


def value_for(targets, kind, id_, day=DAY):
    chosen = book(kpi(), targets=targets).target_for("k", Scope(ScopeType(kind), id_, ""), day)
    return chosen and chosen.value


def test_the_nearest_target_wins_going_up_from_a_representative():
    everybody = target(1)
    company = target(2, scope_type="unit", scope_id="company")
    leasing = target(3, scope_type="unit", scope_id="leasing")
    anna = target(4, scope_type="representative", scope_id="anna")
    ladder = [everybody, company, leasing, anna]
    found = [value_for(ladder[: length + 1], "representative", "anna") for length in range(4)]
    assert found == [1, 2, 3, 4]
    assert value_for(ladder, "representative", "ben") == 3
    assert value_for(ladder, "unit", "berne") == 3
    assert value_for(ladder, "unit", "sales") == 2
    assert value_for(ladder, "all", "") == 1


def test_a_units_target_is_not_everybodys():
    assert value_for([target(2, scope_type="unit", scope_id="company")], "all", "") is None


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2025, 12, 31), None), (date(2026, 1, 1), 5), (date(2026, 6, 30), 5), (DAY, None)],
)
def test_a_target_holds_from_its_first_day_and_not_on_its_last(day, value):
    assert value_for([target(5, valid_to=DAY)], "all", "", day) == value


def test_of_targets_that_hold_together_the_last_version_counts():
    both = [target(5, version=2), target(6, version=1, valid_from=date(2026, 5, 1))]
    assert value_for(both, "all", "") == 5


def test_what_is_left_at_its_default_is_not_written():
    written = yaml.safe_load(book(kpi(), figure_kpi(id="f"), targets=[target(5)]).to_yaml())
    assert written["goals"] == [
        {"id": "quality", "name": "Quality", "aim": "", "vision": "", "weight": 1,
         "least_coverage": 0.5}
    ]  # fmt: skip
    optional = {"cut", "promoters_from", "detractors_to", "quantile", "tau", "within", "events",
                "unit_of_analysis", "in_denominator", "margins", "by", "scopes", "for"}  # fmt: skip
    assert all(optional.isdisjoint(entry) for entry in written["kpis"])
    assert "adjust" not in written["targets"][0]


def test_what_is_not_left_at_its_default_is_written_as_it_was_given():
    goals = [{"id": "quality", "name": "Quality", "aggregation": "geometric", "target": 80}]
    entries = kpi(score=RANGE), kpi(id="red", score=RED), figure_kpi(id="f", events="poisson")
    entries += (kpi(id="weighted", margins=[MARGIN], by=["region"]),)
    given = book(*entries, goals=goals, targets=[target(5, adjust=ADJUST)], minimum_n=7)
    written = yaml.safe_load(given.to_yaml())
    assert written["goals"][0] == written["goals"][0] | goals[0]
    assert [entry["score"] for entry in written["kpis"][:2]] == [RANGE, RED]
    assert written["kpis"][2]["events"] == "poisson"
    assert written["kpis"][3]["margins"] == [MARGIN]
    assert written["kpis"][3]["by"] == ["region"]
    assert written["minimum_n"] == 7
    assert written["targets"][0]["adjust"] == ADJUST


@pytest.mark.parametrize(
    ("entry", "has_true_zero"),
    [(kpi(), False), (kpi(statistic="net_score"), False), (kpi(statistic="top_box", cut=5), True),
     (median_kpi(), True), (figure_kpi(), True), (figure_kpi(statistic="last"), True),
     (figure_kpi(statistic="mean_over_periods"), True)],
)  # fmt: skip
def test_shares_times_and_figures_have_a_true_zero_and_points_on_a_scale_have_none(
    entry, has_true_zero
):
    assert book(entry).kpis[0].has_true_zero is has_true_zero


def test_no_statistic_is_offered_twice():
    assert len(set(STATISTICS)) == len(STATISTICS)
