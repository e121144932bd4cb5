"""Mixed models against dense matrices, which hold the whole covariance of the values."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, t

from analysis import mixed_structures
from analysis.mixed_models import fit_crossed, fit_random_intercept, fit_random_slope

GROUP = np.array(list("aaabbbbccddddde"))
VALUE = np.array([4, 5, 4.5, 8, 9, 7, 8, 5, 6, 7, 6, 8, 7.5, 6.5, 3])
X = np.array([0, 1, 2, 0, 1, 2, 3, 1, 4, 0, 2, 3, 5, 6, 2.0])


def unbalanced(raters=7, targets=5, n=60, seed=3):
    generator = np.random.default_rng(seed)
    rater, target = generator.integers(0, raters, n), generator.integers(0, targets, n)
    of_rater, of_target = generator.normal(0, 1, raters), generator.normal(0, 0.7, targets)
    value = 5 + of_rater[rater] + of_target[target] + generator.normal(0, 0.8, n)
    return value, rater, target


def indicators(labels):
    return (labels[:, None] == np.unique(labels)).astype(float)


def dense_criterion(value, design, covariance, method):
    """-2 log likelihood at its best fixed effects; with REML Patterson and Thompson's."""
    inverse = np.linalg.inv(covariance)
    information = design.T @ inverse @ design
    fixed = np.linalg.solve(information, design.T @ inverse @ value)
    criterion = -2 * multivariate_normal(design @ fixed, covariance).logpdf(value)
    if method == "reml":
        p = design.shape[1]
        criterion += np.linalg.slogdet(information)[1] - p * np.log(2 * np.pi)
    return criterion, fixed, np.sqrt(np.diag(np.linalg.inv(information)))


def slope_covariance(covariance, residual):
    lines = np.stack([np.ones_like(X), X], axis=1)
    same = GROUP[:, None] == GROUP
    return same * (lines @ covariance @ lines.T) + residual * np.eye(len(X))


def test_a_balanced_layout_has_the_closed_form_worked_by_hand():
    # Groups 4 5 4, 8 9 7, 5 6 7: within 2/3 + 2 + 2 on 6, so 7/9; means 13/3, 8, 6 about 55/9,
    # between 3 (256/81 + 289/81 + 1/81) / 2 = 91/9; (91/9 - 7/9) / 3 = 28/9.
    fit = fit_random_intercept([4, 5, 4, 8, 9, 7, 5, 6, 7], list("aaabbbccc"))
    assert fit.residual == pytest.approx(7 / 9, rel=1e-6)
    assert fit.effects[0].covariance[0, 0] == pytest.approx(28 / 9, rel=1e-6)
    assert fit.value[0] == pytest.approx(55 / 9)
    assert fit.std_error[0] == pytest.approx(np.sqrt(91 / 9 / 9), rel=1e-6)
    limits = fit.interval()
    half = t.ppf(0.975, 2) * fit.std_error[0]
    assert (limits.low[0], limits.high[0]) == pytest.approx((55 / 9 - half, 55 / 9 + half))
    assert limits.rule == "student_t_on_levels"


def test_maximum_likelihood_divides_by_the_groups_themselves_by_hand():
    fit = fit_random_intercept([4, 5, 4, 8, 9, 7, 5, 6, 7], list("aaabbbccc"), method="ml")
    assert fit.effects[0].covariance[0, 0] == pytest.approx((91 / 9 * 2 / 3 - 7 / 9) / 3, rel=1e-6)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_the_criterion_of_one_factor_is_that_of_the_dense_covariance(method):
    fit = fit_random_intercept(VALUE, GROUP, method=method)
    same = GROUP[:, None] == GROUP
    covariance = fit.effects[0].covariance[0, 0] * same + fit.residual * np.eye(len(VALUE))
    criterion, fixed, error = dense_criterion(VALUE, np.ones((15, 1)), covariance, method)
    assert fit.criterion == pytest.approx(criterion, rel=1e-9)
    assert fit.value == pytest.approx(fixed, rel=1e-9)
    assert fit.std_error == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_the_criterion_of_a_slope_is_that_of_the_dense_covariance(method):
    fit = fit_random_slope(VALUE, X, GROUP, method=method)
    covariance = slope_covariance(fit.effects[0].covariance, fit.residual)
    design = np.stack([np.ones_like(X), X], axis=1)
    criterion, fixed, error = dense_criterion(VALUE, design, covariance, method)
    assert fit.criterion == pytest.approx(criterion, rel=1e-9)
    assert fit.value == pytest.approx(fixed, rel=1e-7)
    assert fit.std_error == pytest.approx(error, rel=1e-7)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_crossed_variances_are_the_least_of_the_dense_criterion(method):
    value, rater, target = unbalanced()
    squares = [one @ one.T for one in (indicators(rater), indicators(target))]

    def criterion(logs):
        first, second, residual = np.exp(logs)
        covariance = first * squares[0] + second * squares[1] + residual * np.eye(60)
        return dense_criterion(value, np.ones((60, 1)), covariance, method)[0]

    least = minimize(
        criterion,
        np.zeros(3),
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 2000},
    )
    fit = fit_crossed(value, rater, target, method=method)
    found = [fit.effects[0].covariance[0, 0], fit.effects[1].covariance[0, 0], fit.residual]
    assert found == pytest.approx(np.exp(least.x), rel=1e-3)
    assert fit.criterion == pytest.approx(least.fun, abs=1e-6)
    assert fit.converged


def test_a_slope_has_the_least_criterion_of_all_nearby():
    fit = fit_random_slope(VALUE, X, GROUP)
    design, root = (
        np.stack([np.ones_like(X), X], axis=1),
        np.linalg.cholesky(fit.effects[0].covariance + 1e-9 * np.eye(2)),
    )
    generator = np.random.default_rng(5)
    for _ in range(200):
        moved = root + np.tril(generator.normal(0, 0.05, (2, 2)))
        covariance = slope_covariance(moved @ moved.T, fit.residual * generator.uniform(0.9, 1.1))
        assert dense_criterion(VALUE, design, covariance, "reml")[0] > fit.criterion - 1e-7


def test_effects_and_their_errors_are_those_of_hendersons_equations():
    value, rater, target = unbalanced()
    fit = fit_crossed(value, rater, target)
    z = np.hstack([indicators(rater), indicators(target)])
    variances = [one.covariance[0, 0] for one in fit.effects]
    penalty = np.diag(1 / np.repeat(variances, [7, 5]))
    joint = np.hstack([np.ones((60, 1)), z])
    left = joint.T @ joint / fit.residual
    left[1:, 1:] += penalty
    errors = np.linalg.inv(left)
    solution = errors @ joint.T @ value / fit.residual
    effects = np.concatenate([one.effect[:, 0] for one in fit.effects])
    assert solution == pytest.approx(np.append(fit.value, effects), abs=1e-9)
    prediction = np.concatenate([one.prediction_sd[:, 0] for one in fit.effects])
    assert prediction == pytest.approx(np.sqrt(np.diag(errors)[1:]), rel=1e-9)
    given = np.linalg.inv(left[1:, 1:])
    posterior = np.concatenate([one.posterior_sd[:, 0] for one in fit.effects])
    assert posterior == pytest.approx(np.sqrt(np.diag(given)), rel=1e-9)
    total = np.diag(errors)[1:] + errors[0, 0] + 2 * errors[0, 1:]
    coefficient = np.concatenate([one.coefficient_sd[:, 0] for one in fit.effects])
    assert coefficient == pytest.approx(np.sqrt(total), rel=1e-9)


def test_effects_of_a_slope_are_those_of_hendersons_equations():
    generator = np.random.default_rng(6)
    x, group = np.tile(np.arange(10.0), 8), np.arange(80) // 10
    lines = generator.normal(0, [2, 0.4], (8, 2))[group]
    value = 3 + lines[:, 0] + (0.3 + lines[:, 1]) * x + generator.normal(0, 1, 80)
    fit = fit_random_slope(value, x, group)
    design = np.stack([np.ones_like(x), x], axis=1)
    z = (indicators(group)[:, :, None] * design[:, None, :]).reshape(80, 16)
    joint = np.hstack([design, z])
    left = joint.T @ joint / fit.residual
    left[2:, 2:] += np.kron(np.eye(8), np.linalg.inv(fit.effects[0].covariance))
    errors = np.linalg.inv(left)
    solution = errors @ joint.T @ value / fit.residual
    assert fit.effects[0].effect.ravel() == pytest.approx(solution[2:], abs=1e-7)
    assert fit.effects[0].prediction_sd.ravel() == pytest.approx(
        np.sqrt(np.diag(errors)[2:]), rel=1e-6
    )
    assert fit.effects[0].coefficient == pytest.approx(fit.value + fit.effects[0].effect)
    sums = np.hstack([np.tile(np.eye(2), (8, 1)), np.eye(16)])
    assert fit.effects[0].coefficient_sd.ravel() == pytest.approx(
        np.sqrt(np.diag(sums @ errors @ sums.T)), rel=1e-6
    )


def test_a_variance_of_zero_is_a_fine_answer():
    fit = fit_random_intercept([4, 5, 6, 3, 6, 7, 4, 7, 6], list("aaabbbccc"))
    assert fit.converged
    assert fit.reason == ""
    assert fit.effects[0].covariance[0, 0] == 0
    assert fit.effects[0].effect.tolist() == [[0], [0], [0]]
    # Without groups it is the plain mean.
    values = np.array([4, 5, 6, 3, 6, 7, 4, 7, 6])
    assert fit.std_error[0] == pytest.approx(values.std(ddof=1) / 3)


def test_a_crossed_variance_of_zero_leaves_the_other_factor_alone():
    value = np.array([1, 2, 3, 1.1, 1.9, 3.1, 0.9, 2.1, 2.9])
    fit = fit_crossed(value, np.repeat([1, 2, 3], 3), np.tile(list("abc"), 3))
    alone = fit_random_intercept(value, np.tile(list("abc"), 3))
    assert fit.effects[0].covariance[0, 0] == 0
    assert fit.effects[1].covariance == pytest.approx(alone.effects[0].covariance, rel=1e-5)
    assert fit.criterion == pytest.approx(alone.criterion, rel=1e-9)


def test_intercepts_and_slopes_that_go_together_fully_are_a_fine_answer():
    # Every line goes through (0, 1) but for noise, so the intercepts hardly differ.
    generator = np.random.default_rng(2)
    x, group = np.tile(np.arange(6.0), 10), np.repeat(np.arange(10), 6)
    value = 1 + np.linspace(-1, 1, 10)[group] * x + generator.normal(0, 0.3, 60)
    fit = fit_random_slope(value, x, group)
    assert fit.converged
    assert fit.effects[0].covariance[1, 1] == pytest.approx(0.4, abs=0.1)


def test_swapped_factors_swap_the_answer():
    value, rater, target = unbalanced()
    one, other = fit_crossed(value, rater, target), fit_crossed(value, target, rater)
    assert one.criterion == pytest.approx(other.criterion, rel=1e-10)
    for mine, yours in zip(one.effects, other.effects[::-1], strict=True):
        assert mine.levels.tolist() == yours.levels.tolist()
        assert mine.effect == pytest.approx(yours.effect, abs=1e-5)
        assert mine.prediction_sd == pytest.approx(yours.prediction_sd, abs=1e-5)


def test_large_tables_are_sparse_and_in_chunks_with_the_same_answer(monkeypatch):
    value, rater, target = unbalanced()
    dense = fit_crossed(value, rater, target)
    monkeypatch.setattr(mixed_structures, "DENSE", 0)
    monkeypatch.setattr(mixed_structures, "CHUNK", 12)
    sparse = fit_crossed(value, rater, target)
    assert sparse.criterion == pytest.approx(dense.criterion, rel=1e-12)
    for mine, yours in zip(sparse.effects, dense.effects, strict=True):
        assert mine.posterior_sd == pytest.approx(yours.posterior_sd, rel=1e-6)
        assert mine.effect == pytest.approx(yours.effect, abs=1e-6)


def test_a_shift_and_another_unit_of_the_values_carry_over():
    value, rater, target = unbalanced()
    plain, moved = fit_crossed(value, rater, target), fit_crossed(1e6 + 10 * value, rater, target)
    assert moved.value == pytest.approx(1e6 + 10 * plain.value, rel=1e-9)
    assert moved.std_error == pytest.approx(10 * plain.std_error, rel=1e-4)
    assert moved.residual == pytest.approx(100 * plain.residual, rel=1e-4)


def test_a_slope_over_years_is_that_over_years_since():
    plain, late = fit_random_slope(VALUE, X, GROUP), fit_random_slope(VALUE, 2020 + X, GROUP)
    assert late.value[1] == pytest.approx(plain.value[1], rel=1e-8)
    assert late.value[0] == pytest.approx(plain.value[0] - 2020 * plain.value[1], rel=1e-8)
    assert late.criterion == pytest.approx(plain.criterion, rel=1e-10)
    assert late.effects[0].effect[:, 1] == pytest.approx(plain.effects[0].effect[:, 1], abs=1e-6)


def test_many_ratings_give_back_the_variances_they_were_drawn_with():
    generator = np.random.default_rng(11)
    rater, target = generator.integers(0, 400, 4000), generator.integers(0, 50, 4000)
    value = (
        generator.normal(0, 0.5, 400)[rater]
        + generator.normal(0, 0.8, 50)[target]
        + generator.normal(0, 1.2, 4000)
    )
    fit = fit_crossed(value, rater, target)
    assert fit.converged
    assert fit.residual == pytest.approx(1.44, rel=4 * np.sqrt(2 / 4000))
    assert fit.effects[0].covariance[0, 0] == pytest.approx(0.25, rel=0.3)
    assert fit.effects[1].covariance[0, 0] == pytest.approx(0.64, rel=4 * np.sqrt(2 / 50))


@pytest.mark.parametrize(
    ("value", "group", "reason"),
    [
        ([], [], "There is no value."),
        ([3.0], ["a"], "All values are the same"),
        ([3.0, 3.0, 3.0], list("aab"), "All values are the same"),
        ([3.0, 4.0, 5.0], list("aaa"), "one level only"),
        ([3.0, 4.0, 5.0], list("abc"), "3 values are too few for 3 effects"),
        ([1.0, 1.0, 2.0, 2.0], list("aabb"), "explain every value"),
    ],
)
def test_what_cannot_be_told_apart_has_no_numbers_but_a_reason(value, group, reason):
    fit = fit_random_intercept(value, group)
    assert reason in fit.reason
    assert not fit.converged
    assert np.isnan([fit.residual, fit.criterion, *fit.value, *fit.std_error]).all()
    assert np.isnan(fit.effects[0].effect).all()
    assert fit.n == len(value)
    assert fit.effects[0].levels.tolist() == sorted(set(group))
    assert np.isnan(fit.interval().low).all()


def test_ratings_that_add_up_exactly_leave_nothing_to_measure_by():
    fit = fit_crossed([1, 2, 3, 2, 3, 4], list("aaabbb"), list("xyzxyz"))
    assert "explain every value" in fit.reason


@pytest.mark.parametrize(
    ("x", "reason"), [([2, 2, 2, 2, 2, 2], "no slope"), ([0, 1, 2, 0, 1, 2], "explain every")]
)
def test_a_slope_needs_an_x_that_varies_and_lines_that_miss(x, reason):
    assert reason in fit_random_slope([1, 2, 3, 2, 4, 6], x, list("aaabbb")).reason
    assert "There is no value" in fit_random_slope([], [], []).reason


def test_mistakes_are_refused_with_the_place():
    with pytest.raises(ValueError, match=r"value has the shape \(2,\) and group \(3,\)"):
        fit_random_intercept([1, 2], list("abc"))
    with pytest.raises(ValueError, match="value holds a number that is not finite"):
        fit_random_intercept([1, np.nan], list("ab"))
    with pytest.raises(ValueError, match="x holds a number that is not finite"):
        fit_random_slope([1, 2], [1, np.inf], list("ab"))
    with pytest.raises(ValueError, match="method is 'REML'"):
        fit_random_intercept([1, 2], list("ab"), method="REML")
    with pytest.raises(ValueError, match="level 95 is not between"):
        fit_random_intercept(VALUE, GROUP).interval(95)
