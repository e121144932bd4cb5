"""What is taken for children of a goal, and how their scores are drawn."""

import numpy as np
import pytest

from analysis.children import Children, Sampler
from tests.analysis.test_roll_up import INF, NAN, Z95, Goalposts, spread


def children(value, low, high, rules=1, weights=(1.0,)):
    arrays = (np.array(array, np.float64) for array in (value, low, high))
    return Children(*arrays, [Goalposts()] * rules, np.array(weights))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ((5, 4, 6), "value must have the shape"),
        (([5], [4], [6]), "value must have the shape"),
        ((np.empty((0, 2)), np.empty((0, 2)), np.empty((0, 2)), 0, []), "value must have the"),
        (([[5]], [[4, 4]], [[6]]), "same shape"),
        (([[5]], [[4]], [[6], [6]]), "same shape"),
        (([[5]], [[4]], [[6]], 2), "one score rule a child: 1 of them"),
        (([[5]], [[4]], [[6]], 1, [1.0, 1.0]), "weights must have the shape"),
        (([[5, 5]], [[4, 4]], [[6, 6]], 1, [1.0, 1.0]), "weights must have the shape"),
        (([[5]], [[4]], [[6]], 1, [-1.0]), "weights must be finite"),
        (([[5]], [[4]], [[6]], 1, [NAN]), "weights must be finite"),
        (([[5]], [[4]], [[6]], 1, [INF]), "weights must be finite"),
        (([[5, 3]], [[4, 4]], [[6, 6]]), "value of child 0 in cell 1 lies outside"),
        (([[5], [7]], [[4], [4]], [[6], [6]], 2, [1.0, 1.0]), "value of child 1 in cell 0 lies"),
        (([[INF]], [[4]], [[INF]]), "child 0 in cell 0 is infinite"),
        (([[-INF]], [[-INF]], [[4]]), "child 0 in cell 0 is infinite"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(wrong, words):
    with pytest.raises(ValueError, match=words):
        children(*wrong)


def test_a_correlation_is_one_for_every_pair():
    value = np.array([[5.0], [5.0]])
    for shape in ((1, 1), (2, 1), (3, 3)):
        with pytest.raises(ValueError, match="correlation must have the shape"):
            Children(value, value, value, [Goalposts()] * 2, np.ones(2), np.ones(shape))


def test_an_end_may_miss_its_value_by_rounding():
    for value, low, high in (
        (1000, 1000 + 1e-7, 2000), (1000, 0, 1000 - 1e-7),
        (-1000, -1000 + 1e-7, 0), (-1000, -2000, -1000 - 1e-7),
    ):  # fmt: skip
        assert children([[value]], [[low]], [[high]]).scores.shape == (1, 1)
    with pytest.raises(ValueError, match="outside"):
        children([[1000]], [[1000.001]], [[2000]])


@pytest.mark.parametrize(
    ("value", "low", "high", "ends", "opened"),
    [
        (5, 4, 6, (4, 6), False),
        (5, NAN, 6, (-INF, 6), True),
        (5, 4, NAN, (4, INF), True),
        (5, -INF, 6, (-INF, 6), True),
        (5, 4, INF, (4, INF), True),
        (5, -INF, INF, (-INF, INF), True),
        (5, NAN, NAN, (NAN, NAN), False),
        (INF, INF, INF, (INF, INF), False),
        (-INF, -INF, -INF, (-INF, -INF), False),
        (INF, NAN, NAN, (NAN, NAN), False),
    ],
)
def test_one_end_unknown_is_open_and_both_are_no_interval(value, low, high, ends, opened):
    one = children([[value]], [[low]], [[high]])
    np.testing.assert_array_equal(np.ravel(one.ends), ends)
    assert one.open_ended == [[opened]]


def drawn(one, child=0, seed=1, draws=1000, cautious=True):
    return Sampler(one, seed, draws, cautious).scores(child, np.array([0]))[0]


def test_draws_are_evenly_spaced_quantiles_in_a_random_order():
    found = drawn(spread([[50]], 1.959964, 3.919928), draws=4)
    # The quantiles of 1/8, 3/8, 5/8, 7/8: -1.150349, -0.318639 and, twice as far, above.
    expected = [50 - 1.150349, 50 - 0.318639, 50 + 2 * 0.318639, 50 + 2 * 1.150349]
    assert sorted(found) == pytest.approx(expected, abs=1e-5)
    many = drawn(spread([[50]], 10, 10))
    assert abs(np.corrcoef(many, np.sort(many))[0, 1]) < 0.1


def test_every_child_has_its_own_order_and_keeps_it_when_another_comes():
    two = spread([[50], [50]], 10, 10)
    three = spread([[50], [50], [50]], 10, 10)
    assert abs(np.corrcoef(drawn(two, 0), drawn(two, 1))[0, 1]) < 0.1
    for child in (0, 1):
        np.testing.assert_array_equal(drawn(two, child), drawn(three, child))
    assert (drawn(two, seed=2) != drawn(two)).any()


def drawn_together(correlation, draws=4000):
    """Scores of children that lie about 50, with standard deviations of 10, 20, 30."""
    correlation = np.array(correlation, np.float64)
    many = len(correlation)
    value = np.full((many, 1), 50.0)
    reach = Z95 * 10 * np.arange(1, many + 1)[:, None]
    rules = [Goalposts(-1000, 1000)] * many
    known = Children(value, value - reach, value + reach, rules, np.ones(many), correlation)
    sampler = Sampler(known, seed=1, draws=draws, cautious=True)
    return np.stack([sampler.scores(child, np.array([0]))[0] for child in range(many)])


def test_children_are_drawn_with_their_correlations_and_keep_their_own_distributions():
    wanted = np.array([[1, 0.8, -0.5], [0.8, 1, 0], [-0.5, 0, 1]])
    found, apart = drawn_together(wanted), drawn_together(np.eye(3))
    assert np.corrcoef(found) == pytest.approx(wanted, abs=0.03)
    assert np.corrcoef(apart) == pytest.approx(np.eye(3), abs=0.04)
    assert np.sort(found).tolist() == np.sort(apart).tolist()


def test_a_child_that_errs_alone_keeps_its_order():
    wanted = np.array([[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]])
    found, apart = drawn_together(wanted), drawn_together(np.eye(3))
    assert found[1].tolist() == apart[1].tolist()
    assert found[2].tolist() != apart[2].tolist()
    assert np.corrcoef(found)[0, 2] == pytest.approx(0.9, abs=0.02)


def test_errors_that_are_hardly_alike_hardly_change_the_draws():
    apart = drawn_together(np.eye(2))
    found = drawn_together([[1, 1e-12], [1e-12, 1]])
    assert found == pytest.approx(apart, abs=0.2)


def test_children_that_err_as_one_are_drawn_as_one():
    found = drawn_together(np.ones((2, 2)))
    assert found[1] - 52.5 == pytest.approx(2 * (found[0] - 52.5), abs=0.05)
    found = drawn_together([[1, -1], [-1, 1]])
    assert found[1] - 52.5 == pytest.approx(-2 * (found[0] - 52.5), abs=0.05)


def test_correlations_that_contradict_each_other_give_some_that_do_not():
    # 0.9 and 0.9 leave no room for -0.9: the angles between three can be 60, 60 and 120 degrees.
    found = drawn_together([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])
    assert np.corrcoef(found) == pytest.approx(
        np.array([[1, 0.5, 0.5], [0.5, 1, -0.5], [0.5, -0.5, 1]]), abs=0.03
    )


def test_cells_share_their_draws():
    both = spread([[50, 20]], 10, 10)
    found = Sampler(both, 1, 100, cautious=True).scores(0, np.array([1, 0]))
    assert found[1] - found[0] == pytest.approx(np.full(100, 30))


def test_an_open_side_scores_as_its_worse_or_its_better_end():
    one = children([[40]], [[30]], [[NAN]])
    cautious, hopeful = drawn(one), drawn(one, cautious=False)
    assert sorted(cautious)[500:] == [40] * 500
    assert sorted(hopeful)[500:] == [100] * 500
    np.testing.assert_array_equal(np.sort(cautious)[:500], np.sort(hopeful)[:500])


def test_a_side_on_which_every_score_is_the_same_stays():
    one = children([[120]], [[110]], [[NAN]])
    assert (drawn(one) == 100).all()
    assert (drawn(one, cautious=False) == 100).all()


def test_a_point_is_drawn_as_itself():
    for low, high in ((40, 40), (NAN, NAN)):
        assert (drawn(children([[40]], [[low]], [[high]])) == 40).all()
    for value, score in ((INF, 100), (-INF, 0)):
        assert (drawn(children([[value]], [[value]], [[value]])) == score).all()
