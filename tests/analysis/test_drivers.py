"""The rows of key drivers, and their regression against scipy and hand calculation."""

import numpy as np
import pytest
import scipy.stats

from analysis.drivers import complete_rows, correlation_matrix, regress

NAN = np.nan


def made(n=40, seed=5):
    """Rows of three drivers that go together, and an outcome with noise."""
    random = np.random.default_rng(seed)
    drivers = random.normal(3, 1, (n, 3)) + random.normal(size=(n, 1))
    return drivers, drivers @ [0.5, 0.2, 0] + random.normal(size=n)


def test_incomplete_rows_are_left_out_and_counted():
    drivers, outcome = made(8)
    drivers[1, 0] = drivers[4, 2] = outcome[6] = NAN
    rows = complete_rows(["a", "b", "c"], drivers, outcome)
    assert (rows.n, rows.n_rows) == (5, 8)
    np.testing.assert_array_equal(rows.drivers, drivers[[0, 2, 3, 5, 7]])
    np.testing.assert_array_equal(rows.outcome, outcome[[0, 2, 3, 5, 7]])
    assert (regress(rows).n, regress(rows).n_rows, regress(rows).df) == (5, 8, 1)


def test_too_few_rows_are_refused_with_the_number_needed():
    drivers, outcome = made(5)
    assert complete_rows("abc", drivers, outcome).n == 5
    outcome[0] = NAN
    with pytest.raises(ValueError, match=r"^3 drivers need at least 5 complete rows; there are 4"):
        complete_rows("abc", drivers, outcome)
    with pytest.raises(ValueError, match="there are 0"):
        complete_rows("abc", drivers[:0], outcome[:0])


def test_drivers_that_cannot_be_told_apart_are_refused_by_name():
    drivers, outcome = made()
    constant = drivers.copy()
    constant[:, 1] = 0.1
    with pytest.raises(ValueError, match=r"^Driver b is the same in all"):
        complete_rows("abc", constant, outcome)
    constant[1:, 1] = 0.3 - 0.2  # a tenth, but for rounding
    with pytest.raises(ValueError, match=r"^Driver b is the same in all"):
        complete_rows("abc", constant, outcome)
    collinear = drivers.copy()
    collinear[:, 2] = 7 - 2 * drivers[:, 0] + drivers[:, 1]
    with pytest.raises(ValueError, match=r"^Driver c follows from those before it"):
        complete_rows("abc", collinear, outcome)
    collinear[:, 2] += 1e-3 * outcome
    assert complete_rows("abc", collinear, outcome).n == 40


def test_an_outcome_that_is_always_the_same_is_refused():
    drivers, _ = made()
    with pytest.raises(ValueError, match=r"^The outcome is the same"):
        complete_rows("abc", drivers, np.full(40, 4.0))


@pytest.mark.parametrize(
    ("names", "drivers", "outcome", "words"),
    [
        ("ab", np.ones((9, 2)), np.ones(8), "shape"),
        ("ab", np.ones(9), np.ones(9), "shape"),
        ("a", np.ones((9, 2)), np.ones(9), "one name a driver: there are 2"),
        ("", np.ones((9, 0)), np.ones(9), "one name a driver: there are 0"),
        ("a", np.full((9, 1), np.inf), np.ones(9), "finite"),
        ("a", np.ones((9, 1)), np.full(9, -np.inf), "finite"),
    ],
)
def test_what_does_not_fit_is_refused(names, drivers, outcome, words):
    with pytest.raises(ValueError, match=words):
        complete_rows(names, drivers, outcome)


def test_the_regression_on_one_driver_is_the_one_of_scipy():
    drivers, outcome = made()
    found = regress(complete_rows("a", drivers[:, :1], outcome))
    line = scipy.stats.linregress(drivers[:, 0], outcome)
    assert found.value == pytest.approx([line.intercept, line.slope])
    assert found.std_error == pytest.approx([line.intercept_stderr, line.stderr])
    assert found.p[1] == pytest.approx(line.pvalue)
    # With one driver F is the square of its t.
    assert found.f == pytest.approx((line.slope / line.stderr) ** 2)
    assert found.f_p == pytest.approx(line.pvalue)
    assert found.r2 == pytest.approx(line.rvalue**2)
    # Adjusted: the residual variance against that of the outcome, both with their own divisors.
    assert found.adj_r2 == pytest.approx(1 - found.sigma**2 / outcome.var(ddof=1))
    assert found.sigma == pytest.approx(np.sqrt((1 - found.r2) * outcome.var() * 40 / 38))
    assert found.standardized == pytest.approx([line.rvalue])
    assert found.vif == pytest.approx([1])
    half = scipy.stats.t.ppf(0.95, 38) * line.stderr
    interval = found.interval(0.90)
    assert (interval.low[1], interval.high[1]) == pytest.approx(
        (line.slope - half, line.slope + half)
    )
    assert (interval.level, interval.rule) == (0.90, "student_t")
    assert found.interval().level == 0.95
    for level in (0, 1):
        with pytest.raises(ValueError, match="level"):
            found.interval(level)


def test_the_variance_inflation_is_that_of_regressing_a_driver_on_the_others():
    drivers, outcome = made()
    found = regress(complete_rows("abc", drivers, outcome))
    others = regress(complete_rows("bc", drivers[:, 1:], drivers[:, 0]))
    assert found.vif[0] == pytest.approx(1 / (1 - others.r2))


def test_a_perfect_fit_leaves_no_error():
    drivers = np.array([[1.0], [2.0], [4.0]])
    found = regress(complete_rows("a", drivers, 2 * drivers[:, 0] + 1))
    assert found.value == pytest.approx([1, 2])
    assert found.r2 == pytest.approx(1)
    assert found.sigma == pytest.approx(0, abs=1e-12)
    assert found.p == pytest.approx([0, 0], abs=1e-9)


def test_a_row_that_alone_decides_a_coefficient_has_no_robust_error():
    drivers = np.array([[0.0], [0.0], [0.0], [1.0]])
    found = regress(complete_rows("a", drivers, np.array([1.0, 2.0, 3.0, 9.0])))
    assert found.value == pytest.approx([2, 7])
    assert np.isnan(found.std_error_hc3).all()
    assert found.std_error == pytest.approx([np.sqrt(1 / 3), np.sqrt(1 + 1 / 3)])


def test_correlations_are_those_of_numpy_and_0_with_a_constant():
    drivers, outcome = made()
    rows = complete_rows("abc", drivers, outcome)
    expected = np.corrcoef(np.column_stack([drivers, outcome]).T)
    np.testing.assert_allclose(rows.correlation, expected, atol=1e-12)
    assert rows.standardized.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    assert rows.standardized.std(axis=0) == pytest.approx(np.ones(4))
    resampled = rows.standardized[[[3, 9, 27], [1, 1, 1]]]
    found = correlation_matrix(resampled)
    np.testing.assert_allclose(found[0], np.corrcoef(resampled[0].T), atol=1e-12)
    np.testing.assert_array_equal(found[1], np.zeros((4, 4)))
