"""The simulated coverage of intervals, against enumeration and closed forms."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from bench.coverage import figure_of, simulate
from bench.coverage.durations import MINUTE, TIMES, Visits, cover_median, cover_shares
from bench.coverage.goals import CARDS, Card, drawn_cards, mixed_cards
from bench.coverage.page import PAGE, write_page
from bench.coverage.ratings import (
    MEAN,
    NET_SCORE,
    RECOMMENDING,
    SHARES,
    TOP_BOX,
    Population,
    cover,
    cover_by_wald,
)
from bench.coverage.tally import Row, Setting
from bench.results import RESULTS

NAN, INF = math.nan, math.inf
Z = 1.959963984540054


def shares_covered_by_wilson(share: float, n: int) -> float:
    """The coverage of Wilson's interval, summed over everything that can be counted."""
    found = 0.0
    for count in range(n + 1):
        p = count / n
        centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        if centre - half <= share <= centre + half:
            found += math.comb(n, count) * share**count * (1 - share) ** (n - count)
    return found


@pytest.mark.parametrize("n", [5, 20])
@pytest.mark.parametrize("place", [0, 5, 17])
def test_the_coverage_of_wilsons_interval_is_what_enumeration_gives(n: int, place: int) -> None:
    found = cover(TOP_BOX, SHARES[place], n, samples=20_000, seed=3)
    assert found.without == 0
    assert found.covered == pytest.approx(
        shares_covered_by_wilson(0.05 * (place + 1), n), abs=4 * found.error
    )
    assert 0 < found.error < 0.003


def test_the_coverage_of_plain_wald_is_worked_by_hand() -> None:
    # 0, 8 and 10 with chances 1/4, 1/2, 1/4: net score 0. Of two answers, both 0 or both 10 have
    # no spread and miss (1/16 each); 0 and 8 have -50 -+ 196 sqrt(1/8) = -50 -+ 69; all others
    # are centred on 0.
    population = Population("three", 0, (1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1))
    found = cover_by_wald(population, 2, samples=20_000, seed=3)
    assert found.covered == pytest.approx(7 / 8, abs=4 * found.error)


def test_equal_answers_have_no_interval_and_are_counted_apart() -> None:
    # Yes and no, two answers: equal half the time, and else 0.5 -+ 12.7 / 2 holds everything.
    found = cover(MEAN, Population("even", 0, (1, 1)), 2, samples=20_000, seed=3)
    assert found.without == pytest.approx(0.5, abs=0.015)
    assert found.covered == 1


def test_a_setting_counts_what_is_given_and_what_holds_the_truth() -> None:
    low = np.array([1.0, 6.0, NAN, NAN, 5.0 + 1e-12, INF])
    high = np.array([4.0, NAN, 9.0, NAN, 8.0, NAN])
    found = Setting.of("five", 5.0, low, high)
    # [1, 4] misses, from 6 on misses, to 9 holds, none, [5, 8] holds, beyond all times misses.
    assert (found.samples, found.without) == (6, pytest.approx(1 / 6))
    assert found.covered == pytest.approx(2 / 5)
    nothing = Setting.of("nothing", 5.0, np.full(3, NAN), np.full(3, NAN))
    assert nothing.without == 1
    assert math.isnan(nothing.covered)


def test_the_error_is_that_of_samples_and_not_of_the_groups_in_them() -> None:
    held = np.repeat([[1.0], [0.0]], 50, axis=0) * np.ones(10)
    single = Setting.of("single", 1.0, 1.5 * (1 - held[:, :1]), np.full((100, 1), 2.0))
    groups = Setting.of("groups", np.ones((100, 10)), 1.5 * (1 - held), np.full((100, 10), 2.0))
    assert (single.covered, groups.covered) == (0.5, 0.5)
    assert single.error == pytest.approx(0.05)
    assert groups.error == pytest.approx(0.05)
    assert (single.samples, groups.samples) == (100, 1000)


def test_a_row_is_the_mean_of_its_settings_with_the_least_and_the_greatest() -> None:
    settings = (
        Setting("a", 100, 0.0, 0.96, 0.03),
        Setting("b", 100, 0.5, 0.90, 0.04),
        Setting("c", 100, 1.0, NAN, NAN),
    )
    row = Row("k", "statistic", "5 answers", settings)
    assert row.coverage == pytest.approx(0.93)
    assert row.error == pytest.approx(0.025)
    assert (row.least.name, row.greatest.name) == ("b", "a")
    assert (row.without, row.samples) == (0.5, 300)
    figure = figure_of(row)
    assert (figure.value, figure.unit, figure.reference, figure.n) == (0.93, "share", 0.95, 300)
    assert "3 settings; least 0.900 (b)" in figure.note


def test_a_seed_gives_the_same_and_another_seed_something_else() -> None:
    one, same, other = (cover(NET_SCORE, RECOMMENDING[2], 5, 500, seed) for seed in (1, 1, 2))
    assert one == same
    assert one.covered != other.covered
    visits = Visits("exponential", 0.2, 0.3)
    assert cover_median(visits, 20, 200, 1) == cover_median(visits, 20, 200, 1)


def test_net_scores_go_from_minus_20_to_80_in_equal_steps() -> None:
    found = [population.truth(NET_SCORE) for population in RECOMMENDING[:6]]
    assert found == pytest.approx([-20, 0, 20, 40, 60, 80])
    assert SHARES[0].truth(TOP_BOX) == pytest.approx(0.05)
    assert RECOMMENDING[7].truth(MEAN) == pytest.approx(2179 / 233)


def test_exponential_visits_have_the_shares_and_medians_of_closed_forms() -> None:
    # The milestone comes at a rate a, calls at a / 4: a fifth is called back before.
    rate = math.log(2) / (20 * MINUTE)
    visits = Visits("exponential", 0.2, 0.3)
    assert visits.mean_to_call == pytest.approx(4 / rate, rel=1e-5)
    all_ends = 1.25 * rate
    expected = 0.8 * (1 - math.exp(-all_ends * 40 * MINUTE))
    assert visits.reached(40 * MINUTE) == pytest.approx(expected, rel=1e-5)
    assert visits.median == pytest.approx(-math.log(1 - 0.5 / 0.8) / all_ends, rel=1e-5)
    # Open: the mean over the window of what goes on.
    window = all_ends * visits.window
    assert (1 - math.exp(-window)) / window == pytest.approx(0.3, rel=1e-5)
    assert Visits("exponential", 0.0, 0.0).median == pytest.approx(20 * MINUTE)


def test_other_visits_have_the_shares_that_integration_gives() -> None:
    visits = Visits("log-normal 0.6", 0.4, 0.0)
    time = np.linspace(0, 30 * MINUTE, 200_001)[1:]
    ending = TIMES[visits.times].pdf(time) * np.exp(-time / visits.mean_to_call)
    assert visits.reached(30 * MINUTE) == pytest.approx(np.trapezoid(ending, time), rel=1e-4)


@pytest.mark.parametrize("times", TIMES)
def test_as_many_visits_end_in_each_way_as_are_said_to(times: str) -> None:
    visits = Visits(times, 0.4, 0.0)
    (table,) = visits.tables(100, samples=200, seed=1)
    assert float(table.competing.sum() / table.n.sum()) == pytest.approx(0.4, abs=0.02)
    assert table.n_censored.sum() == 0
    (table,) = Visits(times, 0.4, 0.5).tables(100, samples=200, seed=1)
    assert float(table.n_censored.sum() / table.n.sum()) == pytest.approx(0.5, abs=0.02)


def test_shares_within_a_time_are_covered_about_as_often_as_promised() -> None:
    found = cover_shares(Visits("Weibull 1.5", 0.2, 0.0), 100, samples=1000, seed=1)
    assert [one.name.split(",")[0] for one in found] == [
        "within 10 min",
        "within 20 min",
        "within 40 min",
    ]
    for one in found:
        assert one.covered == pytest.approx(0.95, abs=0.03)


def test_the_true_score_of_a_goal_is_that_of_its_true_values() -> None:
    # The satisfied 1 to 5 have 3.93: 73.25; 0.8 of 0.5 to 1: 60; the median time between.
    card = mixed_cards()[0]
    assert isinstance(card, Card)
    minutes = CARDS["3 KPIs"][2].truth / MINUTE
    time = 100 * (60 - minutes) / 50
    assert card.truth == pytest.approx((3 * 73.25 + 2 * 60 + time) / 6)
    assert "3 KPIs, wide posts, arithmetic" in card.name
    # Where the first post is easy, its KPI scores 100.
    assert mixed_cards()[2].truth == pytest.approx((3 * 100 + 2 * 60 + time) / 6)


def test_drawn_goals_have_truths_on_the_way_and_come_again_with_their_seed() -> None:
    cards = drawn_cards(seed=1)
    assert cards == drawn_cards(seed=1)
    assert cards != drawn_cards(seed=2)
    assert {len(card.children) for card in cards} <= set(range(2, 11))
    for child in (child for card in cards for child in card.children):
        assert 0.2 <= child.on_the_way(np.array(child.truth)) <= 1.1
        # Less is better for a time, more for answers.
        assert (child.best < child.worst) == isinstance(child.source, Visits)


def test_the_whole_simulation_runs_and_fills_the_page(tmp_path: Path) -> None:
    rows = simulate(samples=24, seed=1)
    keys = [row.key for row in rows]
    assert len(set(keys)) == len(keys)
    for row in rows:
        assert 0 <= row.coverage <= 1, row.key
        assert figure_of(row).note.isprintable()
    page = tmp_path / "coverage.md"
    write_page(rows, 1, page)
    lines = page.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == len(rows) + 2
    assert all(line.count("|") == 8 for line in table)


def test_the_page_has_the_figures_of_the_kept_results() -> None:
    figures = json.loads(RESULTS.read_text(encoding="utf-8"))
    kept = {key: one for key, one in figures.items() if key.startswith("coverage_")}
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    assert len(table) == len(kept) + 1
    told = sorted(float(line.replace("*", "").split(" | ")[2]) for line in table[1:])
    assert told == pytest.approx(sorted(100 * one["value"] for one in kept.values()), abs=0.06)
    assert {one["unit"] for one in kept.values()} == {"share"}


def test_the_binomial_enumeration_is_itself_a_distribution() -> None:
    # That of a sure thing is 1 at any n, and of scipy's binomial the same as ours.
    assert shares_covered_by_wilson(0.5, 1) == 1
    counts = np.arange(21)
    interval = [stats.binomtest(int(k), 20).proportion_ci(method="wilson") for k in counts]
    held = np.array([one.low <= 0.3 <= one.high for one in interval])
    expected = stats.binom.pmf(counts, 20, 0.3)[held].sum()
    assert shares_covered_by_wilson(0.3, 20) == pytest.approx(expected)
