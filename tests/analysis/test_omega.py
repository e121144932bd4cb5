"""Omega of scales whose one-factor model is known."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.omega import omega, one_factor
from analysis.reliability import ItemMoments, item_moments, reliability, reverse
from tests.analysis.test_reliability import made


def moments(covariance, n=101):
    """As if a sample had this covariance with the divisor n."""
    k, unbiased = len(covariance), np.array(covariance) * n / (n - 1)
    return ItemMoments(n, n, np.full(k, 3.0), unbiased, np.zeros(k), np.zeros(k), 1, 5)


def test_a_covariance_that_is_one_factors_gives_that_factor_back():
    loadings, residual = np.array([0.5, 1.0, 2.0, 0.8]), np.array([1.0, 0.5, 2.0, 0.3])
    found = omega(moments(np.outer(loadings, loadings) + np.diag(residual)))
    assert found.loadings == pytest.approx(loadings, rel=1e-6)
    assert found.residual == pytest.approx(residual, rel=1e-6)
    # (0.5 + 1 + 2 + 0.8)^2 = 18.49; 18.49 / (18.49 + 3.8).
    assert found.value == pytest.approx(18.49 / 22.29, rel=1e-6)
    assert (found.n, found.n_rows, found.reason) == (101, 101, "")


def test_items_of_like_quality_have_alpha_as_their_omega():
    parallel = moments(0.4 * np.ones((5, 5)) + 0.6 * np.eye(5))
    assert omega(parallel).value == pytest.approx(reliability(parallel).value)


def test_the_fit_is_the_best_one_factor_can_do():
    correlation = np.corrcoef(made(items=5).T)

    def misfit(loading, residual):
        model = np.outer(loading, loading) + np.diag(residual)
        return np.linalg.slogdet(model)[1] + np.trace(correlation @ np.linalg.inv(model))

    loading, residual = one_factor(correlation)
    best, random = misfit(loading, residual), np.random.default_rng(1)
    assert residual == pytest.approx(1 - loading**2, abs=1e-6)
    for _ in range(50):
        one, other = random.normal(1, 0.01, (2, 5))
        assert misfit(loading * one, residual * other) > best


def test_reversed_items_count_once_turned_round():
    answers = made(items=4)
    turned = answers.copy()
    turned[:, 0] = 8 - turned[:, 0]
    plain, raw = omega(item_moments(answers, 1, 7)), item_moments(turned, 1, 7)
    assert omega(reverse(raw, [0])).value == pytest.approx(plain.value)
    assert omega(raw).loadings[0] < 0 < omega(raw).loadings[1]
    assert omega(raw).value < plain.value


def test_loadings_are_positive_on_the_whole_whatever_the_eigenvectors_sign():
    signs = np.array([[1, 1, 1, -1], [1, -1, 1, 1], [-1, 1, 1, 1], [1, 1, 1, 1]]) * 0.7
    for loadings in signs:
        correlation = np.outer(loadings, loadings) + 0.51 * np.eye(4)
        for one in (correlation, correlation[::-1, ::-1]):
            assert one_factor(one)[0].sum() > 0


def test_items_that_measure_nothing_in_common_have_no_reliability():
    assert omega(moments(np.eye(3))).value == pytest.approx(0)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (made(items=2), "three items or more"),
        (made(4, items=5), "fewer complete rows than items: 4 of 5 items"),
        (made(1, items=3), "1 of 3 items"),
        (np.repeat(made(items=1), 3, axis=1), "follows from the others"),
        (made(items=4) * [1, 1, 1, 0] + [0, 0, 0, 3], "the same in all rows"),
    ],
)
def test_where_there_is_no_model_the_reason_is_told(answers, words):
    found = omega(item_moments(answers, 1, 7))
    assert words in found.reason
    assert np.isnan(found.value)
    assert np.isnan([found.loadings, found.residual]).all()
    assert found.n == len(answers)


def test_an_item_without_error_is_told_and_not_believed():
    # r12 r13 / r23 = 0.9 x 0.6 / 0.4 would be a squared loading of 1.35.
    heywood = np.array([[1, 0.9, 0.6], [0.9, 1, 0.4], [0.6, 0.4, 1]])
    found = omega(moments(heywood))
    assert found.reason.startswith("Item 0 would have no error at all (a Heywood case)")
    assert np.isnan(found.value)


def test_rows_left_out_are_counted():
    answers = made()
    answers[0, 0] = np.nan
    found = omega(item_moments(answers, 1, 7))
    assert (found.n, found.n_rows) == (59, 60)
    more = replace(item_moments(answers, 1, 7), n_rows=99)
    assert omega(more).n_rows == 99
