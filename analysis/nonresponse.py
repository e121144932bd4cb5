"""Response rate by the standard definitions of survey research."""

from dataclasses import dataclass

import numpy as np

from analysis.interval import Floats, Numbers

RR1 = "AAPOR RR1"


@dataclass(frozen=True)
class Dispositions:
    """What became of everybody who was invited; counts, floats or arrays with one entry a cell.

    People found not to belong to the population are in none of them.

    Attributes
    ----------
    complete, partial : float or array
        Interviews that are complete, and those broken off late enough to be used.
    refusal : float or array
        Refused, opted out, or broke off too early.
    non_contact : float or array
        Known to belong to the population, and never reached.
    other : float or array
        Belong to the population and were reached, but could not take part.
    unknown : float or array
        Not known whether they belong to the population, such as a bounced address.
    """

    complete: Numbers
    partial: Numbers = 0.0
    refusal: Numbers = 0.0
    non_contact: Numbers = 0.0
    other: Numbers = 0.0
    unknown: Numbers = 0.0


@dataclass(frozen=True)
class ResponseRate:
    """A response rate with the name of its definition; there is no interval, for all are counted.

    Attributes
    ----------
    value : float or array
        Between 0 and 1; NaN where nobody was invited.
    n : float or array
        The denominator.
    definition : str
    """

    value: Numbers
    n: Numbers
    definition: str


def response_rate_1(dispositions: Dispositions) -> ResponseRate:
    """Response rate 1 of AAPOR (Standard Definitions 2023), the lowest of its six.

    I / ((I + P) + (R + NC + O) + (UH + UO)): complete interviews by all who belong to the
    population or may belong to it; ``unknown`` is UH + UO.

    Parameters
    ----------
    dispositions : Dispositions

    Returns
    -------
    ResponseRate
        Floats if all counts are numbers, else arrays of their common shape. A cell with a NaN is
        NaN.

    Raises
    ------
    ValueError
        If a count is negative or infinite, or the shapes do not fit together.

    Examples
    --------
    >>> found = response_rate_1(Dispositions(40, partial=10, refusal=20, unknown=10))
    >>> found.value, found.n, found.definition
    (0.5, 80.0, 'AAPOR RR1')
    """
    names, given = zip(*vars(dispositions).items(), strict=True)
    try:
        counts = np.broadcast_arrays(*(np.asarray(count, float) for count in given))
    except ValueError:
        shapes = ", ".join(f"{name} {np.shape(x)}" for name, x in zip(names, given, strict=True))
        raise ValueError(
            f"The counts do not fit together: {shapes}. Give one entry a cell in each."
        ) from None
    for name, count in zip(names, counts, strict=True):
        if ((count < 0) | np.isinf(count)).any():
            raise ValueError(f"A count of {name} is negative or infinite. Count people.")
    n: Floats = np.sum(counts, axis=0)
    value = np.divide(counts[0], n, out=np.full(n.shape, np.nan), where=n > 0)
    if n.ndim == 0:
        return ResponseRate(float(value), float(n), RR1)
    return ResponseRate(value, n, RR1)
