"""Importance of drivers against all orders of entry, Johnson's own way, and normal theory."""

from itertools import permutations

import numpy as np
import pytest

from analysis.drivers import complete_rows
from analysis.importance import (
    bootstrap_interval,
    importance,
    lmg,
    r_squared_of_subsets,
    relative_weights,
)
from tests.analysis.test_drivers import made


def correlated(between, *with_outcome):
    """Correlations of drivers that all have the same correlation with each other."""
    k = len(with_outcome)
    found = np.full((k + 1, k + 1), float(between))
    found[-1, :-1] = found[:-1, -1] = with_outcome
    np.fill_diagonal(found, 1)
    return found


def r_squared(drivers, outcome):
    """By least squares on the raw rows."""
    design = np.column_stack([np.ones(len(outcome)), drivers])
    fitted = design @ np.linalg.lstsq(design, outcome)[0]
    return 1 - np.var(outcome - fitted) / np.var(outcome)


def test_every_subset_has_the_r_squared_of_its_own_regression():
    drivers, outcome = made()
    subsets = r_squared_of_subsets(complete_rows("abc", drivers, outcome).correlation)
    for number, found in enumerate(subsets):
        chosen = [driver for driver in range(3) if number >> driver & 1]
        assert found == pytest.approx(r_squared(drivers[:, chosen], outcome), abs=1e-12)


def test_lmg_is_the_mean_gain_over_all_orders_of_entry():
    drivers, outcome = made()
    gains = np.zeros(3)
    for order in permutations(range(3)):
        for place, driver in enumerate(order):
            after = r_squared(drivers[:, order[: place + 1]], outcome)
            gains[driver] += after - r_squared(drivers[:, order[:place]], outcome)
    assert importance(complete_rows("abc", drivers, outcome)).lmg == pytest.approx(gains / 6)


def test_relative_weights_are_those_of_the_nearest_uncorrelated_variables():
    # Johnson's own way: with X = P D Q', the nearest uncorrelated variables are Z = P Q'.
    drivers, outcome = made()
    rows = complete_rows("abc", drivers, outcome)
    x, y = rows.standardized[:, :-1], rows.standardized[:, -1]
    p, _, q = np.linalg.svd(x, full_matrices=False)
    z = p @ q
    expected = (z.T @ x).T ** 2 @ (z.T @ y) ** 2 / rows.n**2
    assert importance(rows).relative_weights == pytest.approx(expected)


def test_all_measures_add_up_as_they_should():
    drivers, outcome = made(60)
    found = importance(complete_rows("abc", drivers, outcome))
    assert found.r2 == pytest.approx(r_squared(drivers, outcome))
    for shares in (found.lmg, found.relative_weights, found.pratt):
        assert shares.sum() == pytest.approx(found.r2)
    assert found.lmg_share.sum() == pytest.approx(1)
    assert found.first[1] == pytest.approx(r_squared(drivers[:, 1], outcome))
    assert found.last[1] == pytest.approx(found.r2 - r_squared(drivers[:, [0, 2]], outcome))
    assert (found.n, found.n_rows) == (60, 60)


def test_uncorrelated_drivers_have_what_they_explain_alone():
    apart = correlated(0, 0.6, -0.5, 0.1)
    assert lmg(apart) == pytest.approx([0.36, 0.25, 0.01])
    assert relative_weights(apart) == pytest.approx([0.36, 0.25, 0.01])


def test_two_drivers_have_the_same_lmg_and_relative_weights():
    # R squared of both is (0.36 + 0.25 - 2 x 0.15) / 0.75 = 0.41333; the first one has
    # (0.36 + 0.41333 - 0.25) / 2.
    both = correlated(0.5, 0.6, 0.5)
    assert lmg(both) == pytest.approx([0.261667, 0.151667], abs=1e-6)
    assert relative_weights(both) == pytest.approx(lmg(both))


@pytest.mark.parametrize("measure", [lmg, relative_weights])
def test_drivers_that_are_the_same_share_alike(measure):
    assert measure(correlated(1, 0.6, 0.6)) == pytest.approx([0.18, 0.18])


@pytest.mark.parametrize("measure", [lmg, relative_weights])
def test_a_stack_of_correlations_has_the_measures_of_each(measure):
    one, other = correlated(0.3, 0.5, 0.4, 0.2), correlated(0.1, 0.1, 0.2, 0.6)
    np.testing.assert_allclose(
        measure(np.stack([one, other])), [measure(one), measure(other)], atol=1e-12
    )


def test_a_driver_that_is_alone_has_all():
    found = importance(complete_rows("a", np.array([[1.0], [2.0], [3.0]]), np.array([1, 3, 2.0])))
    for share in (found.lmg, found.relative_weights, found.first, found.last, found.betasq):
        assert share == pytest.approx([0.25])
    assert found.lmg_share == pytest.approx([1])
    assert found.performance == pytest.approx([2])


def test_without_anything_explained_there_are_no_shares_of_it():
    found = importance(complete_rows("a", np.array([[1.0], [2.0], [3.0]]), np.array([1, 2, 1.0])))
    assert found.r2 == pytest.approx(0, abs=1e-12)
    assert np.isnan(found.lmg_share).all()


def test_performance_is_the_mean_of_the_complete_rows():
    drivers, outcome = made(9)
    outcome[0] = np.nan
    found = importance(complete_rows("abc", drivers, outcome))
    assert found.performance == pytest.approx(drivers[1:].mean(axis=0))
    assert (found.n, found.n_rows) == (8, 9)


def test_fifteen_drivers_are_shared_out_and_sixteen_are_refused():
    assert lmg(correlated(0.5, *[0.5] * 15)) == pytest.approx(np.full(15, 15 / 16 * 0.5 / 15))
    with pytest.raises(ValueError, match="16 drivers is too many"):
        lmg(correlated(0.5, *[0.5] * 16))
    assert relative_weights(correlated(0, *[0.1] * 16)) == pytest.approx(np.full(16, 0.01))


@pytest.mark.parametrize("measure", [lmg, relative_weights])
@pytest.mark.parametrize("method", ["percentile", "BCa"])
def test_the_interval_of_r_squared_is_the_one_of_normal_theory(measure, method):
    # With one driver both measures are r squared; its standard error is 2 r (1 - r^2) / sqrt n.
    random = np.random.default_rng(2)
    x, noise = random.normal(size=(2, 1500))
    rows = complete_rows("a", x[:, None], x + noise)
    r2 = rows.correlation[0, 1] ** 2
    half = 1.6449 * 2 * np.sqrt(r2) * (1 - r2) / np.sqrt(1500)
    found = bootstrap_interval(rows, measure, 1, method=method, level=0.90)
    assert found.low == pytest.approx([r2 - half], abs=half / 5)
    assert found.high == pytest.approx([r2 + half], abs=half / 5)
    assert (found.level, found.rule) == (0.90, f"bootstrap_{method.lower()}")


@pytest.mark.parametrize("measure", [lmg, relative_weights])
def test_intervals_cover_the_importance_of_the_population(measure):
    population = correlated(0.4, 0.6, 0.4)
    root = np.linalg.cholesky(population)
    truth, random = measure(population), np.random.default_rng(8)
    covered = []
    for _ in range(200):
        sample = random.normal(size=(100, 3)) @ root.T
        rows = complete_rows("ab", sample[:, :2], sample[:, 2])
        found = bootstrap_interval(rows, measure, seed=1, resamples=300)
        covered.append((found.low <= truth) & (truth <= found.high))
    # Three standard errors of a share among 200 are 4.6 points.
    assert np.mean(covered, axis=0) == pytest.approx(np.full(2, 0.95), abs=0.05)


def test_the_same_seed_gives_the_same_interval():
    rows = complete_rows("abc", *made())
    one, same, other = (bootstrap_interval(rows, lmg, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.low, same.low)
    assert (one.low != other.low).any()
    assert one.high == pytest.approx(other.high, abs=0.05)


def test_many_rows_are_resampled_in_parts():
    rows = complete_rows("abc", *made(20_000))
    found = bootstrap_interval(rows, lmg, seed=1, resamples=60)
    assert (found.low < importance(rows).lmg).all()
    assert (found.high - found.low < 0.02).all()


def test_a_driver_that_is_constant_in_some_resamples_has_none_there():
    drivers, outcome = made()
    drivers[:, 2] = np.arange(40) < 2
    found = bootstrap_interval(complete_rows("abc", drivers, outcome), lmg, seed=1)
    assert found.low[2] == 0
    assert not np.isnan(found.high).any()


@pytest.mark.parametrize("outcome", [np.tile(np.arange(10.0), 3), np.tile([0.0, 0, 0, 9, 1], 6)])
def test_bca_is_unknown_where_all_resamples_are_on_one_side(outcome):
    # The driver explains nothing, by construction; every resample explains something.
    drivers = np.repeat([[1.0], [2.0], [3.0]], 10, axis=0)
    drivers[0] = 0
    outcome = outcome - drivers[:, 0] * np.cov(drivers[:, 0], outcome)[0, 1] / drivers.var(ddof=1)
    rows = complete_rows("a", drivers, outcome)
    assert importance(rows).lmg == pytest.approx([0], abs=1e-12)
    found = bootstrap_interval(rows, lmg, 1, method="BCa")
    assert np.isnan([found.low, found.high]).all()
    assert bootstrap_interval(rows, lmg, 1).high[0] > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [({"level": 0}, "level"), ({"level": 1}, "level"), ({"resamples": 0}, "resamples")],
)
def test_settings_out_of_range_are_refused(options, words):
    rows = complete_rows("abc", *made())
    with pytest.raises(ValueError, match=words):
        bootstrap_interval(rows, lmg, 1, **options)
