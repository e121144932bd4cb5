"""Rows of counts to arrays of cells of similar width, and results of them put together again."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cell_buckets import dense_cells, in_cell_order

ROWS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 1),
        st.integers(0, 30).map(float),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=80,
)


def dense(rows, cells=6, groups=2):
    cell, group, time, some, others = (np.array([row[at] for row in rows]) for at in range(5))
    return list(
        dense_cells(
            cell.astype(np.int64),
            group.astype(np.int64),
            time.astype(np.float64),
            (some, others),
            cells,
            groups,
        )
    )


@settings(deadline=None)
@given(ROWS)
def test_rows_in_any_order_are_added_up_by_cell_time_and_group(rows):
    expected = {}
    for cell, group, time, *counts in rows:
        if any(counts):
            moment = expected.setdefault((cell, time), np.zeros((2, 2)))
            moment[:, group] += counts
    found = {}
    for numbers, times, counts in dense(rows):
        for row, cell in enumerate(numbers):
            known = np.isfinite(times[row])
            assert known[: known.sum()].all()
            assert (np.diff(times[row][known]) > 0).all()
            assert not counts[:, row, :, ~known].any()
            for place in np.flatnonzero(known):
                found[cell, times[row, place]] = counts[:, row, :, place]
    assert found.keys() == expected.keys()
    assert all((found[key] == expected[key]).all() for key in expected)


@settings(deadline=None)
@given(ROWS)
def test_every_cell_is_in_one_table_of_cells_of_similar_width(rows):
    widths = [
        len({time for own, _, time, *counts in rows if own == cell and any(counts)})
        for cell in range(6)
    ]
    tables = dense(rows)
    assert sorted(np.concatenate([numbers for numbers, _, _ in tables])) == list(range(6))
    powers = []
    for numbers, times, counts in tables:
        own = [widths[cell] for cell in numbers]
        assert list(numbers) == sorted(numbers)
        assert times.shape == (len(own), max(1, *own, 1))
        assert counts.shape == (2, len(own), 2, times.shape[1])
        assert counts.dtype == np.float64
        assert times.shape[1] < 2 * max(1, min(own)) or times.shape[1] == 1
        powers.append(times.shape[1])
    assert powers == sorted(set(powers))


@pytest.mark.parametrize(
    ("widths", "together"),
    [
        ([1, 2], [[0], [1]]),
        ([0, 1], [[0, 1]]),
        ([3, 4], [[0, 1]]),
        ([4, 5], [[0], [1]]),
        ([5, 8], [[0, 1]]),
        ([8, 9], [[0], [1]]),
    ],
)
def test_cells_share_a_table_up_to_the_same_power_of_two(widths, together):
    rows = [(cell, 0, float(at), 1, 0) for cell, width in enumerate(widths) for at in range(width)]
    assert [numbers.tolist() for numbers, _, _ in dense(rows, len(widths), 1)] == together


def test_a_huge_cell_does_not_pad_the_tiny_ones():
    cell = np.concatenate([np.zeros(100_000), np.repeat(np.arange(1, 10_001), 3)]).astype(np.int64)
    time = np.concatenate([np.arange(100_000), np.tile(np.arange(3), 10_000)]).astype(np.float64)
    tables = list(dense_cells(cell, 0 * cell, time, (np.ones(len(cell)),), 10_001, 1))
    assert [times.shape for _, times, _ in tables] == [(10_000, 3), (1, 100_000)]


def test_rows_of_nobody_are_left_out():
    [(_, times, _)] = dense([(0, 0, 1.0, 0, 0), (0, 0, 2.0, 1, 0), (0, 0, 3.0, 0, 0)], cells=1)
    assert times.tolist() == [[2.0]]


def test_without_rows_every_cell_is_one_time_without_visits():
    [(numbers, times, counts)] = dense([], cells=3)
    assert (numbers.tolist(), times.tolist()) == ([0, 1, 2], [[np.inf]] * 3)
    assert (counts.shape, counts.any()) == ((2, 3, 2, 1), False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cell": np.array([0])}, "of one length"),
        ({"group": np.array([0])}, "of one length"),
        ({"time": np.array([1.0])}, "of one length"),
        ({"counts": (np.ones(2), np.ones(3))}, "of one length"),
        ({"cell": np.array([0, 2])}, "numbered from 0"),
        ({"cell": np.array([-1, 0])}, "numbered from 0"),
        ({"group": np.array([0, 1])}, "numbered from 0"),
        ({"group": np.array([-1, 0])}, "numbered from 0"),
        ({"time": np.array([1.0, np.nan])}, "Times must be finite"),
        ({"time": np.array([1.0, np.inf])}, "Times must be finite"),
        ({"time": np.array([1.0, -1.0])}, "Times must be finite"),
        ({"counts": (np.array([1.0, np.nan]),)}, "whole numbers"),
        ({"counts": (np.array([1.0, -1.0]),)}, "whole numbers"),
        ({"counts": (np.array([1.0, 0.5]),)}, "whole numbers"),
    ],
)
def test_rows_that_cannot_be_are_refused(change, words):
    rows = {
        "cell": np.array([0, 1]),
        "group": np.array([0, 0]),
        "time": np.array([0.0, 2.0]),
        "counts": (np.array([1.0, 0.0]),),
        "cells": 2,
        "groups": 1,
    }
    assert list(dense_cells(**rows))
    with pytest.raises(ValueError, match=words):
        list(dense_cells(**rows | change))


@pytest.mark.parametrize("missing", ["cells", "groups"])
def test_there_must_be_a_cell_and_a_group(missing):
    number, time = np.zeros(0, np.int64), np.zeros(0)
    with pytest.raises(ValueError, match="one cell or more"):
        list(dense_cells(number, number, time, (time,), **{"cells": 1, "groups": 1, missing: 0}))


def test_arrays_of_two_axes_are_refused():
    number, time = np.zeros((2, 1), np.int64), np.zeros((2, 1))
    with pytest.raises(ValueError, match="of one axis"):
        list(dense_cells(number, number, time, (time,), 1, 1))


@dataclass(frozen=True)
class Told:
    tau: float
    value: np.ndarray
    word: np.ndarray
    pairs: np.ndarray


def test_results_come_back_in_the_order_of_the_cells():
    first = Told(3.0, np.array([4.0, 1.0]), np.array(["four", "one"]), np.array([[4, 4], [1, 1]]))
    second = Told(3.0, np.array([3.0, 2.0]), np.array(["three", "two"]), np.array([[3, 3], [2, 2]]))
    parts = [(np.array([3, 0]), first), (np.array([2, 1]), second)]
    whole = in_cell_order(iter(parts))
    assert (whole.tau, whole.value.tolist()) == (3.0, [1.0, 2.0, 3.0, 4.0])
    assert whole.word.tolist() == ["one", "two", "three", "four"]
    assert whole.pairs.tolist() == [[1, 1], [2, 2], [3, 3], [4, 4]]
    assert in_cell_order(parts[:1]).value.tolist() == [1.0, 4.0]
    square = in_cell_order(parts, (2, 2))
    assert square.value.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert square.pairs.tolist() == [[[1, 1], [2, 2]], [[3, 3], [4, 4]]]
