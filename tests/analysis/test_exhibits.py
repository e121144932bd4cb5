"""Exhibits: distributions, curves and histories, by hand and against the rows they belong to."""

import json
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from analysis.curve_exhibits import TOLERANCE, reached_by, thin
from analysis.duration_shares import share_within
from analysis.exhibits import make_exhibits
from analysis.periods import Period
from analysis.pipeline import score_kpis
from analysis.risk_tables import RiskTable
from analysis.told_cells import top_levels
from tests.analysis.building import AFTER, answers, book, figure_kpi, kpi, median_kpi, write_facts

JULY = Period.parse("2026-07")


def exhibits(folder, scorebook, period=JULY, now=AFTER):
    """Documents by kind, KPI and scope; each is what JSON gives back."""
    made = list(make_exhibits(folder, scorebook, period, now=now, seed=1))
    found = {(one.kind, one.kpi_id, one.scope.label): one.document for one in made}
    assert len(found) == len(made)
    assert json.loads(json.dumps(found_values := list(found.values()), allow_nan=False)) == (
        found_values
    )
    return found


def counts(document, window="period"):
    return {
        one["low"]: one["count"] for one in document["windows"][window]["values"] if one["count"]
    }


@pytest.fixture
def rated(tmp_path):
    """June: 4, 5; July: 5, 5, 7 in Berne (Anna), 2 and two missing in Leasing (Ben)."""
    write_facts(tmp_path, "ratings", answers([4.0, 5.0], unit="berne"), "2026-06")
    july = [
        *answers([5.0, 5.0, 7.0], unit="berne", representative="anna"),
        *answers([2.0, "skipped", "dont_know"], unit="leasing", representative="ben", version=2),
    ]
    return write_facts(tmp_path, "ratings", july)


def test_answers_are_counted_by_value_and_by_missing_code(rated):
    found = exhibits(rated, book(kpi()))
    july = found["answers", "k", "all"]["windows"]["period"]
    assert counts(found["answers", "k", "all"]) == {2: 1, 5: 2, 7: 1}
    assert len(july["values"]) == 11
    assert (july["n"], july["missing"]) == (4, {"skipped": 1, "dont_know": 1})
    assert (july["scale"], july["versions"], july["series"]) == ([0, 10], [1, 2], [1])
    assert counts(found["answers", "k", "all"], "trailing_12_months") == {2: 1, 4: 1, 5: 3, 7: 1}
    assert found["answers", "k", "all"]["months"] == [
        {"month": "2026-06", "n": 2, "mean": 4.5},
        {"month": "2026-07", "n": 4, "mean": 4.75},
    ]


def test_answers_belong_to_the_scopes_of_the_rows(rated):
    found = exhibits(rated, book(kpi()))
    assert counts(found["answers", "k", "representative:anna"]) == {5: 2, 7: 1}
    assert counts(found["answers", "k", "unit:leasing"]) == {2: 1, 5: 2, 7: 1}
    assert found["answers", "k", "representative:ben"]["windows"]["period"]["versions"] == [2]
    assert ("answers", "k", "unit:sales") not in found
    for row in score_kpis(rated, book(kpi()), JULY, now=AFTER, seed=1).rows():
        label = ":".join(filter(None, (row["scope_type"], row["scope_id"])))
        if document := found.get(("answers", "k", label)):
            assert document["windows"][row["window"]]["n"] == row["n"]


def test_only_the_series_that_counts_is_drawn_and_the_others_are_counted(tmp_path):
    write_facts(tmp_path, "ratings", [*answers([1.0]), *answers([8.0, 9.0], series=2)])
    july = exhibits(tmp_path, book(kpi()))["answers", "k", "all"]["windows"]["period"]
    assert (july["n"], july["series"], july["other_series"]) == (2, [2], 1)


def test_a_fine_scale_is_told_in_classes(tmp_path):
    values = [one / 4 for one in range(41)]
    write_facts(tmp_path, "ratings", answers(values))
    july = exhibits(tmp_path, book(kpi()))["answers", "k", "all"]["windows"]["period"]
    # 0 to 0.75, ..., and in the last class 9, 9.25, 9.5, 9.75 and 10 itself.
    assert [one["count"] for one in july["values"]] == [4] * 9 + [5]
    assert (july["values"][0]["low"], july["values"][0]["high"]) == (0, 1)


def test_the_distribution_of_a_gap_is_that_of_differences(tmp_path):
    rows = [*answers([5.0, 6.0, 6.0]), *answers([7.0, 7.0, 7.0], question="q2")]
    write_facts(tmp_path, "ratings", rows)
    source = {"questionnaire": "feedback", "question": "q1", "expected": "q2"}
    found = exhibits(tmp_path, book(kpi(statistic="gap", source=source)))
    assert counts(found["answers", "k", "all"]) == {-2: 1, -1: 2}


def test_a_suppressed_cell_has_no_values_and_no_months(tmp_path):
    rows = [
        *answers([5.0] * 9, unit="berne", representative="anna"),
        *answers([2.0] * 3, unit="leasing", representative="ben"),
        *answers([3.0] * 8, unit="sales"),
    ]
    write_facts(tmp_path, "ratings", rows)
    found = exhibits(tmp_path, book(kpi(), minimum_n=5))
    ben = found["answers", "k", "representative:ben"]
    assert ben["windows"]["period"] == {"status": "suppressed"}
    assert (ben["months_status"], ben["months"]) == ("suppressed", [])
    assert found["history", "k", "representative:ben"] == {"status": "suppressed"}
    rows = score_kpis(tmp_path, book(kpi(), minimum_n=5), JULY, now=AFTER, seed=1).rows()
    withheld = {
        (row["scope_type"], row["scope_id"]) for row in rows if row["verdict"] == "suppressed"
    }
    assert ("representative", "ben") in withheld
    for (kind, _, label), document in found.items():
        scope_type, _, scope_id = label.partition(":")
        if (scope_type, scope_id) in withheld:
            told = document if kind == "history" else document["windows"]["period"]
            assert told == {"status": "suppressed"}, label


def test_codes_of_few_who_gave_no_value_are_suppressed(tmp_path):
    rows = [
        *answers(["dont_know", "skipped"], unit="berne", representative="anna"),
        *answers([3.0] * 8, unit="leasing", representative="ben"),
    ]
    write_facts(tmp_path, "ratings", rows)
    found = exhibits(tmp_path, book(kpi(), minimum_n=5))
    anna = found["answers", "k", "representative:anna"]
    assert anna["windows"]["period"] == {"status": "suppressed"}


def test_a_month_of_few_people_hides_the_months_but_not_the_whole(tmp_path):
    write_facts(tmp_path, "ratings", answers([4.0] * 3, unit="sales"), "2026-06")
    write_facts(tmp_path, "ratings", answers([4.0] * 9, unit="sales"))
    document = exhibits(tmp_path, book(kpi(), minimum_n=5))["answers", "k", "unit:sales"]
    assert document["windows"]["trailing_12_months"]["n"] == 12
    assert document["months_status"] == "suppressed"


def by_month(folder, values, **common):
    for number, of_month in enumerate(values):
        month = f"{2025 + number // 12}-{number % 12 + 1:02d}"
        if of_month:
            write_facts(folder, "ratings", answers(of_month, **common), month)


def test_the_history_has_the_values_of_the_rows_and_the_limits_of_their_moving_ranges(tmp_path):
    values = [4.0, 6.0, 5.0, 7.0, 5.0, 6.0, 5.0]
    by_month(tmp_path, [[one, one] for one in values])
    period = Period.parse("2025-07")
    history = exhibits(tmp_path, book(kpi()), period)["history", "k", "all"]
    assert [one["value"] for one in history["periods"]] == values
    assert history["periods"][0]["label"] == "2025-01"
    # Moving ranges 2, 1, 2, 2, 1, 1: mean 3/2; mean of the values 38/7; 3/d2 = 2.6587.
    half = 3 * np.sqrt(np.pi) / 2 * 1.5
    center = float(Fraction(38, 7))
    assert history["limits"]["center"] == pytest.approx(center)
    assert history["limits"]["low"] == pytest.approx(center - half)
    assert history["limits"]["high"] == pytest.approx(center + half)
    assert history["signals"] == []
    scored = score_kpis(tmp_path, book(kpi()), period, now=AFTER, seed=1).rows()
    everybody = next(
        row for row in scored if (row["scope_type"], row["window"]) == ("all", "period")
    )
    assert history["slope"] == everybody["trend_slope"]
    last = history["periods"][-1]
    assert (last["value"], last["n"]) == (everybody["value"], everybody["n"])


def test_a_value_beyond_the_limits_is_a_signal(tmp_path):
    by_month(tmp_path, [[5.0], [5.2], [5.0], [5.1], [5.0], [5.2], [5.1], [5.0], [5.1], [9.9]])
    history = exhibits(tmp_path, book(kpi()), Period.parse("2025-10"))["history", "k", "all"]
    assert {"period": "2025-10", "rule": "beyond_limits"} in history["signals"]


def test_a_break_begins_the_limits_anew_and_is_marked(tmp_path):
    by_month(tmp_path, [[1.0], [2.0], [1.0]])
    for month in range(4, 10):
        rows = answers([5.0 + month % 2], series=2)
        write_facts(tmp_path, "ratings", rows, f"2025-{month:02d}")
    history = exhibits(tmp_path, book(kpi()), Period.parse("2025-09"))["history", "k", "all"]
    assert history["breaks"] == ["2025-04"]
    assert (history["limits"]["center"], history["limits"]["n"]) == (5.5, 6)


def test_few_periods_have_no_limits_and_equal_ones_neither(tmp_path):
    by_month(tmp_path, [[5.0]] * 8)
    few = exhibits(tmp_path, book(kpi()), Period.parse("2025-05"))["history", "k", "all"]
    assert (few["limits"], few["limits_reason"][:13]) == (None, "Limits need 6")
    alike = exhibits(tmp_path, book(kpi()), Period.parse("2025-08"))["history", "k", "all"]
    assert (alike["limits"], alike["limits_reason"][:14]) == (None, "All values are")


def test_a_period_that_is_not_over_is_told_but_makes_no_limits(tmp_path):
    by_month(tmp_path, [[5.0], [6.0], [5.0], [6.0], [5.0], [6.0], [1.0]])
    now = datetime(2025, 7, 9, tzinfo=UTC)
    history = exhibits(tmp_path, book(kpi()), Period.parse("2025-07"), now)["history", "k", "all"]
    assert history["periods"][-1]["is_partial"]
    assert (history["limits"]["center"], history["limits"]["n"]) == (5.5, 6)


def test_control_limits_stay_where_values_can_be(tmp_path):
    share = {"statistic": "top_box", "cut": 9, "unit": "share", "score": {"worst": 0, "best": 1}}
    by_month(tmp_path, [[9.0], [1.0]] * 4)
    history = exhibits(tmp_path, book(kpi(**share)), Period.parse("2025-08"))["history", "k", "all"]
    assert (history["limits"]["low"], history["limits"]["high"]) == (0, 1)


def test_figures_have_a_history_however_few_people_there_are(tmp_path):
    write_facts(tmp_path, "figures", [{"unit": "sales", "value": 5.0}])
    found = exhibits(tmp_path, book(figure_kpi(), minimum_n=5))
    assert found["history", "k", "unit:sales"]["periods"][-1]["value"] == 5
    assert {kind for kind, _, _ in found} == {"history"}


@pytest.fixture
def visited(tmp_path):
    """Of five visits two reach it after 20 and 50 s, one is called back at 40, two are open."""
    rows = [
        {"seconds": 20.0},
        {"seconds": 40.0, "event": "called_back"},
        {"seconds": 50.0},
        {"seconds": 90.0, "event": "open"},
        {"seconds": 90.0, "event": "open"},
    ]
    rows = [{"visit": f"v{number}", "unit": "sales"} | row for number, row in enumerate(rows)]
    return write_facts(tmp_path, "durations", rows)


def test_the_curve_is_the_cumulative_incidence_with_its_counts(visited):
    document = exhibits(visited, book(median_kpi()))["curve", "k", "all"]
    july = document["windows"]["period"]
    # 1/5 at 20 s; then 4/5 x 3/4 are left and 1 of 3 reaches it at 50 s: 1/5 + 1/5.
    assert [(one[0], round(one[1], 12)) for one in july["steps"]] == [(20, 0.2), (50, 0.4)]
    told = ("n", "reached", "called_back", "left", "open", "until")
    assert [july[name] for name in told] == [5, 2, 1, 0, 2, 90]
    assert july["method"] == "aalen_johansen_log_log"
    assert july["at_risk"][:2] == [{"seconds": 0, "n": 5}, {"seconds": 30, "n": 4}]
    # The limits that the KPI "share within a minute" has.
    within = kpi(
        statistic="share_within",
        within=60,
        unit="share",
        source={"process": "sale", "milestone": "shown"},
        score={"worst": 0, "best": 1},
    )
    rows = score_kpis(visited, book(within), JULY, now=AFTER, seed=1).rows()
    share = next(row for row in rows if (row["scope_type"], row["window"]) == ("all", "period"))
    assert july["steps"][-1][1:] == pytest.approx(
        [share["value"], share["ci_low"], share["ci_high"]], abs=1e-6
    )


@pytest.mark.parametrize("competing", [0, 1])
def test_the_curve_equals_the_share_within_each_time(competing):
    random = np.random.default_rng(1)
    time = np.arange(1.0, 41)
    reached, open_ = random.integers(0, 3, (3, 40)), random.integers(0, 2, (3, 40))
    other = random.integers(0, 2, (3, 40)) * competing
    table = RiskTable.count(
        np.tile(time, (3, 1)), *(one.astype(float) for one in (reached, other, open_))
    )
    curve = reached_by(table)
    limits = curve.interval()
    for at, moment in enumerate(time):
        known = table.is_known_at(moment)
        one = share_within(table, moment)
        for mine, theirs in (
            (curve.value, one.value),
            (limits.low, one.interval().low),
            (limits.high, one.interval().high),
        ):
            assert mine[known, at] == pytest.approx(theirs[known], nan_ok=True)


def test_a_long_curve_is_thinned_to_200_steps_that_stay_close():
    level = np.cumsum(np.full(20_000, 1 / 20_000))
    kept = thin(level)
    assert len(kept) <= 201
    drawn = level[kept][np.searchsorted(kept, np.arange(len(level)), side="right") - 1]
    assert np.abs(level - drawn).max() < TOLERANCE
    assert kept[[0, -1]].tolist() == [0, 19_999]


def test_exhibits_are_for_whole_levels_of_the_tree():
    # Everybody, the company, Leasing and Sales, Berne, then Anna and Ben.
    scorebook = book(kpi())
    levels = [1, 2, 4, 5, 7]
    for most in range(1, 9):
        fits = max(one for one in levels if one <= most)
        assert len(top_levels(scorebook, most)) == fits
    assert [one.label for one in top_levels(scorebook, 2)] == ["all", "unit:company"]
