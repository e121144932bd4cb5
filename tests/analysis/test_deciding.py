"""On which side of a target something lies, and the n that would decide it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import deciding
from analysis.definitions import Direction
from analysis.estimate import Estimate, pack
from analysis.rating_intervals import (
    ResizedMean,
    ResizedNetScore,
    ResizedShare,
    adjusted_wald,
    student_t,
)
from analysis.wilson import wilson

HIGHER, LOWER = Direction.HIGHER, Direction.LOWER


def cells(estimate):
    """The estimate as the only cell."""
    return replace(pack([estimate]), resized=estimate.resized)


def side_of(direction, low, high, value):
    ends = [np.array([np.nan if end is None else end], np.float64) for end in (low, high)]
    return deciding.side_of(direction, *ends, np.array([value], np.float64))[0]


def n_to_decide(direction, estimate, value):
    found = deciding.n_to_decide(direction, cells(estimate), np.array([value], np.float64))[0]
    return None if np.isnan(found) else found


@pytest.mark.parametrize(
    ("direction", "low", "high", "verdict"),
    [
        (HIGHER, 51, 60, "met"), (HIGHER, 50, 60, "met"), (HIGHER, 49, 60, "undetermined"),
        (HIGHER, 40, 50, "undetermined"), (HIGHER, 40, 49, "not_met"),
        (LOWER, 40, 49, "met"), (LOWER, 40, 50, "met"), (LOWER, 40, 51, "undetermined"),
        (LOWER, 50, 60, "undetermined"), (LOWER, 51, 60, "not_met"),
        (HIGHER, 51, None, "met"), (HIGHER, 49, None, "undetermined"),
        (LOWER, 51, None, "not_met"), (LOWER, 49, None, "undetermined"),
        (LOWER, None, 49, "met"), (HIGHER, 50, 50, "met"), (LOWER, 50, 50, "met"),
    ],
)  # fmt: skip
def test_a_verdict_needs_the_whole_interval_and_the_target_counts_as_good(
    direction, low, high, verdict
):
    assert side_of(direction, low, high, 50) == verdict


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_reversing_the_scale_reverses_nothing(one, other, value):
    low, high = sorted((one, other))
    assert side_of(HIGHER, low, high, value) == side_of(LOWER, -high, -low, -value)


def one(number):
    return np.array([number], np.float64)


INTERVALS = {
    "mean": (
        0.6,
        lambda n: student_t(0.6, 0.24 * (n - 1) / n, n),
        ResizedMean(one(0.6), one(0.24)),
    ),
    "top_box": (0.6, lambda n: wilson(0.6, n), ResizedShare(one(0.6), one(1))),
    "net_score": (
        20,
        lambda n: adjusted_wald(0.2, 0.7, n)[:2],
        ResizedNetScore(one(0.2), one(0.7), one(1)),
    ),
}


@pytest.mark.parametrize("name", INTERVALS)
@pytest.mark.parametrize("direction", [HIGHER, LOWER])
@pytest.mark.parametrize("offset", [-0.1, 0.1, 0.03])
def test_n_to_decide_is_the_smallest_n_that_decides(name, direction, offset):
    value, at_n, resized = INTERVALS[name]
    goal = value + offset * (100 if name == "net_score" else 1)
    low, high = at_n(10)
    found = Estimate(n=10, value=value, low=low, high=high, resized=resized)
    wanted = n_to_decide(direction, found, goal)
    decides = [n for n in range(10, 5000) if side_of(direction, *at_n(n), goal) != "undetermined"]
    assert wanted == decides[0] > 10


SHARE = Estimate(n=10, value=0.6, low=0.31, high=0.83, resized=ResizedShare(one(0.6), one(1)))


def test_n_to_decide_of_a_share_follows_from_the_score_test():
    # Wilson's interval excludes T when |p - T| > z sqrt(T (1 - T) / n): n > z^2 0.25 / 0.01.
    assert n_to_decide(HIGHER, SHARE, 0.5) == 97


def test_no_n_decides_when_value_and_target_are_equal():
    assert n_to_decide(HIGHER, SHARE, 0.6) is None


GUESSES = {
    "the least": lambda n: n + 1,
    "too few by one": lambda n: np.maximum(n + 1, [96.0, 1]),
    "right": lambda n: np.array([97.0, 11]),
    "too many by one": lambda n: np.array([98.0, 12]),
    "too many": lambda n: 100 * n,
    "nearly the most": lambda n: np.full(len(n), 1e9),
}


@pytest.mark.parametrize("guessed", GUESSES)
def test_whatever_is_guessed_the_same_n_is_found(guessed, monkeypatch):
    # 97 as above; and at n = 11 the interval of 0.95 is the first to lie above 0.665.
    assert wilson(0.95, 10)[0] < 0.665 < wilson(0.95, 11)[0]
    ends = wilson(np.array([0.6, 0.95]), np.array([10.0, 10.0]))
    two = Estimate(n=10, value=0.6, low=ends[0][0], high=ends[1][0])
    other = Estimate(n=10, value=0.95, low=ends[0][1], high=ends[1][1])
    resized = ResizedShare(np.array([0.6, 0.95]), np.ones(2))
    estimates = replace(pack([two, other]), resized=resized)
    monkeypatch.setattr(
        deciding, "_guess", lambda resized, value, target, end, n: GUESSES[guessed](n)
    )
    found = deciding.n_to_decide(HIGHER, estimates, np.array([0.5, 0.665]))
    assert found.tolist() == [97, 11]
    # A share of 0.6 never lies apart from itself.
    found = deciding.n_to_decide(HIGHER, estimates, np.array([0.6, 0.665]))
    assert np.isnan(found[0])
    assert found[1] == 11
