"""Effects of levels, averaged over what the data leave open about their variances.

With few levels the variances of a mixed model are poorly known, and often estimated as 0. Intervals
that take them as known are too short: with 10 raters and 10 targets those of 95 % hold the truth in
some 85 %, and where a variance is estimated as 0 they have no length at all. So the effects are
averaged over the ratios g of the variances to the residual's, weighed by the likelihood
exp(-REML criterion / 2), which has the fixed effects and the residual variance integrated out, and
by the prior (1 + g)^(-3/2), which is flat where g is small, as Morris (1983) has it, and proper
(Strawderman 1971; Liang et al. 2008). With g = tan(a)^2 it is sin(a) over the angles 0 to pi / 2.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import brentq

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.mixed_fit import MixedFit
from analysis.profiled_criterion import Model, Predicted, Profile, predict, profile_at
from analysis.quantiles import two_sided_t

# Angles are left out where the likelihood is below exp(-7) of its highest.
DROP = 14.0
# Gauss and Legendre's points for each angle; one point for an angle known to this share.
POINTS, KNOWN = 7, 0.05
STEP = 1e-3


@dataclass(frozen=True)
class AveragedEffects:
    """Effects of one factor's levels with the uncertainty of fixed effects and variances.

    Attributes
    ----------
    effect, effect_sd : array, (levels,)
        Mean and standard deviation of the effects.
    coefficient, coefficient_sd : array, (levels,)
        Mean and standard deviation of intercept plus effect.
    freedom : float
        Degrees of freedom of Student's t.
    """

    effect: Floats
    effect_sd: Floats
    coefficient: Floats
    coefficient_sd: Floats
    freedom: float

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t interval of the coefficients.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        half = two_sided_t(level, self.freedom) * self.coefficient_sd
        low, high = self.coefficient - half, self.coefficient + half
        return Interval(low, high, level, "student_t_averaged_variances")


def average_effects(fit: MixedFit) -> tuple[AveragedEffects, ...]:
    """Average the effects of a fit with random intercepts over its variances.

    Parameters
    ----------
    fit : MixedFit
        By REML, with an answer, without a slope.

    Returns
    -------
    tuple of AveragedEffects
        One for each factor, levels in the fit's order.

    Raises
    ------
    ValueError
        If the fit has no answer, was made by maximum likelihood, or has a slope.

    Examples
    --------
    Where the variance of the groups is estimated as 0, effects are nearly but not exactly 0, and
    not known exactly.

    >>> from analysis.mixed_models import fit_random_intercept
    >>> fit = fit_random_intercept([4, 5, 6, 3, 6, 7, 4, 7, 6], list("aaabbbccc"))
    >>> fit.effects[0].effect[:, 0], fit.effects[0].posterior_sd[:, 0]
    (array([0., 0., 0.]), array([0., 0., 0.]))
    >>> (averaged,) = average_effects(fit)
    >>> averaged.effect.round(2), averaged.effect_sd.round(2)
    (array([-0.17,  0.  ,  0.17]), array([1.04, 1.04, 1.04]))
    """
    if fit.model is None or fit.profile is None:
        raise ValueError(f"The fit has no answer to average: {fit.reason}")
    if fit.method != "reml" or fit.value.size > 1:
        raise ValueError("Averaging is for random intercepts fitted by REML; fit such a model.")
    model, best = fit.model, fit.profile
    angles = np.arctan(np.abs([float(root[0, 0]) for root in best.factors]))
    axes = [_points(model, best, angles, at) for at in range(angles.size)]
    profiles, weights = [], []
    for nodes in product(*axes):
        profile = profile_at(model, np.tan([angle for angle, _ in nodes]))
        if profile is not None:
            profiles.append(profile)
            height = np.exp((best.criterion - profile.criterion) / 2)
            prior = np.prod([weight * np.sin(angle) for angle, weight in nodes])
            weights.append(float(height * prior))
    share = np.array(weights) / np.sum(weights)
    found = [model.structure.information(profile.factors) for profile in profiles]
    mean = float(fit.value[0] - best.fixed[0])
    return tuple(
        _mixture(
            [predict(one, term, known[term]) for one, known in zip(profiles, found, strict=True)],
            share,
            mean,
            float(fit.n - 1),
        )
        for term in range(angles.size)
    )


def _points(model: Model, best: Profile, angles: Floats, at: int) -> list[tuple[float, float]]:
    """Points and weights for one angle, where it may lie if the others are as estimated."""
    angle = float(angles[at])

    def rise(moved: float) -> float:
        """How far the criterion is above its least when the angle moves."""
        all_angles = np.where(np.arange(angles.size) == at, moved, angles)
        profile = profile_at(model, np.tan(all_angles))
        return 2 * DROP if profile is None else profile.criterion - best.criterion

    def reach(end: float) -> float:
        """Where the rise is DROP on the way to an end, or the end."""
        if abs(end - angle) < STEP or rise(end) <= DROP:
            return end
        return float(brentq(lambda moved: rise(moved) - DROP, angle, end, xtol=10 * STEP))

    curvature = (rise(angle + STEP) + rise(angle - STEP)) / STEP**2
    if curvature > 0 and np.sqrt(2 / curvature) < KNOWN * np.sin(angle) * np.cos(angle):
        return [(angle, 1.0)]
    low, high = reach(0.0), reach(np.pi / 2 - STEP)
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    half = (high - low) / 2
    return [
        (float(low + half * (1 + node)), float(half * weight))
        for node, weight in zip(nodes, weights, strict=True)
    ]


def _mixture(found: list[Predicted], share: Floats, mean: float, freedom: float) -> AveragedEffects:
    """Mean and standard deviation of a mixture: within, and between its parts."""

    def mix(values: list[Floats], variances: list[Floats]) -> tuple[Floats, Floats]:
        value = np.stack(values)[..., 0]
        centre = share @ value
        variance = share @ np.stack(variances)[..., 0, 0] + share @ (value - centre) ** 2
        return centre, np.sqrt(variance)

    effect, effect_sd = mix([one.effect for one in found], [one.effect_covariance for one in found])
    coefficient, coefficient_sd = mix(
        [one.coefficient for one in found], [one.coefficient_covariance for one in found]
    )
    return AveragedEffects(effect, effect_sd, mean + coefficient, coefficient_sd, freedom)
