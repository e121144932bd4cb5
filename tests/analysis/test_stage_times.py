"""Time in each stage from the times of entering them, and the stage that takes longest."""

import math

import numpy as np
import pytest

from analysis.restricted_means import restricted_mean
from analysis.stage_times import bottleneck, stage_passages
from tests.analysis.visiting import same, table_of

NAN = math.nan
# Completed, called back in the second stage, open in the third, skipped the second, just begun.
ENTERED = np.array(
    [[0.0, 10.0, 30.0], [0.0, 20.0, NAN], [5.0, 15.0, 40.0], [0.0, NAN, 50.0], [0.0, NAN, NAN]]
)
END = np.array([60.0, 70.0, 90.0, 80.0, 7.0])
COMPLETED = np.array([True, False, False, True, False])
IS_OPEN = np.array([False, False, True, False, True])


def passages():
    return stage_passages(ENTERED, END, COMPLETED, IS_OPEN)


def test_a_stage_lasts_until_the_next_one_entered_or_the_end_of_the_visit():
    found = passages()
    assert found.stages == 3
    rows = zip(
        found.visit,
        found.stage,
        found.seconds,
        found.finished,
        found.ended,
        found.censored,
        strict=True,
    )
    assert [tuple(float(one) for one in row) for row in rows] == [
        (0, 0, 10, 1, 0, 0),
        (0, 1, 20, 1, 0, 0),
        (0, 2, 30, 1, 0, 0),
        (1, 0, 20, 1, 0, 0),
        (1, 1, 50, 0, 1, 0),
        (2, 0, 10, 1, 0, 0),
        (2, 1, 25, 1, 0, 0),
        (2, 2, 50, 0, 0, 1),
        (3, 0, 50, 1, 0, 0),
        (3, 2, 30, 1, 0, 0),
        (4, 0, 7, 0, 0, 1),
    ]


def test_every_stage_of_every_cell_has_its_restricted_mean():
    found = passages().restricted_means(50.0, cell=np.array([0, 0, 0, 1, 1]), cells=3)
    # Cell 0: stage 0 took 10, 20, 10; stage 1 took 20, 25 and, called back, all of 50; stage 2
    # took 30 once, and one visit is in it at 50. In cell 1 the one in stage 0 at 7 goes on.
    assert same(found.value, [[40 / 3, 95 / 3, 40], [50, NAN, 30], [NAN] * 3])
    assert found.n.tolist() == [[3, 3, 2], [2, 0, 1], [0, 0, 0]]
    assert found.n_censored.tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 0]]
    assert found.tau == 50
    assert bottleneck(found).tolist() == [2, 0, -1]


def test_visits_can_be_of_one_stage_and_none():
    one = stage_passages(np.array([[0.0]]), np.array([0.0]), np.array([True]), np.array([False]))
    assert (one.seconds.tolist(), one.finished.tolist()) == ([0.0], [1.0])
    nobody = np.zeros(0, np.bool_)
    none = stage_passages(np.zeros((0, 2)), np.zeros(0), nobody, nobody)
    assert none.restricted_means(5.0, np.zeros(0, np.int64), 1).n.tolist() == [[0, 0]]


def means(*stages, tau=20.0):
    return restricted_mean(table_of(stages), tau)


DONE, SLOWER, PENDING = (
    [(5.0, "reached")],
    [(9.0, "reached"), (7.0, "reached")],
    [(1.0, "open"), (2.0, "reached"), (3.0, "open")],
)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ((DONE, SLOWER), 1),
        ((SLOWER, DONE), 0),
        ((DONE, SLOWER, SLOWER), 1),
        (([], DONE), 1),
        ((DONE, [], SLOWER), 2),
        (([], []), -1),
        ((DONE, PENDING), -1),
        ((PENDING, SLOWER), -1),
        ((PENDING,), -1),
    ],
)
def test_the_bottleneck_is_the_longest_of_the_stages_entered_if_all_are_known(stages, expected):
    assert int(bottleneck(means(*stages))) == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"entered": ENTERED[0]}, "a row a visit"),
        ({"end": END[:2]}, "a row a visit"),
        ({"completed": COMPLETED[:2]}, "a row a visit"),
        ({"is_open": IS_OPEN[:2]}, "a row a visit"),
        ({"is_open": COMPLETED}, "completed is not open"),
        ({"end": np.array([29.0, 70.0, 90.0, 80.0, 7.0])}, "before it enters it"),
        ({"end": np.array([60.0, 70.0, NAN, 80.0, 7.0])}, "before it enters it"),
        ({"entered": ENTERED + np.array([0.0, 0.0, -25.0])}, "before it enters it"),
    ],
)
def test_stages_that_cannot_be_are_refused(change, words):
    sound = {"entered": ENTERED, "end": END, "completed": COMPLETED, "is_open": IS_OPEN}
    with pytest.raises(ValueError, match=words):
        stage_passages(**sound | change)
