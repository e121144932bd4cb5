"""The results of a linear mixed model, put together from its profile."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.mixed_structures import Codes, Crossed, Grouped, Structure
from analysis.profiled_criterion import Model, Profile, least, predict
from analysis.quantiles import two_sided_t

Method: TypeAlias = Literal["reml", "ml"]
Labels: TypeAlias = npt.NDArray[np.generic]

# A spread below this, relative to the size of the numbers, is rounding.
ALIKE = 1e-12
NO_VALUE = "There is no value."


@dataclass(frozen=True)
class RandomEffects:
    """What one grouping factor contributes; q is 1, or 2 with a slope (intercept first).

    Attributes
    ----------
    levels : array, (levels,)
        The factor's distinct labels, sorted.
    n : array, (levels,)
        Values of each level.
    covariance : array, (q, q)
        Variance components: variances of intercept and slope, and their covariance.
    effect : array, (levels, q)
        Predicted effects (BLUPs), as distances from the fixed effects.
    posterior_sd : array, (levels, q)
        Standard deviation of the effects given the data, with the fixed effects and variances held
        as they were estimated (lme4's conditional standard deviation).
    prediction_sd : array, (levels, q)
        The same with the uncertainty of the fixed effects (Henderson 1975).
    coefficient, coefficient_sd : array, (levels, q)
        Fixed effect plus effect, and its standard deviation with the uncertainty of both.
    """

    levels: Labels
    n: Floats
    covariance: Floats
    effect: Floats
    posterior_sd: Floats
    prediction_sd: Floats
    coefficient: Floats
    coefficient_sd: Floats


@dataclass(frozen=True)
class MixedFit:
    """A fitted model; p is the number of fixed effects, 1 or 2.

    Attributes
    ----------
    value, std_error : array, (p,)
        Fixed effects, intercept first, and their standard errors.
    n : int
        Number of values.
    residual : float
        Variance within levels.
    effects : tuple of RandomEffects
        One for each grouping factor, in the order of the arguments.
    criterion : float
        REML criterion, or the deviance (-2 log likelihood) with maximum likelihood.
    method : str
        ``reml`` or ``ml``.
    converged : bool
        Whether the criterion is flat where the search ended. A variance of 0 is a fine answer.
    reason : str
        Why there is no answer; what is not known is NaN then.
    model, profile : Model and Profile or None
        What was fitted, on the scale of the search, for those who want to compute on.
    """

    value: Floats
    std_error: Floats
    n: int
    residual: float
    effects: tuple[RandomEffects, ...]
    criterion: float
    method: Method
    converged: bool
    reason: str = ""
    model: Model | None = field(default=None, repr=False, compare=False)
    profile: Profile | None = field(default=None, repr=False, compare=False)

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t interval of the fixed effects.

        The degrees of freedom are the levels of the smallest factor less 1: exact in balanced
        layouts of one factor, rather too wide than too narrow elsewhere.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        freedom = float(min(one.levels.size for one in self.effects) - 1)
        half = two_sided_t(level, freedom) * self.std_error
        return Interval(self.value - half, self.value + half, level, "student_t_on_levels")


@dataclass(frozen=True)
class Factor:
    """A grouping factor.

    Attributes
    ----------
    levels : array, (levels,)
        Distinct labels, sorted.
    codes : array of int, (n,)
        Each row's place among the levels.
    n : array, (levels,)
        Rows of each level.

    Examples
    --------
    >>> Factor.of(["b", "a", "b"]).codes
    array([1, 0, 1])
    """

    levels: Labels
    codes: Codes
    n: Floats

    @classmethod
    def of(cls, labels: npt.ArrayLike) -> "Factor":
        levels, codes = np.unique(np.asarray(labels), return_inverse=True)
        return cls(levels, codes, np.bincount(codes, minlength=levels.size).astype(np.float64))


def fit_model(
    values: Floats, design: Floats, factors: list[Factor], back: Floats, method: Method
) -> MixedFit:
    """Fit a model with random effects on all columns of the design.

    Parameters
    ----------
    values : array, (n,)
        Finite.
    design : array, (n, p)
        Columns of the fixed effects, the constant first; only the constant with two factors.
    factors : list of Factor
        One or two.
    back : array, (p, p)
        What turns coefficients of the design into those to report.
    method : {"reml", "ml"}

    Returns
    -------
    MixedFit
        Without numbers, but with the reason, where nothing can be told apart.

    Examples
    --------
    >>> values, group = np.array([4.0, 5, 4, 8, 9, 7]), Factor.of(list("aaabbb"))
    >>> fit = fit_model(values, np.ones((6, 1)), [group], np.eye(1), "reml")
    >>> fit.value.round(3)
    array([6.167])
    """
    p, levels = design.shape[1], [one.levels.size for one in factors]
    if told := _too_little(values, levels, p):
        return unknown(values, factors, p, method, told)
    # Without their mean, the squares of the values lose no digits to it.
    mean = float(values.mean())
    columns = np.column_stack([design, values - mean])
    structure: Structure
    if len(factors) == 1:
        structure = Grouped.count(columns, factors[0].codes, levels[0])
    else:
        codes = (factors[0].codes, factors[1].codes)
        structure = Crossed.count(columns, codes, (levels[0], levels[1]))
    model = Model(structure, values.size, p, method == "reml")
    found = least(model)
    if found is None:
        told = "The levels explain every value; no residual is left to measure them by."
        return unknown(values, factors, p, method, told)
    profile, converged = found
    fixed = back @ profile.fixed + mean * np.eye(p)[0]
    covariance = back @ profile.fixed_covariance @ back.T
    # log|X'V^-1 X| is that of the design searched with, which is X times back.
    rescaled = -2 * float(np.log(np.linalg.det(back))) if method == "reml" else 0.0
    information = structure.information(profile.factors)
    return MixedFit(
        value=fixed,
        std_error=np.sqrt(np.diag(covariance)),
        n=values.size,
        residual=profile.residual,
        effects=tuple(
            _effects(one, profile, term, information[term], back, fixed)
            for term, one in enumerate(factors)
        ),
        criterion=profile.criterion + rescaled,
        method=method,
        converged=converged,
        reason="" if converged else "The search for the variances did not come to an end.",
        model=model,
        profile=profile,
    )


def _too_little(values: Floats, levels: list[int], q: int) -> str:
    """Why nothing can be told apart; '' if something can (lme4 draws the same lines)."""
    if not values.size:
        return NO_VALUE
    if np.ptp(values) <= ALIKE * max(1.0, float(np.abs(values).max())):
        return "All values are the same; they have no spread."
    if min(levels) < 2:
        return "A factor has one level only; at least two are needed to see how levels differ."
    if values.size <= max(levels) * q:
        return f"{values.size} values are too few for {max(levels) * q} effects of the levels."
    return ""


def unknown(values: Floats, factors: list[Factor], q: int, method: Method, told: str) -> MixedFit:
    """A fit without numbers.

    Parameters
    ----------
    values : array, (n,)
    factors : list of Factor
    q : int
        Fixed effects, and effects of each level.
    method : {"reml", "ml"}
    told : str
        The reason.

    Returns
    -------
    MixedFit

    Examples
    --------
    >>> unknown(np.empty(0), [Factor.of([])], 1, "reml", NO_VALUE).reason
    'There is no value.'
    """
    nothing = np.full(q, np.nan)
    effects = []
    for one in factors:
        blank = np.full((one.levels.size, q), np.nan)
        covariance = np.full((q, q), np.nan)
        effects.append(
            RandomEffects(one.levels, one.n, covariance, blank, blank, blank, blank, blank)
        )
    return MixedFit(
        nothing, nothing, values.size, np.nan, tuple(effects), np.nan, method, False, told
    )


def _effects(
    factor: Factor, profile: Profile, term: int, information: Floats, back: Floats, fixed: Floats
) -> RandomEffects:
    found = predict(profile, term, information)
    effect = found.effect @ back.T

    def deviation(covariance: Floats) -> Floats:
        variance = np.diagonal(back @ covariance @ back.T, axis1=1, axis2=2)
        return np.sqrt(np.maximum(variance, 0.0))

    root = back @ profile.factors[term]
    return RandomEffects(
        levels=factor.levels,
        n=factor.n,
        covariance=profile.residual * root @ root.T,
        effect=effect,
        posterior_sd=deviation(found.given_fixed),
        prediction_sd=deviation(found.effect_covariance),
        coefficient=fixed + effect,
        coefficient_sd=deviation(found.coefficient_covariance),
    )
