"""Confidence sequences: right at every n together, as fixed-n intervals are not."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import sequences
from analysis.definitions import Direction
from analysis.sequences import (
    ConfidenceSequence,
    SequenceVerdict,
    judge_sequence,
    mean_sequence,
    share_sequence,
)

STREAMS, ANSWERS = 400, 300
RATINGS, CHANCES = np.array([1, 2, 3, 4, 5]), [0.05, 0.1, 0.2, 0.35, 0.3]


def capital(answers, mean, alpha):
    """What betting that the mean is larger than supposed has made of 1, answer by answer."""
    grown, seen, squares = 1.0, 0.5, 0.25
    for t, answer in enumerate(answers, start=1):
        variance = squares / t
        stake = math.sqrt(2 * math.log(2 / alpha) / (variance * t * math.log(1 + t)))
        grown *= 1 + min(stake, 0.5 / mean if mean else math.inf) * (answer - mean)
        seen += answer
        squares += (answer - seen / (t + 1)) ** 2
        yield grown


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from([0, 0.25, 0.5, 0.75, 1]), min_size=1, max_size=40),
    st.sampled_from([0.9, 0.95]),
)
def test_exactly_the_means_whose_bets_have_won_too_much_are_outside(answers, level):
    found = mean_sequence(answers, 0, 1, level)
    # Limits that end, because the mean has changed, are another test's.
    assume(not np.isnan(found.low).any())
    rest = [1 - answer for answer in answers]

    def outside(answers, mean):
        """From where on it is surely so, and from where on surely not; rounding decides ties."""
        most = np.maximum.accumulate(list(capital(answers, mean, 1 - level)))
        return most > 2.000001 / (1 - level), most < 1.999999 / (1 - level)

    for mean in np.arange(0, 1.001, 0.05):
        below, not_below = outside(answers, mean)
        above, not_above = outside(rest, 1 - mean)
        assert (found.low[below] >= mean - 1e-9).all()
        assert (found.low[not_below] < mean + 1e-9).all()
        assert (found.high[above] <= mean + 1e-9).all()
        assert (found.high[not_above] > mean - 1e-9).all()
    # The ends themselves are outside, and one step of the grid further in is not.
    low, high = found.low[-1], found.high[-1]
    if low > 0:
        assert not outside(answers, low)[1][-1]
        assert not outside(answers, low + 0.001)[0][-1]
    if high < 1:
        assert not outside(rest, 1 - high)[1][-1]
        assert not outside(rest, 1 - high + 0.001)[0][-1]


@pytest.fixture(scope="module")
def watched():
    """Streams of ratings, their true mean, and the sequence of each."""
    rng = np.random.default_rng(2023)
    streams = rng.choice(RATINGS, p=CHANCES, size=(STREAMS, ANSWERS))
    return streams, RATINGS @ CHANCES, [mean_sequence(one, 1, 5) for one in streams]


def sampling_error(share):
    """Three standard errors of a share of the streams."""
    return 3 * math.sqrt(share * (1 - share) / STREAMS)


def ever_excluded(low, high, truth):
    """The share of streams whose limits leave the truth out at some n; limits that end do too."""
    streams = zip(low, high, strict=True)
    return float(np.mean([not ((a <= truth) & (truth <= b)).all() for a, b in streams]))


def test_few_streams_ever_exclude_the_true_mean(watched):
    _, truth, found = watched
    excluded = ever_excluded([one.low for one in found], [one.high for one in found], truth)
    assert excluded <= 0.05 + sampling_error(0.05)


def test_a_fixed_interval_looked_at_after_every_answer_excludes_it_far_more_often(watched):
    streams, truth, _ = watched
    n = np.arange(1, ANSWERS + 1)
    mean = np.cumsum(streams, axis=1) / n
    spread = np.cumsum(streams**2, axis=1) / n - mean**2
    # From the tenth answer on, so that it is not for want of answers.
    n, mean, spread = n[9:], mean[:, 9:], spread[:, 9:]
    half = scipy.stats.t.ppf(0.975, n - 1) * np.sqrt(spread / (n - 1))
    last = np.abs(mean - truth)[:, -1] > half[:, -1]
    assert last.mean() <= 0.05 + sampling_error(0.05)
    assert ever_excluded(mean - half, mean + half, truth) > 0.3


@pytest.mark.parametrize("truth", [0.5, 0.9])
def test_few_streams_ever_exclude_the_true_share(truth):
    streams = np.random.default_rng(7).random((STREAMS // 4, ANSWERS)) < truth
    found = [share_sequence(one) for one in streams]
    excluded = ever_excluded([one.low for one in found], [one.high for one in found], truth)
    assert excluded <= 0.05 + 2 * sampling_error(0.05)


def test_few_streams_ever_get_a_wrong_verdict(watched):
    _, truth, found = watched
    for direction, target in ((Direction.HIGHER, truth + 0.01), (Direction.LOWER, truth - 0.01)):
        wrong = [judge_sequence(one, target, direction).verdict == "met" for one in found]
        assert np.mean(wrong) <= 0.05 + sampling_error(0.05)


def test_limits_only_move_inward_and_come_close_to_the_mean(watched):
    for one in watched[2]:
        known = ~np.isnan(one.low)
        assert (np.diff(one.low[known]) >= 0).all()
        assert (np.diff(one.high[known]) <= 0).all()
    # A t interval of 300 such answers is 0.26 wide; being right at every n costs less than double.
    width = np.nanmean([one.high[-1] - one.low[-1] for one in watched[2]])
    assert 0.26 < width < 0.52


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=30), st.integers(1, 29))
def test_what_comes_later_changes_nothing_before_it(answers, cut):
    whole, part = mean_sequence(answers, 1, 5), mean_sequence(answers[:cut], 1, 5)
    for name in ("value", "low", "high"):
        ended = getattr(whole, name)[:cut]
        assert np.array_equal(ended, getattr(part, name), equal_nan=True)


def test_many_answers_are_worked_through_in_blocks_without_a_seam(monkeypatch):
    answers = np.random.default_rng(1).choice(RATINGS, p=CHANCES, size=100)
    whole = mean_sequence(answers, 1, 5)
    monkeypatch.setattr(sequences, "BLOCK", 7)
    in_blocks = mean_sequence(answers, 1, 5)
    assert np.array_equal(whole.low, in_blocks.low)
    assert np.array_equal(whole.high, in_blocks.high)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=25))
@settings(max_examples=20, deadline=None)
def test_a_reversed_scale_reverses_the_limits(answers):
    there, back = mean_sequence(answers, 1, 5), mean_sequence([6 - one for one in answers], 1, 5)
    assert there.low == pytest.approx(6 - back.high, nan_ok=True)


def test_one_answer_says_nearly_nothing_and_none_says_nothing():
    one = mean_sequence([4], 1, 5)
    assert one.value.tolist() == [4]
    assert one.interval().low < 1.5
    assert one.interval().high == 5
    none = mean_sequence([], 1, 5)
    assert none.n == 0
    assert np.isnan([none.interval().low, none.interval().high]).all()
    assert judge_sequence(none, 3, Direction.HIGHER) == SequenceVerdict("undetermined", None)


def test_answers_that_are_all_the_same_still_leave_room():
    found = share_sequence([1] * 50)
    assert found.interval().high == 1
    # Against a share of 0.85, 50 hits are very unlikely (0.85^50 = 0.0003); against 0.97 not.
    assert 0.85 < found.interval().low < 0.97
    assert found.interval().rule == "hedged_capital"
    assert found.interval().level == 0.95


def test_a_mean_that_changes_is_told_by_limits_that_end():
    found = mean_sequence([5] * 100 + [1] * 100, 1, 5)
    assert not np.isnan(found.low[:100]).any()
    assert np.isnan(found.low[-1])
    assert np.isnan(found.high[-1])
    assert judge_sequence(found, 3, Direction.HIGHER) == SequenceVerdict("undetermined", None)


def sequence_of(*limits):
    low, high = zip(*limits, strict=True)
    return ConfidenceSequence(np.zeros(len(low)), np.array(low), np.array(high), 0.95)


@pytest.mark.parametrize(
    ("target", "direction", "verdict", "since"),
    [
        (2.5, Direction.HIGHER, "met", 3),
        (2.5, Direction.LOWER, "not_met", 3),
        (4.5, Direction.HIGHER, "not_met", 2),
        (4.5, Direction.LOWER, "met", 2),
        (3.5, Direction.HIGHER, "undetermined", None),
        # The target itself is on the good side.
        (3.0, Direction.HIGHER, "met", 3),
        (4.0, Direction.LOWER, "met", 2),
        (4.0, Direction.HIGHER, "undetermined", None),
    ],
)
def test_a_verdict_stands_from_the_first_limits_that_allow_it(target, direction, verdict, since):
    found = judge_sequence(sequence_of((1, 5), (2, 4), (3, 4)), target, direction)
    assert found == SequenceVerdict(verdict, since)


def test_impossible_answers_scales_and_levels_are_named():
    for answers in ([0], [6], [np.nan]):
        with pytest.raises(ValueError, match="missing or not on the scale from 1 to 5"):
            mean_sequence(answers, 1, 5)
    with pytest.raises(ValueError, match="scale from 5 to 1 is empty"):
        mean_sequence([3], 5, 1)
    with pytest.raises(ValueError, match="not one row"):
        mean_sequence([[3]], 1, 5)
    with pytest.raises(ValueError, match="level is 95"):
        mean_sequence([3], 1, 5, 95)
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        share_sequence([0.5])
    with pytest.raises(ValueError, match="target is NaN"):
        judge_sequence(share_sequence([1]), math.nan, Direction.HIGHER)
