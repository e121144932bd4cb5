"""Targets that follow local conditions: the elasticity, and the rows of a run."""

from datetime import date

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from analysis.adjusting import estimate_elasticity
from analysis.periods import Period, WindowType
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, answers, book, figure_kpi, kpi, target, write_facts

JULY = Period.parse("2026-07")
ADJUST = {"index": "demand", "at_setting": 100, "elasticity": 0.5, "justification": "Agreed."}
UNADJUSTED = "The target's index has no figure above 0 here, so it cannot be adjusted."


def adjusted(value=100, **changes):
    """A target for everybody that follows demand."""
    return target(value, adjust=ADJUST, **changes)


def demand(value, unit="", person="", month="2026-07"):
    first = date.fromisoformat(f"{month}-01")
    return {"measure": "demand", "unit": unit, "representative": person, "value": float(value),
            "period_start": first}  # fmt: skip


def sales(value, unit="sales", person=""):
    return {"unit": unit, "representative": person, "value": float(value)}


def score(folder, *targets, entry=None, now=AFTER, windows=(WindowType.PERIOD,), period=JULY):
    """The rows by scope."""
    scorebook = book(entry or figure_kpi(), targets=list(targets))
    rows = score_kpis(folder, scorebook, period, now=now, seed=1, windows=windows).rows()
    return {row["scope_id"] or row["scope_type"]: row for row in rows}


def test_the_target_moves_with_its_index_and_the_raw_one_stands_beside(tmp_path):
    write_facts(tmp_path, "figures", [sales(105), demand(120)])
    row = score(tmp_path, adjusted())["all"]
    moved = 100 * 1.2**0.5
    assert (row["target"], row["target_adjusted"]) == (100, pytest.approx(moved))
    # 105 would meet the target as it was set, and misses what demand makes of it.
    assert row["deviation_abs"] == pytest.approx(105 - moved)
    assert row["deviation_rel"] == pytest.approx(105 / moved - 1)
    assert row["verdict"] == "not_met"
    assert f"the target {moved:.6g}" in row["verdict_reason"]


def test_where_demand_falls_less_is_enough(tmp_path):
    write_facts(tmp_path, "figures", [sales(95), demand(81)])
    row = score(tmp_path, adjusted())["all"]
    assert (row["target_adjusted"], row["verdict"]) == (pytest.approx(90), "met")


@pytest.mark.parametrize(("elasticity", "moved"), [(0, 100), (1, 120), (-1, 100 / 1.2)])
def test_the_elasticity_says_how_far_and_which_way(tmp_path, elasticity, moved):
    write_facts(tmp_path, "figures", [sales(105), demand(120)])
    one = target(100, adjust=ADJUST | {"elasticity": elasticity})
    assert score(tmp_path, one)["all"]["target_adjusted"] == pytest.approx(moved)


def test_without_an_adjustment_there_is_no_adjusted_target(tmp_path):
    write_facts(tmp_path, "figures", [sales(105), demand(120)])
    row = score(tmp_path, target(100))["all"]
    assert (row["target"], row["target_adjusted"], row["verdict"]) == (100, None, "met")


def test_a_scope_without_an_index_of_its_own_takes_that_of_the_unit_above(tmp_path):
    figures = [demand(144, "leasing"), demand(121, "sales"), demand(169, "leasing", "ben")]
    write_facts(tmp_path, "figures", figures)
    rows = score(tmp_path, adjusted(), entry=kpi())
    found = {scope: row["target_adjusted"] for scope, row in rows.items()}
    # Leasing: the mean of 144 and Ben's 169. Berne and Anna, who is there, have only leasing's.
    leasing, everybody = 10 * 156.5**0.5, 10 * ((144 + 121 + 169) / 3) ** 0.5
    assert found == pytest.approx(
        {"all": everybody, "company": everybody, "leasing": leasing, "berne": leasing,
         "anna": leasing, "sales": 110, "ben": 130}
    )  # fmt: skip


def test_the_index_is_its_mean_over_the_months_of_the_period(tmp_path):
    write_facts(tmp_path, "figures", [demand(110)])
    write_facts(tmp_path, "figures", [demand(178, month="2026-08")], "2026-08")
    ranged = Period.parse("2026-07..2026-08")
    row = score(tmp_path, adjusted(), entry=kpi(), period=ranged)["all"]
    assert row["target_adjusted"] == pytest.approx(120)


@pytest.mark.parametrize("figures", [[], [demand(0)], [demand(-5)]])
def test_without_a_usable_index_the_verdict_is_left_open_and_says_so(tmp_path, figures):
    write_facts(tmp_path, "figures", [sales(105), *figures])
    row = score(tmp_path, adjusted())["all"]
    assert (row["target"], row["target_adjusted"], row["deviation_abs"]) == (100, None, None)
    assert (row["verdict"], row["verdict_reason"]) == ("undetermined", UNADJUSTED)


def test_before_the_period_is_over_too_a_missing_index_is_what_is_told(tmp_path):
    write_facts(tmp_path, "figures", [sales(105)])
    row = score(tmp_path, adjusted(), now=AFTER.replace(month=7, day=20))["all"]
    assert row["verdict"] == "provisional"
    assert row["verdict_reason"] == f"The period is not over yet. So far: {UNADJUSTED}"


def test_what_else_is_to_be_said_of_a_value_is_not_lost_with_the_index(tmp_path):
    rows = answers([3.0] * 5) + answers([8.0, 9.0], version=2, series=2)
    write_facts(tmp_path, "ratings", rows)
    plain = score(tmp_path, entry=kpi())["all"]["verdict_reason"]
    row = score(tmp_path, adjusted(5), entry=kpi())["all"]
    assert "No target" in plain
    assert row["verdict_reason"] == plain.replace("No target is set for this period.", UNADJUSTED)


def test_without_data_a_missing_index_is_not_worth_a_word(tmp_path):
    write_facts(tmp_path, "figures", [demand(120, "sales")])
    row = score(tmp_path, adjusted())["all"]
    assert row["verdict"] == "no_data"
    assert UNADJUSTED not in row["verdict_reason"]


def test_one_persons_target_may_follow_an_index_while_everybodys_does_not(tmp_path):
    figures = [sales(99, "berne", "anna"), sales(99, "leasing", "ben"), demand(81, "leasing")]
    write_facts(tmp_path, "figures", figures)
    own = adjusted(100, scope_type="representative", scope_id="anna", version=2)
    rows = score(tmp_path, target(100), own)
    raw = {scope: row["target"] for scope, row in rows.items()}
    moved = {scope: row["target_adjusted"] for scope, row in rows.items()}
    assert set(raw.values()) == {100}
    assert moved == dict.fromkeys(rows) | {"anna": pytest.approx(90)}
    assert (rows["anna"]["verdict"], rows["ben"]["verdict"]) == ("met", "not_met")
    assert rows["anna"]["target_scope"] == "representative:anna"


def test_everybodys_target_may_follow_an_index_while_one_persons_does_not(tmp_path):
    write_facts(tmp_path, "figures", [sales(99, "berne", "anna"), demand(81)])
    own = target(100, scope_type="representative", scope_id="anna", version=2)
    rows = score(tmp_path, adjusted(), own)
    assert (rows["anna"]["target_adjusted"], rows["anna"]["verdict"]) == (None, "not_met")
    assert rows["berne"]["target_adjusted"] == pytest.approx(90)
    assert rows["berne"]["verdict"] == "met"


def test_a_score_by_the_target_follows_the_adjusted_one_of_each_scope(tmp_path):
    figures = [sales(90, "berne", "anna"), sales(90, "leasing", "ben"), demand(81, "leasing")]
    write_facts(tmp_path, "figures", figures)
    entry = figure_kpi(score={"rule": "red_target", "red": 60})
    own = adjusted(100, scope_type="representative", scope_id="anna", version=2)
    rows = score(tmp_path, target(120), own, entry=entry)
    # Anna is on her adjusted target. Ben is halfway from 60 to 120.
    assert rows["anna"]["score"] == pytest.approx(200 / 3)
    assert rows["ben"]["score"] == pytest.approx(50)


def test_a_target_that_is_adjusted_to_the_wrong_side_of_red_scores_nothing(tmp_path):
    write_facts(tmp_path, "figures", [sales(90), demand(25)])
    row = score(tmp_path, adjusted(), entry=figure_kpi(score={"rule": "red_target", "red": 60}))
    assert (row["all"]["target_adjusted"], row["all"]["score"]) == (50, None)
    assert row["all"]["verdict"] == "met"


def test_twelve_months_have_an_index_of_their_own(tmp_path):
    for month, value in (("2026-06", 100), ("2026-07", 144)):
        figures = [demand(value, month=month)]
        write_facts(tmp_path, "figures", figures, month)
        write_facts(tmp_path, "ratings", answers([8.0, 9.0]), month)
    scorebook = book(kpi(), targets=[adjusted(5)], units=[], representatives=[])
    rows = score_kpis(tmp_path, scorebook, JULY, now=AFTER, seed=1).rows()
    moved = {row["window"]: row["target_adjusted"] for row in rows}
    assert moved == pytest.approx({"period": 6, "trailing_12_months": 5 * 1.22**0.5})


def test_the_hash_of_the_inputs_changes_with_the_index(tmp_path):
    hashes = []
    for value in (120, 121):
        write_facts(tmp_path, "figures", [sales(105), demand(value)])
        hashes.append(score(tmp_path, adjusted())["all"]["inputs_hash"])
    assert hashes[0] != hashes[1]


# Sales of 12 months and the demand for them.
SALES = np.array([204, 211, 198, 230, 241, 236, 252, 247, 260, 271, 266, 280], np.float64)
DEMAND = np.array([100, 104, 99, 112, 118, 121, 125, 124, 133, 140, 137, 149], np.float64)


def test_the_elasticity_is_the_slope_of_the_logarithms_as_scipy_has_it():
    found = estimate_elasticity(SALES, DEMAND)
    line = scipy.stats.linregress(np.log(DEMAND), np.log(SALES))
    half = scipy.stats.t.ppf(0.95, 10) * line.stderr
    assert (found.value, found.std_error) == pytest.approx((line.slope, line.stderr))
    assert (found.n, found.reason) == (12, "")
    interval = found.interval(0.90)
    assert (interval.low, interval.high) == pytest.approx((line.slope - half, line.slope + half))
    assert (interval.level, interval.rule) == (0.90, "student_t")


def test_the_elasticity_of_three_periods_is_the_one_computed_by_hand():
    # Logarithms to the base e: x = 0, 1, 2 and y = 0, 1, 1. b = 1 / 2; residuals -1/6, 1/3, -1/6,
    # so the error is sqrt(1/6 / 1 / 2).
    found = estimate_elasticity(np.exp([0.0, 1, 1]), np.exp([0.0, 1, 2]))
    assert (found.value, found.std_error) == pytest.approx((0.5, (1 / 12) ** 0.5))
    # t(1) at 97.5 %: tan(0.475 pi) = 12.7062.
    assert found.interval().high == pytest.approx(0.5 + 12.7062047 * (1 / 12) ** 0.5)


@given(st.floats(-3, 3), st.floats(0.01, 100))
def test_what_follows_an_index_exactly_has_its_elasticity_without_error(elasticity, scale):
    found = estimate_elasticity(scale * DEMAND**elasticity, DEMAND)
    assert found.value == pytest.approx(elasticity, abs=1e-9)
    assert found.std_error == pytest.approx(0, abs=1e-6)


def test_the_units_of_value_and_index_do_not_matter():
    found, other = estimate_elasticity(SALES, DEMAND), estimate_elasticity(SALES * 7, DEMAND / 100)
    assert (found.value, found.std_error) == pytest.approx((other.value, other.std_error))


def test_periods_that_lack_one_of_the_two_are_left_out():
    sales, index = SALES.copy(), DEMAND.copy()
    sales[2], index[5] = np.nan, np.nan
    both = np.delete(np.arange(12), [2, 5])
    assert estimate_elasticity(sales, index) == estimate_elasticity(SALES[both], DEMAND[both])


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 periods have"), (1, "1 period has"), (2, "2 periods have")]
)
def test_fewer_than_three_periods_have_no_elasticity_and_say_so(count, told):
    found = estimate_elasticity(np.append(SALES[:count], np.nan), np.append(DEMAND[:count], 100))
    assert np.isnan([found.value, found.std_error, found.interval().low]).all()
    assert found.n == count
    assert found.reason == f"Only {told} both a value and an index; 3 are needed."


def test_an_index_that_never_moves_says_nothing():
    # 0.1 three times over is 0.30000000000000004.
    found = estimate_elasticity(SALES[:3], [0.3, 0.1 + 0.2, 0.3])
    assert np.isnan([found.value, found.std_error, found.interval().high]).all()
    assert found.reason == "The index is the same in all periods, so nothing follows from it."


def test_a_value_that_never_moves_does_not_follow():
    found = estimate_elasticity(np.full(12, 5.0), DEMAND)
    assert (found.value, found.std_error, found.interval().high) == (0, 0, 0)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.inf])
@pytest.mark.parametrize(("at", "name"), [(0, "values"), (1, "index")])
def test_what_has_no_logarithm_is_refused(at, name, wrong):
    both = [SALES.copy(), DEMAND.copy()]
    both[at][3] = wrong
    with pytest.raises(ValueError, match=f"The {name} must be finite and above 0"):
        estimate_elasticity(*both)


@pytest.mark.parametrize(("values", "index"), [([1.0, 2], [1.0]), (1.0, 1.0), ([[1.0]], [[1.0]])])
def test_values_and_index_come_in_pairs(values, index):
    with pytest.raises(ValueError, match="same shape"):
        estimate_elasticity(values, index)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_between_0_and_1(level):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        estimate_elasticity(SALES, DEMAND).interval(level)
