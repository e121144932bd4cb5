"""Severity of raters, and values of targets adjusted for it.

A rating is the grand mean, plus the target's distance from it, less the rater's severity, plus
chance: ``rating ~ 1 + (1 | rater) + (1 | target)``. Targets that met severe raters are raised,
those that met lenient ones lowered, and all are drawn towards the grand mean by as much as their
ratings are unreliable. That needs raters and targets that are linked: where each target has a
rater of its own, nobody can say which of the two is low, and the raw value stands with the reason.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.averaged_effects import AveragedEffects, average_effects
from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.mixed_fit import Labels, MixedFit
from analysis.mixed_models import fit_crossed
from analysis.quantiles import two_sided_t

Mask = npt.NDArray[np.bool_]

SEPARATED = "No rater links it to most of the other targets."


@dataclass(frozen=True)
class Targets:
    """Values of the targets, one entry a target.

    Attributes
    ----------
    labels : array
    n : array
        Ratings.
    raters : array
        Different raters.
    raw, raw_std_error : array
        Mean of the ratings, and its standard error; NaN where ratings show no spread.
    value, std_error : array
        Adjusted for severity where ``adjusted``, otherwise raw.
    adjusted : array of bool
    reason : array of str
        Why the value is not adjusted, or not there.
    freedom : array
        Degrees of freedom of ``std_error``.
    """

    labels: Labels
    n: Floats
    raters: Floats
    raw: Floats
    raw_std_error: Floats
    value: Floats
    std_error: Floats
    adjusted: Mask
    reason: npt.NDArray[np.str_]
    freedom: Floats

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t interval of ``value``.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        rule = "student_t_averaged_variances" if self.adjusted.any() else "student_t"
        return _student_t(self.value, self.std_error, self.freedom, level, rule)

    def raw_interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t interval of ``raw``; it leaves out what raters do alike to a target.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        return _student_t(self.raw, self.raw_std_error, self.n - 1, level, "student_t")


@dataclass(frozen=True)
class Raters:
    """Severity of the raters, one entry a rater, NaN where it cannot be told.

    Attributes
    ----------
    labels : array
    n : array
        Ratings given.
    value, std_error : array
        Severity: by how much the rater's ratings are below those that a middling rater would give
        the same targets, and its standard error. A negative severity is lenience.
    freedom : array
        Degrees of freedom of ``std_error``.
    """

    labels: Labels
    n: Floats
    value: Floats
    std_error: Floats
    freedom: Floats

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t interval of the severity.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        rule = "student_t_averaged_variances"
        return _student_t(self.value, self.std_error, self.freedom, level, rule)


@dataclass(frozen=True)
class SeverityAdjustment:
    """What the ratings say of targets and raters.

    Attributes
    ----------
    targets : Targets
    raters : Raters
    fit : MixedFit or None
        The model, rater first, of the ratings that are linked; None where none could be tried.
    n, n_missing : int
        Ratings used and missing.
    reason : str
        Why nothing is adjusted, or not everything; '' if all is.
    """

    targets: Targets
    raters: Raters
    fit: MixedFit | None
    n: int
    n_missing: int
    reason: str


def adjust_for_severity(
    rating: npt.ArrayLike, rater: npt.ArrayLike, target: npt.ArrayLike
) -> SeverityAdjustment:
    """Adjust the values of targets for the severity of those who rated them.

    Parameters
    ----------
    rating : array_like, (n,)
        Ratings on one scale; NaN is a missing rating.
    rater, target : array_like, (n,)
        The labels of rater and target for each rating. A pair may occur more than once, or never.

    Returns
    -------
    SeverityAdjustment
        Values are adjusted within the largest group of raters and targets linked to each other, if
        it holds more than half of the ratings. Values of groups that share nobody are not
        comparable, so the others stay raw.

    Raises
    ------
    ValueError
        If the lengths differ, or a rating is infinite.

    Notes
    -----
    Values and standard errors are averaged over what is open about the variances (see
    :mod:`analysis.averaged_effects`), so that the intervals hold with few raters or targets too.

    Examples
    --------
    Rater r2 gives 2 points less than r1. Target c met only r2, so its raw value is too low.

    >>> rating = [7, 5, 8, 6.5, 4, 4.5, 9, 6]
    >>> rater = ["r1", "r2", "r1", "r2", "r2", "r2", "r1", "r2"]
    >>> found = adjust_for_severity(rating, rater, list("aabbccdd"))
    >>> found.targets.raw
    array([6.  , 7.25, 4.25, 7.5 ])
    >>> found.targets.value.round(2)
    array([6.13, 7.08, 5.6 , 7.27])
    >>> found.raters.value.round(2)
    array([-1.07,  1.07])
    """
    given = np.asarray(rating, np.float64)
    if given.ndim != 1 or not given.shape == np.shape(rater) == np.shape(target):
        raise ValueError(
            f"rating, rater and target have the shapes {given.shape}, {np.shape(rater)} and "
            f"{np.shape(target)}; give three arrays of one dimension and one length."
        )
    if np.isinf(given).any():
        raise ValueError("rating holds an infinite number; leave it out, or give NaN if missing.")
    raters, by = np.unique(np.asarray(rater), return_inverse=True)
    targets, of = np.unique(np.asarray(target), return_inverse=True)
    there = ~np.isnan(given)
    values, by, of = given[there], by[there], of[there]
    linked, why = _linked(by, of, raters.size, targets.size)
    fit = None
    if linked.any():
        fit = fit_crossed(values[linked], raters[by[linked]], targets[of[linked]])
    if fit is not None and fit.reason:
        why = f"Severity cannot be told from quality. {fit.reason}"
    averaged = average_effects(fit) if fit is not None and not fit.reason else None
    return SeverityAdjustment(
        _targets(targets, values, by, of, fit, averaged, why),
        _raters(raters, by, fit, averaged),
        fit,
        values.size,
        int((~there).sum()),
        why,
    )


def _linked(
    by: npt.NDArray[np.intp], of: npt.NDArray[np.intp], raters: int, targets: int
) -> tuple[Mask, str]:
    """The ratings of the largest linked group, none if it is not most of them; what is amiss."""
    if not by.size:
        return np.zeros(0, np.bool_), "There is no rating."
    size = raters + targets
    links = coo_array((np.ones(by.size), (by, raters + of)), shape=(size, size))
    group = connected_components(links, directed=False)[1][by]
    counts = np.bincount(group)
    mask: Mask = group == counts.argmax()
    parts = int((counts > 0).sum())
    if parts == 1:
        return mask, ""
    if np.unique(by * targets + of).size == np.unique(of).size:
        return np.zeros_like(
            mask
        ), "Every target has one rater, so severity cannot be told from quality."
    told = f"The ratings fall into {parts} groups of raters and targets that share nobody."
    if 2 * counts.max() <= by.size:
        return np.zeros_like(mask), f"{told} None has most of the ratings."
    return mask, f"{told} Values are adjusted within the largest."


def _targets(
    labels: Labels,
    values: Floats,
    by: npt.NDArray[np.intp],
    of: npt.NDArray[np.intp],
    fit: MixedFit | None,
    averaged: tuple[AveragedEffects, ...] | None,
    why: str,
) -> Targets:
    size = labels.size
    n = np.bincount(of, minlength=size).astype(np.float64)
    pairs = np.unique(np.stack([of, by]), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = np.bincount(of, values, size) / n
        squares = np.bincount(of, (values - raw[of]) ** 2, size)
        raw_error = np.sqrt(squares / (n - 1) / n)
    # Ratings that are all the same show no spread, and one rating none either.
    raw_error = np.where(squares > 1e-24 * np.maximum(1, raw**2), raw_error, np.nan)
    value, error, freedom = raw.copy(), raw_error.copy(), n - 1
    adjusted = np.zeros(size, np.bool_)
    if fit is not None and averaged is not None:
        at = np.searchsorted(labels, fit.effects[1].levels)
        value[at], error[at] = averaged[1].coefficient, averaged[1].coefficient_sd
        freedom[at], adjusted[at] = averaged[1].freedom, True
    reason = np.where(adjusted, "", SEPARATED if adjusted.any() else why)
    return Targets(
        labels,
        n,
        np.bincount(pairs[0], minlength=size).astype(np.float64),
        raw,
        raw_error,
        value,
        error,
        adjusted,
        np.where(n > 0, reason, "There is no rating."),
        freedom,
    )


def _raters(
    labels: Labels,
    by: npt.NDArray[np.intp],
    fit: MixedFit | None,
    averaged: tuple[AveragedEffects, ...] | None,
) -> Raters:
    value, error, freedom = (np.full(labels.size, np.nan) for _ in range(3))
    if fit is not None and averaged is not None:
        at = np.searchsorted(labels, fit.effects[0].levels)
        value[at], error[at] = -averaged[0].effect, averaged[0].effect_sd
        freedom[at] = averaged[0].freedom
    n = np.bincount(by, minlength=labels.size).astype(np.float64)
    return Raters(labels, n, value, error, freedom)


def _student_t(value: Floats, error: Floats, freedom: Floats, level: float, rule: str) -> Interval:
    half = two_sided_t(level, freedom) * error
    return Interval(value - half, value + half, level, rule)
