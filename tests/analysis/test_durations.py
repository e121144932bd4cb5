"""Medians of scopes by hand calculation, and what is said where there is none."""

import math
import statistics
from collections import Counter

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cells import Tally
from analysis.durations import estimate_durations
from tests.analysis.building import book, median_kpi

EVENTS = ("reached", "called_back", "left", "open")
Z = scipy.stats.norm.ppf(0.975)


def tally_of(visits):
    """A tally of one scope from (seconds, event)."""
    times, counted = sorted({float(seconds) for seconds, _ in visits}), Counter(visits)
    columns = {
        event: np.array([counted[time, event] for time in times], np.int64) for event in EVENTS
    }
    return Tally(
        1, np.zeros(len(times), np.int64), {"seconds": np.array(times, np.float64), **columns}
    )


def median(visits):
    return estimate(visits)


def estimate(visits, **changes):
    return estimate_durations(book(median_kpi(**changes)).kpis[0], tally_of(visits))[0]


COMPETING = st.lists(
    st.tuples(st.integers(0, 20).map(float), st.sampled_from(EVENTS)), min_size=1, max_size=40
)


@settings(deadline=None)
@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=40))
def test_without_open_visits_the_median_is_the_ordinary_one(times):
    # The middle of the two middle times for an even number, the middle time for an odd one.
    assert median([(time, "reached") for time in times]).value == statistics.median(times)


@settings(deadline=None)
@given(COMPETING)
def test_the_interval_holds_the_median_and_counts_add_up(visits):
    found = median(visits)
    assert found.n == len(visits)
    assert found.n_censored == sum(event == "open" for _, event in visits)
    if found.value is not None:
        assert found.low is None or found.low <= found.value
        assert found.high is None or found.value <= found.high


def test_a_median_worked_by_hand():
    # Five visits: 10 reached, 20 open, 30 reached, 40 reached, 50 open.
    # S(10) = 4/5, S(30) = 4/5 x 2/3 = 8/15, S(40) = 8/15 x 1/2 = 4/15: first below 1/2 at 40.
    visits = [(10, "reached"), (20, "open"), (30, "reached"), (40, "reached"), (50, "open")]
    found = median(visits)
    assert (found.value, found.n, found.n_censored) == (40, 5, 2)
    assert found.ci_method == "kaplan_meier_log_log"
    # Greenwood at 10: (4/5)^2 / (5 x 4) = 0.032; its lower log-log limit is below one half.
    lower = 0.8 ** math.exp(Z * math.sqrt(0.032) / (0.8 * -math.log(0.8)))
    assert lower < 0.5
    assert found.low == 10
    assert found.high is None


def test_a_median_with_competing_events_worked_by_hand():
    # Four visits: 10 called back, 20 reached, 30 reached, 40 left.
    # F(20) = 3/4 x 1/3 = 1/4, F(30) = 1/4 + 1/2 x 1/2 = 1/2 and stays: half have reached it at 30.
    visits = [(10, "called_back"), (20, "reached"), (30, "reached"), (40, "left")]
    found = median(visits)
    assert (found.value, found.n_censored) == (30, 0)
    assert found.ci_method == "aalen_johansen_log_log"


def test_when_the_others_were_called_back_does_not_move_a_median_that_half_have_reached():
    reached = [(float(time), "reached") for time in range(1, 6)]
    for last in (6.0, 600.0):
        assert median(reached + [(last, "called_back")] * 5).value == 5


def test_who_called_back_stays_in_the_denominator():
    reached = [(float(time), "reached") for time in range(10, 20)]
    called_back = [(5.0, "called_back")] * 9
    # Of 19 visits 10 reach it; the median is the 10th to do so, not the 5th or 6th.
    assert median(reached + called_back).value == 19


def test_a_median_that_was_not_reached_has_its_lower_limit_and_its_reason():
    visits = [(float(time), "reached") for time in range(1, 11)] + [(100.0, "open")] * 30
    found = median(visits)
    assert (found.value, found.beyond, found.high) == (None, True, None)

    def lower(share):
        # No visit is censored before 100, so Greenwood's variance is S (1 - S) / 40.
        error = math.sqrt(share * (1 - share) / 40) / (share * -math.log(share))
        return share ** math.exp(Z * error)

    # Still above one half when all ten have reached it, and until 100 nobody else does.
    assert lower(30 / 40) > 0.5
    assert (found.low, found.never) == (100, False)
    later = median([*visits[:-2], (11.0, "reached"), (12.0, "reached")])
    assert lower(28 / 40) > 0.5 > lower(26 / 40)
    assert later.low == 100
    enough = [(float(time), "reached") for time in range(1, 15)] + [(100.0, "open")] * 26
    assert median(enough).low == 14
    assert found.reason == (
        "Of 40 visits 10 reached it, 0 ended before and 30 are open; "
        "the median lies beyond the times observed."
    )


def test_a_long_tail_on_few_visits_excludes_the_median_only_while_enough_are_seen():
    visits = [(float(time), "reached") for time in range(1, 11)] + [(20.0, "open")] * 29
    found = median([*visits, (100.0, "open")])
    # At 20 as if 30 / 0.75 = 40 visits were known, at 100 as if 1 / 0.75: Greenwood's variance of
    # 0.75 is 0.75 x 0.25 / 40 at first, at the end 30 times as much, and the limit is below 1/2.
    error = math.sqrt(30 * 0.75 * 0.25 / 40) / (0.75 * -math.log(0.75))
    assert 0.75 ** math.exp(Z * error) < 0.5
    assert (found.low, found.high, found.never) == (20, None, False)


@pytest.mark.parametrize(
    "visits",
    [
        # Nobody: 0 of 100, of which Wilson's upper limit is 0.037.
        [(60.0, "called_back")] * 100,
        [(10.0, "reached")] * 5 + [(60.0, "called_back")] * 95,
        [(60.0, "called_back")] * 99 + [(900.0, "reached")],
        # 0.3 have reached it, by Greenwood 0.3 +- 0.09: never one half, as all have ended.
        [(float(time), "reached") for time in range(1, 31)] + [(60.0, "called_back")] * 70,
    ],
)
def test_where_all_have_ended_and_far_fewer_than_half_reached_it_the_median_never_comes(visits):
    found = median(visits)
    assert (found.value, found.low, found.high, found.never) == (None, None, None, True)
    assert found.ci_method


@pytest.mark.parametrize(
    "visits",
    [
        # Those who leave early are known early; the others may still reach it.
        [(60.0, "left")] * 4 + [(300.0, "open")] * 996,
        [(60.0, "reached")] * 10 + [(70.0, "left")] * 20 + [(100.0, "open")] * 70,
    ],
)
def test_a_few_who_left_early_say_nothing_of_the_many_that_are_open(visits):
    found = median(visits)
    assert (found.never, found.low) == (False, max(time for time, _ in visits))


def test_a_few_who_left_early_do_not_lengthen_what_was_seen():
    open_visits = [(600.0, "open")] * 100 + [(7200.0, "open")] * 2
    assert median(open_visits).low == 600
    assert median([(60.0, "left")] * 3 + open_visits).low == 600


def test_a_median_that_comes_late_is_not_said_never_to_come():
    """400 visits of which 1 in 20 leaves early; the true median is 3670 s: 19/20 F(t) = 1/2."""
    random = np.random.default_rng(1)
    wrong = 0
    for _ in range(100):
        reached = 2400 + random.exponential(1700, 400)
        leaves = random.random(400) < 0.05
        left, seen = random.uniform(0, 600, 400), random.uniform(600, 2700, 400)
        visits = [
            (left[at], "left")
            if leaves[at]
            else (min(reached[at], seen[at]), "reached" if reached[at] <= seen[at] else "open")
            for at in range(400)
        ]
        found = median(visits)
        true = 2400 - 1700 * math.log(1 - 0.5 / 0.95)
        wrong += found.never or (found.low or 0) > true
    assert wrong == 0


def test_open_visits_exclude_the_median_as_long_as_they_were_seen():
    # Of m visits none has reached it: at most z^2 / (m + z^2) have, less than half from 4 on.
    assert Z**2 / (3 + Z**2) > 0.5 > Z**2 / (4 + Z**2)
    found = median([(9.0, "open")] * 4 + [(30.0, "open")] * 3)
    assert (found.value, found.low, found.high, found.never) == (None, 9, None, False)
    assert found.beyond
    few = median([(5.0, "open"), (9.0, "open")])
    assert (few.value, few.low, few.high, few.n, few.n_censored) == (None, None, None, 2, 2)
    assert (few.beyond, few.never, few.ci_method) == (True, False, "")


def test_worse_data_are_never_judged_more_mildly():
    """Fewer who reach it, or later, or more who call back: the lower limit never falls."""

    def earliest(found):
        return math.inf if found.never else found.low

    rising = [
        [(60.0, "reached")] * 60 + [(900.0, "called_back")] * 40,
        [(60.0, "reached")] * 40 + [(900.0, "called_back")] * 60,
        [(60.0, "reached")] * 30 + [(900.0, "called_back")] * 70,
        [(60.0, "reached")] * 1 + [(900.0, "called_back")] * 99,
        [(900.0, "called_back")] * 100,
    ]
    lows = [earliest(median(visits)) for visits in rising]
    assert lows == sorted(lows)
    assert lows[-1] == math.inf


def test_no_visit_is_no_statistic():
    found = median([])
    assert (found.value, found.n, found.n_censored, found.beyond) == (None, 0, 0, False)


@pytest.mark.parametrize("n", [1, 2, 30])
def test_visits_that_all_end_at_once_have_a_median_without_interval(n):
    found = median([(7.0, "reached")] * n)
    assert (found.value, found.low, found.high, found.ci_method) == (7, None, None, "")
    assert found.reason == "It was reached at too few different times for an interval."


def test_two_visits_have_the_middle_as_median():
    assert median([(10.0, "reached"), (20.0, "reached")]).value == 15


def test_every_scope_has_its_own_median_whatever_the_others_hold():
    told = [
        [(float(at), "reached") for at in range(1, 40)],
        [],
        [(5.0, "open")],
        [(10.0, "reached"), (20.0, "left"), (30.0, "reached")],
        [(float(at), "called_back") for at in range(1, 10)],
    ]
    tallies = [tally_of(visits) for visits in told]
    together = Tally(
        len(told),
        np.repeat(np.arange(len(told)), [len(one.scope) for one in tallies]),
        {
            name: np.concatenate([one.columns[name] for one in tallies])
            for name in tallies[0].columns
        },
    )
    found = estimate_durations(book(median_kpi()).kpis[0], together)
    assert [found[scope] for scope in range(together.scopes)] == [median(one) for one in told]


def test_an_estimate_says_what_it_rests_on():
    found = median([(10.0, "reached"), (20.0, "called_back"), (30.0, "left"), (40.0, "open")])
    assert (found.n, found.n_eligible, found.n_censored, found.effective_n) == (4, 4, 1, 4.0)
    assert found.reason == (
        "Of 4 visits 1 reached it, 2 ended before and 1 are open; "
        "the median lies beyond the times observed."
    )
    empty = median([])
    assert empty.reason == "There is no visit."
    assert median([(5.0, "open")]).reason.startswith("Of 1 visit 0 reached it")
    known = median([(10.0, "reached"), (20.0, "reached"), (30.0, "reached")])
    assert (known.value, known.low, known.reason, known.beyond) == (20, 10, "", False)
    assert all(type(one) is float for one in (known.value, known.low, known.effective_n))
    assert type(known.n) is int


def test_the_rule_of_the_limits_is_told():
    assert median([(9.0, "open")] * 4).ci_method == "wilson_none_reached"
    assert median([(9.0, "called_back")] * 40).ci_method == "wilson_none_reached"
    some = [(float(at), "reached") for at in range(1, 11)] + [(100.0, "open")] * 30
    assert median(some).ci_method == "kaplan_meier_log_log"
    assert median([*some, (50.0, "left")]).ci_method == "aalen_johansen_log_log"


SOME = [(10.0, "reached"), (20.0, "reached"), (30.0, "called_back"), (40.0, "reached"),
        (60.0, "open")]  # fmt: skip


def test_another_quantile_than_the_median_has_its_share():
    # Without other ends: a quarter of eight have reached it with the second.
    eight = [(float(at), "reached") for at in range(1, 9)]
    assert estimate(eight, statistic="km_quantile", quantile=0.2).value == 2
    beyond = estimate(SOME, statistic="km_quantile", quantile=0.9)
    assert beyond.beyond
    assert beyond.reason.endswith("the 90% quantile lies beyond the times observed.")


def test_a_restricted_mean_counts_what_never_reaches_it_with_the_whole_of_tau():
    # Up to 50 s: 10, 20, 50 (called back), 40, 50 (still open then): 170 / 5.
    found = estimate(SOME, statistic="restricted_mean", tau=50)
    assert found.value == pytest.approx(34)
    assert 0 <= found.low < 34 < found.high <= 50
    assert (found.ci_method, found.n, found.n_censored) == ("restricted_mean_normal", 5, 1)
    assert found.std_error > 0


def test_a_restricted_mean_beyond_what_was_seen_is_not_known():
    found = estimate(SOME, statistic="restricted_mean", tau=100)
    assert (found.value, found.low, found.ci_method) == (None, None, "")
    assert "lies beyond the times observed" in found.reason


def test_a_share_done_within_a_time_has_other_ends_in_its_denominator():
    found = estimate(SOME, statistic="share_within", within=40, unit="share",
                     direction="higher_is_better", score={"worst": 0, "best": 1})  # fmt: skip
    assert found.value == pytest.approx(0.6)
    assert found.low < 0.6 < found.high
    assert found.ci_method == "aalen_johansen_log_log"


@pytest.mark.parametrize(
    "changes",
    [{"statistic": "restricted_mean", "tau": 50}, {"statistic": "share_within", "within": 40}],
)
def test_no_visit_is_no_statistic_whichever_it_is(changes):
    found = estimate([], **changes)
    assert (found.n, found.value, found.ci_method) == (0, None, "")
    assert found.reason == "There is no visit."


@pytest.mark.parametrize("visits", [[], [(10, "reached")], [(10, "reached"), (20, "open")]])
def test_each_visit_is_worth_one_to_a_quantile(visits):
    assert median(visits).effective_n == (len(visits) or None)


def test_what_visits_are_worth_to_the_other_statistics():
    visits = [(10, "reached"), (20, "reached"), (30, "reached"), (40, "open")]
    assert estimate(visits, statistic="restricted_mean", tau=25).effective_n == 4
    # Nobody was seen for so long: there is no mean, and nothing that it is worth.
    assert estimate(visits, statistic="restricted_mean", tau=60).effective_n is None
    # All were seen until then.
    assert estimate(visits, statistic="share_within", within=25).effective_n == 4
