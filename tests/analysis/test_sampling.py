"""The linearised variance of weighted rows, against plain loops and hand calculation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.margins import Margin
from analysis.sampling import Design, degrees_of_freedom, linearised_variance


def by_loops(influence, weights, strata, clusters, population):
    """Strata one by one, clusters one by one; the definition written out."""
    variance = 0.0
    for stratum in sorted(set(strata)):
        totals = {}
        for row, label in enumerate(strata):
            if label == stratum:
                totals.setdefault(clusters[row], []).append(weights[row] * influence[row])
                units = population[row]
        sums = [math.fsum(one) for one in totals.values()]
        drawn = len(sums)
        if drawn == 1:
            return math.nan
        mean = math.fsum(sums) / drawn
        squares = math.fsum((one - mean) ** 2 for one in sums)
        variance += (1 - drawn / units) * drawn / (drawn - 1) * squares
    return variance


ROW = st.tuples(
    st.floats(-5, 5), st.floats(0, 4), st.sampled_from("ab"), st.sampled_from([1, 2, 3])
)


@settings(deadline=None)
@given(st.lists(ROW, min_size=1, max_size=15), st.integers(4, 9))
def test_variance_is_the_definition_written_out(rows, population):
    influence, weights, strata, clusters = (list(column) for column in zip(*rows, strict=True))
    units = [population if stratum == "a" else 2 * population for stratum in strata]
    design = Design(weights, strata, clusters, units)
    found = linearised_variance(design, np.array(influence)[:, None], np.ones((len(rows), 1), bool))
    expected = by_loops(influence, weights, strata, clusters, units)
    assert found[0] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def test_cells_beside_each_other_do_not_touch_each_other():
    influence = np.random.default_rng(1).normal(size=(6, 3))
    design = Design([1, 2, 1, 1, 3, 1], strata=list("aaabbb"))
    within = np.ones((6, 3), bool)
    together = linearised_variance(design, influence, within)
    for cell in range(3):
        alone = linearised_variance(design, influence[:, [cell]], within[:, [cell]])
        assert together[cell] == pytest.approx(alone[0])


def test_a_stratum_with_one_unit_leaves_the_variance_unknown_unless_it_is_all_there_is():
    influence, within = np.array([[-1.0], [1.0], [0.5]]), np.ones((3, 1), bool)
    strata = ["a", "a", "b"]
    assert np.isnan(linearised_variance(Design([1, 1, 1], strata), influence, within))
    # 2 of 4 drawn in a: (1 - 1/2) * 2/1 * (1 + 1) = 2; b was drawn whole.
    whole = Design([1, 1, 1], strata, population=[4, 4, 1])
    assert linearised_variance(whole, influence, within) == pytest.approx(2)
    # A cell that has nobody in b is not concerned.
    within[2], influence[2] = False, 0
    assert linearised_variance(Design([1, 1, 1], strata), influence, within) == pytest.approx(4)


def test_clusters_of_one_label_in_two_strata_are_two():
    design = Design([1] * 4, strata=list("aabb"), clusters=list("xyxy"))
    assert degrees_of_freedom(design, np.ones((4, 1), bool)) == 2
    assert design.units_drawn.tolist() == [2, 2]


def test_degrees_of_freedom_are_counted_where_the_cell_has_rows():
    design = Design([1] * 5, strata=list("aaabb"), clusters=list("xxyzz"))
    # All: clusters x, y, z less strata a, b; the second cell has x and y of a; the third nothing.
    within = np.array([[1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]], bool)
    assert degrees_of_freedom(design, within).tolist() == [1, 1, 0]


def test_what_follows_from_the_margins_does_not_vary():
    labels = ["big", "small", "small", "big", "small"]
    margin = Margin.of("size", labels, {"big": 4, "small": 6})
    design = Design([2, 2, 2, 2, 2], margins=[margin])
    is_big = np.array([[one == "big"] for one in labels], float)
    within = np.ones((5, 1), bool)
    assert linearised_variance(design, is_big, within) == pytest.approx(0, abs=1e-20)


def test_residuals_are_those_of_least_squares_weighted_by_the_start():
    rng = np.random.default_rng(7)
    size, region = rng.choice(["a", "b", "c"], 40), rng.choice(["n", "s"], 40)
    start, weights = rng.uniform(1, 5, 40), rng.uniform(1, 5, 40)
    margins = [
        Margin.of("size", size, dict.fromkeys("abc", 1)),
        Margin.of("region", region, {"n": 1, "s": 2}),
    ]
    influence, within = rng.normal(size=(40, 1)), np.ones((40, 1), bool)
    # Without the last category of region the columns are independent.
    columns = np.stack([size == "a", size == "b", size == "c", region == "n"], axis=1) * 1.0
    for given_start, root in ((start, np.sqrt(start)), (None, np.ones(40))):
        effects = np.linalg.lstsq(columns * root[:, None], influence[:, 0] * root)[0]
        residuals = influence - (columns @ effects)[:, None]
        expected = linearised_variance(Design(weights), residuals, within)
        fitted = Design(weights, margins=margins, start=given_start)
        assert linearised_variance(fitted, influence, within) == pytest.approx(expected)


def test_designs_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match=r"3 weights, and the strata have the shape \(2,\)"):
        Design([1, 1, 1], strata=["a", "b"])
    with pytest.raises(ValueError, match="margin size have the shape"):
        Design([1, 1, 1], margins=[Margin.of("size", ["a"], {"a": 1})])
    with pytest.raises(ValueError, match="negative, infinite or NaN"):
        Design([1, -1])
    with pytest.raises(ValueError, match=r"population has the shape \(2,\)"):
        Design([1, 1, 1], population=[9, 9])
    with pytest.raises(ValueError, match="several numbers as its population"):
        Design([1, 1], population=[9, 8])
    with pytest.raises(ValueError, match="fewer units in the population than were drawn"):
        Design([1, 1, 1], population=2)


def test_a_population_counts_clusters_where_there_are_clusters():
    assert Design([1] * 6, clusters=list("xxxyyy"), population=8).sampled_share == 0.25
