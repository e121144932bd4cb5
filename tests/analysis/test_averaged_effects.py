"""Effects averaged over the variances, against a direct integral and by drawing data."""

import numpy as np
import pytest
from scipy.integrate import quad

from analysis.averaged_effects import average_effects
from analysis.mixed_models import fit_crossed, fit_random_intercept, fit_random_slope

VALUE = np.array([4, 5, 4.5, 8, 9, 7, 8, 5, 6, 7, 6, 8, 7.5, 6.5, 3])
GROUP = np.array(list("aaabbbbccddddde"))


def test_means_and_deviations_of_groups_are_those_of_a_direct_integral():
    # The dense formulas at one ratio g of the variances, integrated over the angle of sqrt(g).
    z = (GROUP[:, None] == np.unique(GROUP)).astype(float)
    ones = np.ones(15)

    def at(angle):
        g = np.tan(angle) ** 2
        inverse = np.linalg.inv(np.eye(15) + g * z @ z.T)
        spread = 1 / (ones @ inverse @ ones)
        fixed = spread * ones @ inverse @ VALUE
        rest = VALUE - fixed
        residual = rest @ inverse @ rest / 14
        effect = g * z.T @ inverse @ rest
        own = g * np.eye(5) - g**2 * z.T @ inverse @ z
        moved = g * z.T @ inverse @ ones
        variance = residual * (np.diag(own) + moved**2 * spread)
        likelihood = np.sqrt(spread / np.linalg.det(np.eye(15) + g * z @ z.T)) * residual**-7
        return likelihood * np.sin(angle), effect, variance

    def mean_of(what):
        weight = quad(lambda angle: at(angle)[0], 0, np.pi / 2 - 1e-9)[0]
        return quad(lambda angle: at(angle)[0] * what(at(angle)), 0, np.pi / 2 - 1e-9)[0] / weight

    (found,) = average_effects(fit_random_intercept(VALUE, GROUP))
    for level in range(5):
        mean = mean_of(lambda one, level=level: one[1][level])
        square = mean_of(lambda one, level=level: one[2][level] + one[1][level] ** 2)
        assert found.effect[level] == pytest.approx(mean, abs=0.01)
        assert found.effect_sd[level] == pytest.approx(np.sqrt(square - mean**2), rel=0.02)


def test_where_variances_are_well_known_the_effects_are_the_plain_ones():
    generator = np.random.default_rng(1)
    group = np.repeat(np.arange(1000), 10)
    fit = fit_random_intercept(
        generator.normal(0, 1, 1000)[group] + generator.normal(0, 1, 10_000), group
    )
    (found,) = average_effects(fit)
    assert found.effect == pytest.approx(fit.effects[0].effect[:, 0], abs=1e-12)
    assert found.coefficient_sd == pytest.approx(fit.effects[0].coefficient_sd[:, 0], rel=1e-12)


def test_intervals_of_ten_raters_and_ten_targets_hold_the_truth_as_often_as_they_say():
    generator = np.random.default_rng(8)
    averaged, plain = [], []
    for _ in range(50):
        of_rater, of_target = generator.normal(0, 0.5, 10), generator.normal(0, 0.5, 10)
        target = np.repeat(np.arange(10), 3)
        rater = np.concatenate([generator.choice(10, 3, replace=False) for _ in range(10)])
        value = 3 + of_rater[rater] + of_target[target] + generator.normal(0, 1, 30)
        fit = fit_crossed(value, rater, target)
        limits = average_effects(fit)[1].interval()
        truth = 3 + of_target
        averaged.append(np.mean((limits.low <= truth) & (truth <= limits.high)))
        one = fit.effects[1]
        plain.append(
            np.mean(np.abs(one.coefficient[:, 0] - truth) <= 1.96 * one.coefficient_sd[:, 0])
        )
    assert 0.92 <= np.mean(averaged) <= 0.99
    assert np.mean(plain) < 0.9


def test_an_interval_has_the_level_asked_for():
    (found,) = average_effects(fit_random_intercept(VALUE, GROUP))
    narrow, wide = found.interval(0.5), found.interval(0.99)
    assert (wide.high - wide.low > 2 * (narrow.high - narrow.low)).all()
    assert wide.rule == "student_t_averaged_variances"
    with pytest.raises(ValueError, match="level 0 is not between"):
        found.interval(0)


def test_only_intercepts_fitted_by_reml_are_averaged():
    with pytest.raises(ValueError, match="There is no value"):
        average_effects(fit_random_intercept([], []))
    with pytest.raises(ValueError, match="by REML"):
        average_effects(fit_random_intercept(VALUE, GROUP, method="ml"))
    with pytest.raises(ValueError, match="by REML"):
        average_effects(fit_random_slope(VALUE, np.arange(15), GROUP))
