"""The profiled criterion of a linear mixed model, the search for its least, and predictions at it.

In the terms of :mod:`analysis.mixed_structures`, and given the factors T, the rest of the model has
closed forms (Bates, Maechler, Bolker and Walker 2015, section 3.4). With K = [X y]' V^-1 [X y],

    beta = K_xx^-1 K_xy,   r^2 = K_yy - K_yx beta,   s^2 = r^2 / m,
    criterion = log|V| + m (1 + log(2 pi s^2)) + (REML only) log|K_xx|,

m being n with maximum likelihood, and n less the columns of X with REML.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from analysis.interval import Floats
from analysis.mixed_structures import Structure

# Where levels are free to fit, a residual below this share of all squares is rounding.
NO_RESIDUAL = 1e-7
FREE = 1e4
# The gradient at which the search ends. It may end before, for want of digits; then it has
# converged if the gradient, for each of the n values, is below the second.
FLAT, NEARLY_FLAT = 1e-7, 1e-6
# An entry of T below this is tried at 0.
SMALL = 1e-3


@dataclass(frozen=True)
class Model:
    """A reducible design with n values and p fixed effects, to be fitted by REML or not."""

    structure: Structure
    n: int
    p: int
    reml: bool

    @property
    def freedom(self) -> int:
        """The divisor m of the residual variance."""
        return self.n - self.p if self.reml else self.n


@dataclass(frozen=True)
class Profile:
    """The criterion at given T, its gradient by T's entries, and all that belongs to it.

    Attributes
    ----------
    factors : list of array, (q, q)
        T of each factor.
    criterion : float
    gradient : array, (entries,)
    fixed, fixed_covariance : array, (p,) and (p, p)
        beta and its covariance s^2 K_xx^-1.
    residual : float
        s^2.
    scores : list of array, (levels, q, p + 1)
        Z' V^-1 [X y] of each factor.
    """

    factors: list[Floats]
    criterion: float
    gradient: Floats
    fixed: Floats
    fixed_covariance: Floats
    residual: float
    scores: list[Floats]


@dataclass(frozen=True)
class Predicted:
    """Effects b of a factor's levels and coefficients beta + b, with the covariances of errors.

    Attributes
    ----------
    effect, coefficient : array, (levels, q)
    given_fixed : array, (levels, q, q)
        Covariance of the effects with beta held as it was estimated.
    effect_covariance, coefficient_covariance : array, (levels, q, q)
        Covariances with the uncertainty of beta.
    """

    effect: Floats
    given_fixed: Floats
    effect_covariance: Floats
    coefficient: Floats
    coefficient_covariance: Floats


def profile_at(model: Model, theta: Floats) -> Profile | None:
    """Compute the criterion where ``theta`` holds the entries of all T.

    The gradient by a covariance T T' is, summed over the factor's levels, the trace that belongs
    to log|V|, less (REML) what the fixed effects take of it, less score score' / s^2 with the
    score Z' V^-1 (y - X beta).

    Parameters
    ----------
    model : Model
    theta : array, (entries,)
        Lower triangles row by row, one factor after the other.

    Returns
    -------
    Profile or None
        None where no residual is left.

    Examples
    --------
    >>> from analysis.mixed_structures import Grouped
    >>> columns = np.array([[1, -1.0], [1, 0], [1, 1], [1, 0]])
    >>> model = Model(Grouped.count(columns, np.array([0, 0, 1, 1]), 2), n=4, p=1, reml=False)
    >>> at = profile_at(model, np.array([0.0]))
    >>> round(at.residual, 3), round(at.criterion, 3), float(round(4 * (1 + np.log(np.pi)), 3))
    (0.5, 8.579, 8.579)
    """
    p = model.p
    factors = _factors(theta, model.structure.sizes)
    reduced = model.structure.reduce(factors)
    inverse = np.asarray(np.linalg.inv(reduced.cross[:p, :p]), np.float64)
    fixed: Floats = inverse @ reduced.cross[:p, p]
    squares = float(reduced.cross[p, p] - reduced.cross[p, :p] @ fixed)
    if not squares > 0:
        return None
    residual = squares / model.freedom
    criterion = reduced.log_det + model.freedom * (1 + float(np.log(2 * np.pi * residual)))
    if model.reml:
        criterion -= float(np.linalg.slogdet(inverse)[1])
    gradient = []
    for root, trace, scores in zip(factors, reduced.traces, reduced.scores, strict=True):
        score, of_fixed = scores[..., p] - scores[..., :p] @ fixed, scores[..., :p]
        by_covariance = trace - score.T @ score / residual
        if model.reml:
            by_covariance -= np.einsum("lqa,ab,lrb->qr", of_fixed, inverse, of_fixed)
        gradient.append((2 * by_covariance @ root)[np.tril_indices(len(root))])
    return Profile(
        factors,
        criterion,
        np.concatenate(gradient),
        fixed,
        residual * inverse,
        residual,
        reduced.scores,
    )


def _factors(theta: Floats, sizes: list[int]) -> list[Floats]:
    factors, start = [], 0
    for q in sizes:
        root, entries = np.zeros((q, q)), q * (q + 1) // 2
        root[np.tril_indices(q)] = theta[start : start + entries]
        factors.append(root)
        start += entries
    return factors


def least(model: Model) -> tuple[Profile, bool] | None:
    """Search for the least criterion, from T = I.

    The criterion depends on T through T T' alone, so that no entry needs a bound: a variance of 0
    is an ordinary minimum, at an entry of 0.

    Parameters
    ----------
    model : Model

    Returns
    -------
    (Profile, bool) or None
        The profile at the least, and whether the search converged; None where the levels explain
        every value, as the criterion has no least then.

    Examples
    --------
    >>> from analysis.mixed_structures import Grouped
    >>> columns = np.array([[1, -2.0], [1, -1], [1, 2], [1, 1]])
    >>> model = Model(Grouped.count(columns, np.array([0, 0, 1, 1]), 2), n=4, p=1, reml=True)
    >>> profile, converged = least(model)
    >>> round(profile.residual, 4), round(float(profile.factors[0][0, 0] ** 2), 3), converged
    (0.5, 8.5, True)
    """
    start = np.concatenate([np.eye(q)[np.tril_indices(q)] for q in model.structure.sizes])
    free, none = profile_at(model, FREE * start), profile_at(model, 0 * start)
    if free is None or none is None or free.residual <= NO_RESIDUAL * none.residual:
        return None

    def target(theta: Floats) -> tuple[float, Floats]:
        at = profile_at(model, theta)
        return (np.inf, np.zeros_like(theta)) if at is None else (at.criterion, at.gradient)

    found = minimize(target, start, jac=True, method="BFGS", options={"gtol": FLAT})
    theta = np.asarray(found.x, np.float64)
    best = profile_at(model, theta)
    for entry in np.flatnonzero(np.abs(theta) < SMALL):
        without = np.where(np.arange(theta.size) == entry, 0.0, theta)
        tried = profile_at(model, without)
        if best and tried and tried.criterion <= best.criterion + 1e-9:
            theta, best = without, tried
    if best is None:
        return None
    return best, bool(np.abs(best.gradient).max() <= NEARLY_FLAT * model.n)


def predict(profile: Profile, term: int, information: Floats) -> Predicted:
    """Predict the effects of a factor (BLUPs, Henderson 1975).

    With G = T T', b = G Z' V^-1 (y - X beta), and given beta the covariance s^2 (G - G Z'V^-1 Z G).
    As beta is estimated too, b moves against it by M = G Z' V^-1 X: the covariance of b's error
    grows by M Var(beta) M', that of beta + b by (I - M) Var(beta) (I - M)'.

    Parameters
    ----------
    profile : Profile
    term : int
        Number of the factor.
    information : array, (levels, q, q)
        The factor's diagonal blocks of Z' V^-1 Z.

    Returns
    -------
    Predicted

    Examples
    --------
    Two levels with means -1.5 and 1.5 of two values, the ratio of variances 8.5: the shrinkage is
    8.5 / (8.5 + 1 / 2).

    >>> from analysis.mixed_structures import Grouped
    >>> columns = np.array([[1, -2.0], [1, -1], [1, 2], [1, 1]])
    >>> model = Model(Grouped.count(columns, np.array([0, 0, 1, 1]), 2), n=4, p=1, reml=True)
    >>> at = profile_at(model, np.sqrt([8.5]))
    >>> found = predict(at, 0, model.structure.information(at.factors)[0])
    >>> found.effect[:, 0].round(4), round(1.5 * 8.5 / 9, 4)
    (array([-1.4167,  1.4167]), 1.4167)
    """
    root, scores = profile.factors[term], profile.scores[term]
    ratio = root @ root.T
    effect = (scores[..., -1] - scores[..., :-1] @ profile.fixed) @ ratio
    given_fixed = profile.residual * (ratio - ratio @ information @ ratio)
    moved = ratio @ scores[..., :-1]
    still = np.eye(len(root)) - moved
    of_fixed = profile.fixed_covariance
    return Predicted(
        effect=effect,
        given_fixed=given_fixed,
        effect_covariance=given_fixed + moved @ of_fixed @ moved.swapaxes(1, 2),
        coefficient=profile.fixed + effect,
        coefficient_covariance=given_fixed + still @ of_fixed @ still.swapaxes(1, 2),
    )
