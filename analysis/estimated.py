"""A KPI's estimates and what they rest on: of whole scopes, or of the values within them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from analysis.estimate import Estimates, Integers, Mask
from analysis.interval import Floats
from analysis.vote_tally import WindowedVotes
from analysis.withholding import withhold


@dataclass(frozen=True)
class Estimated:
    """A KPI's estimates, shape (scopes, windows), and what they rest on.

    ``evidence`` (scopes, windows, numbers) are the sums that the estimates follow from, ``series``
    the series of the question that counts in each window.
    """

    estimates: Estimates
    evidence: Floats
    series: Integers

    @classmethod
    def from_votes(cls, estimates: Estimates, counted: WindowedVotes) -> Self:
        """Estimates of votes, with the sentence on answers of other series that are left out."""
        for window, note in enumerate(counted.note):
            if note:
                reasons = estimates.reason[:, window]
                estimates.reason[:, window] = [f"{reason} {note}".strip() for reason in reasons]
        if counted.trouble is not None:
            unweighted = np.broadcast_to(counted.trouble != "", estimates.shape)
            estimates = withhold(estimates, unweighted)
            reasons = np.broadcast_to(counted.trouble, estimates.shape)
            estimates.reason[unweighted] = reasons[unweighted]
        evidence = np.stack(
            [
                getattr(sums, one.name)
                for sums in (counted.sums, counted.weights)
                if sums is not None
                for one in fields(sums)
            ],
            axis=-1,
        )
        return cls(estimates, evidence, counted.series)

    def only(self, rows: slice) -> Self:
        """The same of some of the scopes."""
        return replace(self, estimates=self.estimates.take((rows,)), evidence=self.evidence[rows])

    @classmethod
    def plain(cls, estimates: Estimates, evidence: Floats) -> Self:
        """Estimates of what has one series only."""
        return cls(estimates, evidence, np.ones(estimates.shape[1], np.int64))


@dataclass(frozen=True)
class Breakdown:
    """A KPI by one dimension; a row is a scope and in it a value.

    Attributes
    ----------
    dimension : str
    values : array of str, shape (rows,)
    scopes : array of int, shape (rows,)
        Positions in the scorebook's scopes.
    found : Estimated
        Of the shape (rows, windows).
    hidden : array of bool, shape (rows, windows)
        What is withheld.
    """

    dimension: str
    values: Sequence[str]
    scopes: Integers
    found: Estimated
    hidden: Mask
