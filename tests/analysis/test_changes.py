"""Change against the period before and trend, in scored rows."""

import numpy as np
import pytest
import scipy.stats

from analysis.periods import Period, PeriodType
from analysis.pipeline import score_kpis
from tests.analysis.building import (
    AFTER,
    answers,
    book,
    figure_kpi,
    kpi,
    median_kpi,
    write_facts,
)

JUNE, JULY = [4.0, 6.0, 7.0, 5.0, 6.0], [8.0, 9.0, 7.0, 9.0]
SHARE = {"statistic": "top_box", "cut": 7, "unit": "share", "score": {"worst": 0, "best": 1}}


def score(folder, *entries, period="2026-07", each=None, **changes):
    """The rows of everybody, by KPI and window."""
    periods = Period.parse(period).split(each) if each else Period.parse(period)
    scorebook = book(*entries, **({"units": [], "representatives": []} | changes))
    rows = score_kpis(folder, scorebook, periods, now=AFTER, seed=1).rows()
    return {(row["kpi_id"], row["period_label"], row["window"]): row for row in rows}


@pytest.fixture
def folder(tmp_path):
    write_facts(tmp_path, "ratings", answers(JUNE), "2026-06")
    return write_facts(tmp_path, "ratings", answers(JULY), "2026-07")


def test_a_mean_is_compared_by_welch_as_scipy_does(folder):
    row = score(folder, kpi())["k", "2026-07", "period"]
    expected = scipy.stats.ttest_ind(JULY, JUNE, equal_var=False)
    interval = expected.confidence_interval()
    assert row["prev_value"] == pytest.approx(5.6)
    assert row["change_abs"] == pytest.approx(8.25 - 5.6)
    assert row["change_p"] == pytest.approx(expected.pvalue)
    assert (row["change_ci_low"], row["change_ci_high"]) == pytest.approx(
        (interval.low, interval.high)
    )


def test_a_share_is_compared_by_the_score_test(folder):
    row = score(folder, kpi(**SHARE))["k", "2026-07", "period"]
    # 4 of 4 against 1 of 5; pooled 5/9: z = 0.8 / sqrt(20/81 (1/4 + 1/5)).
    z = 0.8 / np.sqrt(20 / 81 * (1 / 4 + 1 / 5))
    assert row["change_abs"] == pytest.approx(0.8)
    assert row["change_p"] == pytest.approx(2 * scipy.stats.norm.sf(z))


def test_a_net_score_changes_in_points(folder):
    row = score(folder, kpi(statistic="net_score", score={"worst": -100, "best": 100}))[
        "k", "2026-07", "period"
    ]
    # July: 2 of 4 promote, nobody detracts: 50. June: 4 of 5 detract: -80.
    assert (row["prev_value"], row["change_abs"]) == (-80, 130)
    assert row["change_ci_low"] < 130 < row["change_ci_high"]


def test_figures_change_without_a_test(tmp_path):
    write_facts(
        tmp_path,
        "figures",
        [{"value": 5.0, "period_start": np.datetime64("2026-06-01").item()}],
        "2026-06",
    )
    write_facts(tmp_path, "figures", [{"value": 7.0}])
    row = score(tmp_path, figure_kpi())["k", "2026-07", "period"]
    assert (row["prev_value"], row["change_abs"], row["change_p"]) == (5, 2, None)


def test_a_median_changes_with_an_interval(tmp_path):
    for month, shift in (("2026-06", 0), ("2026-07", 100)):
        rows = [{"seconds": float(shift + second)} for second in range(1, 21)]
        write_facts(tmp_path, "durations", rows, month)
    row = score(tmp_path, median_kpi())["k", "2026-07", "period"]
    assert row["change_abs"] == pytest.approx(100)
    assert row["change_ci_low"] > 80
    assert row["change_p"] < 0.001


def test_without_a_period_before_nothing_is_compared(tmp_path):
    write_facts(tmp_path, "ratings", answers(JULY))
    row = score(tmp_path, kpi())["k", "2026-07", "period"]
    compared = ("prev_value", "change_abs", "change_ci_low", "change_p", "change_p_adjusted")
    assert [row[name] for name in compared] == [None] * 5


def test_no_change_is_computed_across_a_break(folder):
    write_facts(folder, "ratings", answers(JULY, version=2, series=2), "2026-07")
    row = score(folder, kpi())["k", "2026-07", "period"]
    assert (row["prev_value"], row["change_abs"], row["change_p"]) == (
        pytest.approx(5.6),
        None,
        None,
    )


def test_p_values_are_adjusted_over_the_whole_scorecard_of_a_period(folder):
    entries = (
        kpi(),
        kpi(id="share", **SHARE),
        kpi(id="none", source={"questionnaire": "x", "question": "y"}),
    )
    rows = score(folder, *entries)
    family = [rows[one, "2026-07", "period"] for one in ("k", "share")]
    expected = scipy.stats.false_discovery_control([row["change_p"] for row in family])
    assert [row["change_p_adjusted"] for row in family] == pytest.approx(list(expected))
    assert rows["none", "2026-07", "period"]["change_p_adjusted"] is None


def test_the_trend_is_theil_and_sens_slope_per_period(tmp_path):
    values = {"2026-04": 4.0, "2026-05": 6.0, "2026-06": 5.0, "2026-07": 9.0}
    for month, value in values.items():
        write_facts(tmp_path, "ratings", answers([value, value]), month)
    rows = score(tmp_path, kpi(), period="2026-04..2026-07", each=PeriodType.MONTH)
    expected = scipy.stats.theilslopes(list(values.values())).slope
    assert rows["k", "2026-07", "period"]["trend_slope"] == pytest.approx(expected)
    # Two months are no trend; and long windows overlap, so they have none.
    assert rows["k", "2026-05", "period"]["trend_slope"] is None
    assert rows["k", "2026-07", "trailing_12_months"]["trend_slope"] is None


def test_a_trend_begins_anew_after_a_break(tmp_path):
    for month in range(1, 5):
        write_facts(tmp_path, "ratings", answers([9.0 - month] * 2), f"2026-0{month}")
    for month in range(5, 8):
        changed = answers([float(month)] * 2, version=2, series=2)
        write_facts(tmp_path, "ratings", changed, f"2026-0{month}")
    assert score(tmp_path, kpi())["k", "2026-07", "period"]["trend_slope"] == pytest.approx(1)


def test_the_long_window_holds_the_twelve_months_that_end_with_the_period(tmp_path):
    write_facts(tmp_path, "ratings", answers([1.0]), "2025-07")
    write_facts(tmp_path, "ratings", answers([5.0]), "2025-08")
    write_facts(tmp_path, "ratings", answers([9.0]), "2026-07")
    rows = score(tmp_path, kpi())
    assert (rows["k", "2026-07", "period"]["value"], rows["k", "2026-07", "period"]["n"]) == (9, 1)
    long = rows["k", "2026-07", "trailing_12_months"]
    assert (long["value"], long["n"], long["prev_value"]) == (7, 2, 1)


def test_a_sum_over_twelve_months_is_not_held_against_the_target_of_a_month(tmp_path):
    write_facts(tmp_path, "figures", [{"value": 7.0}])
    goal = {"kpi": "k", "scope_type": "all", "value": 5, "valid_from": "2020-01-01"}
    rows = score(tmp_path, figure_kpi(), targets=[goal])
    assert rows["k", "2026-07", "period"]["verdict"] == "met"
    long = rows["k", "2026-07", "trailing_12_months"]
    assert (long["score"], long["deviation_abs"]) == (None, None)


def test_a_customer_of_two_months_is_one_customer_of_the_year(tmp_path):
    write_facts(tmp_path, "ratings", answers([2.0], customer="a"), "2026-06")
    july = answers([8.0], customer="a") + answers([9.0], customer="b")
    write_facts(tmp_path, "ratings", july, "2026-07")
    rows = score(tmp_path, kpi(unit_of_analysis="customer"))
    assert rows["k", "2026-07", "period"]["n"] == 2
    long = rows["k", "2026-07", "trailing_12_months"]
    # a's mean of 2 and 8 is 5; with b's 9: 7.
    assert (long["value"], long["n"]) == (7, 2)
