"""The gradient of the profiled criterion, and the criterion's convergence."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from analysis.mixed_structures import Crossed, Grouped
from analysis.profiled_criterion import Model, least, predict, profile_at


def grouped(reml):
    generator = np.random.default_rng(4)
    x, y = generator.normal(0, 1, (2, 40))
    columns = np.column_stack([np.ones(40), x, y])
    return Model(Grouped.count(columns, np.arange(40) % 6, 6), 40, 2, reml)


def crossed(reml, levels=(5, 8)):
    generator = np.random.default_rng(4)
    codes = tuple(generator.permutation(np.arange(40) % size) for size in levels)
    columns = np.column_stack([np.ones(40), generator.normal(0, 1, 40)])
    return Model(Crossed.count(columns, codes, levels), 40, 1, reml)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    ("model", "theta"),
    [
        (grouped, [0.9, 0.3, 0.6]),
        (grouped, [0.5, -0.4, 0.05]),
        (crossed, [0.7, 1.3]),
        (lambda reml: crossed(reml, (8, 5)), [0.2, 2.0]),
    ],
)
def test_the_gradient_is_that_of_finite_differences(model, theta, reml):
    one = model(reml)
    numeric = approx_fprime(np.array(theta), lambda at: profile_at(one, at).criterion, 1e-7)
    assert profile_at(one, np.array(theta)).gradient == pytest.approx(numeric, abs=2e-5)


def test_signs_of_the_entries_do_not_matter():
    model = crossed(reml=True)
    one, other = profile_at(model, np.array([0.7, 1.3])), profile_at(model, np.array([-0.7, 1.3]))
    assert one.criterion == pytest.approx(other.criterion, rel=1e-14)


def test_the_information_of_a_level_is_what_its_effect_loses_of_its_variance():
    model = crossed(reml=True)
    at = profile_at(model, np.array([0.7, 1.3]))
    for term, information in enumerate(model.structure.information(at.factors)):
        found = predict(at, term, information)
        ratio = at.factors[term][0, 0] ** 2
        assert (found.given_fixed[:, 0, 0] < at.residual * ratio).all()
        assert (found.effect_covariance >= found.given_fixed).all()


def test_the_search_ends_where_the_gradient_does():
    profile, converged = least(crossed(reml=True))
    assert converged
    assert profile.gradient == pytest.approx(np.zeros(2), abs=1e-5)


def test_where_no_residual_is_left_there_is_no_least():
    columns = np.array([[1, -1.0], [1, -1.0], [1, 1.0], [1, 1.0]])
    model = Model(Grouped.count(columns, np.array([0, 0, 1, 1]), 2), 4, 1, True)
    assert least(model) is None
