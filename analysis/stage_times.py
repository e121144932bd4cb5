"""How long visits take for each stage of their process, and which stage is the bottleneck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.cell_buckets import in_cell_order
from analysis.estimate import Integers, Mask
from analysis.interval import Floats
from analysis.restricted_means import RestrictedMean, restricted_mean
from analysis.risk_tables import RiskTable


@dataclass(frozen=True)
class Passages:
    """The stages that visits have gone through, one entry a stage of a visit that was entered.

    Attributes
    ----------
    stages : int
        How many stages the process has.
    visit, stage : array (P,)
        Numbers of the visit and of the stage, from 0 on.
    seconds : array (P,)
        Time from entering the stage to leaving it, or to the last that was seen of the visit.
    finished, ended, censored : array (P,)
        1 where the visit went on from the stage, ended in it otherwise, or is still in it; else 0.
    """

    stages: int
    visit: Integers
    stage: Integers
    seconds: Floats
    finished: Floats
    ended: Floats
    censored: Floats

    def restricted_means(self, tau: float, cell: Integers, cells: int) -> RestrictedMean:
        """The restricted mean time of every stage in every cell.

        A visit that ends in a stage without finishing it counts there with the whole of tau. The
        time in a stage is taken to be independent of the time before it: a visit that was slow
        before is cut off sooner in this stage, which biases the mean where both go together and
        many visits are still open (Lin, Sun and Ying 1999).

        Parameters
        ----------
        tau : float
            The horizon of each stage, in seconds.
        cell : array (V,)
            The number of each visit's cell, from 0 on.
        cells : int
            How many cells there are.

        Returns
        -------
        RestrictedMean
            With arrays of shape (cells, stages); NaN for a stage that no visit of the cell entered.

        Examples
        --------
        >>> passages = stage_passages(
        ...     np.array([[0.0, 30.0], [0.0, 50.0]]), np.array([90.0, 130.0]),
        ...     completed=np.array([True, True]), is_open=np.array([False, False]))
        >>> means = passages.restricted_means(100.0, cell=np.array([0, 0]), cells=1)
        >>> means.value.tolist(), bottleneck(means).tolist()
        ([[40.0, 70.0]], [1])
        """
        tables = RiskTable.from_rows(
            cell[self.visit] * self.stages + self.stage,
            self.seconds,
            self.finished,
            self.ended,
            self.censored,
            cells * self.stages,
        )
        means = ((numbers, restricted_mean(table, tau)) for numbers, table in tables)
        return in_cell_order(means, (cells, self.stages))


def stage_passages(entered: Floats, end: Floats, completed: Mask, is_open: Mask) -> Passages:
    """From the times at which visits entered their stages, the time that each stage took.

    A stage is left when the next stage that the visit went through is entered, the last one when
    the visit is completed.

    Parameters
    ----------
    entered : array (V, stages)
        Seconds since the start of the visit, in the order of the stages; NaN for a stage that was
        never entered.
    end : array (V,)
        Seconds until the visit ended, or was last seen.
    completed, is_open : array (V,)
        Whether a visit is completed, or still open. One that is neither was called back or left.

    Returns
    -------
    Passages

    Raises
    ------
    ValueError
        If the shapes do not fit, a visit is both completed and open, or it leaves a stage before it
        has entered it.

    Examples
    --------
    The first visit skips the second stage, the second is called back in it.

    >>> found = stage_passages(
    ...     np.array([[0.0, np.nan, 30.0], [0.0, 50.0, np.nan]]), np.array([90.0, 130.0]),
    ...     completed=np.array([True, False]), is_open=np.array([False, False]))
    >>> found.stage.tolist(), found.seconds.tolist(), found.ended.tolist()
    ([0, 2, 0, 1], [30.0, 60.0, 50.0, 80.0], [0.0, 0.0, 0.0, 1.0])
    """
    if entered.ndim != 2 or {end.shape, completed.shape, is_open.shape} != {entered.shape[:1]}:
        raise ValueError(
            "entered has a row a visit and a column a stage, the rest an entry a visit."
        )
    if (completed & is_open).any():
        raise ValueError("A visit that is completed is not open.")
    later = np.concatenate([entered[:, 1:], np.full_like(entered[:, :1], np.nan)], axis=1)
    following = np.fmin.accumulate(later[:, ::-1], axis=1)[:, ::-1]
    goes_on = ~np.isnan(following)
    seconds = np.where(goes_on, following, end[:, np.newaxis]) - entered
    visit, stage = np.nonzero(~np.isnan(entered))
    spent, went_on = seconds[visit, stage], goes_on[visit, stage]
    if not (spent >= 0).all():
        raise ValueError("A visit leaves a stage before it enters it; correct its times.")
    finished, censored = went_on | completed[visit], ~went_on & is_open[visit]
    return Passages(
        entered.shape[1],
        visit,
        stage,
        spent,
        *(one.astype(np.float64) for one in (finished, ~finished & ~censored, censored)),
    )


def bottleneck(means: RestrictedMean) -> Integers:
    """The stage with the largest restricted mean.

    Parameters
    ----------
    means : RestrictedMean
        With arrays of shape (..., stages), such as ``restricted_mean`` gives of a table with stages
        on the axis before time.

    Returns
    -------
    array (...)
        The number of the stage, from 0 on, the first of equal ones. A stage that nobody entered is
        passed over. -1 where no stage was entered, or the mean of one that was is not known: that
        one might be the longest.

    Examples
    --------
    >>> time, one = np.array([[10.0], [40.0]]), np.ones((2, 1))
    >>> bottleneck(restricted_mean(RiskTable(time, one, one, 0 * one), tau=30.0)).tolist()
    1
    """
    known = ~np.isnan(means.value)
    longest: Integers = np.argmax(np.where(known, means.value, -np.inf), axis=-1)
    is_told = (known | (means.n == 0)).all(axis=-1) & known.any(axis=-1)
    return np.where(is_told, longest, -1)
