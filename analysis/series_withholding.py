"""Which series over several periods are told: those that give away no cell of few people.

``analysis.privacy`` makes one column safe by itself. A series stands beside its own total, so that
one hidden period would follow from the total and the other periods; so a series is told whole or
not at all, and the scopes beside it are looked at in all periods together.
"""

from collections.abc import Sequence

import numpy as np

from analysis.estimate import Integers, Mask


def withheld_series(
    parent: Sequence[int], counts: Integers, withheld: Mask, minimum_n: int
) -> Mask:
    """The scopes of which no part of the series is told.

    Those are scopes that are withheld anyway, that have a period with somebody but fewer than
    ``minimum_n`` people, that lie below one of these; and further ones beside them, so that in
    each period what a told scope has beyond the told scopes right below it consists of two parts
    or more, with at least ``minimum_n`` people together. A part is a withheld scope right below it,
    or the people who are in none.

    Somebody who knows from elsewhere in which periods a withheld scope had nobody may still derive
    its counts; the series do not tell that.

    Parameters
    ----------
    parent : sequence of int
        Of every scope the position of the one above it, or -1.
    counts : array of int, shape (scopes, periods)
        People, in periods that do not overlap.
    withheld : array of bool, shape (scopes,)
        Scopes whose total, or any part of it, is not told elsewhere.
    minimum_n : int

    Returns
    -------
    array of bool, shape (scopes,)

    Examples
    --------
    The first of three representatives has a period of 2 people; the second goes with it, else it
    would follow from the unit's.

    >>> counts = np.array([[20, 20], [2, 9], [7, 6], [11, 5]])
    >>> withheld_series([-1, 0, 0, 0], counts, np.zeros(4, bool), 5).tolist()
    [False, True, True, False]
    """
    hidden: Mask = withheld | ((counts > 0) & (counts < minimum_n)).any(axis=1)
    above = np.asarray(parent, np.int64)
    below = {int(one): np.flatnonzero(above == one) for one in np.unique(above[above >= 0])}
    changed = minimum_n > 1
    while changed:
        before = hidden.copy()
        _hide_below(above, hidden)
        for scope, children in below.items():
            while not hidden[scope]:
                unsafe = _unsafe(counts[scope], counts[children], hidden[children], minimum_n)
                if not unsafe.any():
                    break
                hidden[_cheapest(counts, children, hidden, unsafe, scope)] = True
        changed = not np.array_equal(before, hidden)
    return hidden


def _unsafe(whole: Integers, below: Integers, hidden: Mask, minimum_n: int) -> Mask:
    """The periods in which what a scope has beyond the told scopes below it gives too much away."""
    rest = np.maximum(whole - below.sum(axis=0), 0)
    gone = below[hidden]
    hidden_parts = (gone > 0).sum(axis=0)
    parts = hidden_parts + (rest > 0)
    people = gone.sum(axis=0) + rest
    several = (parts > 1) & (people > parts)
    safe = (people >= minimum_n) & (several | (hidden_parts == 0))
    return np.asarray((parts > 0) & ~safe)


def _cheapest(counts: Integers, children: Integers, hidden: Mask, unsafe: Mask, scope: int) -> int:
    """The told scope below with somebody in most of the unsafe periods, then of fewest people."""
    there = (counts[children][:, unsafe] > 0).sum(axis=1)
    there[hidden[children]] = 0
    if not there.any():
        return scope
    people = counts[children].sum(axis=1)
    return int(children[np.lexsort((people, -there))[0]])


def _hide_below(above: Integers, hidden: Mask) -> None:
    """What lies below a hidden scope is hidden too."""
    more = True
    while more:
        lower = (above >= 0) & hidden[above] & ~hidden
        hidden |= lower
        more = bool(lower.any())
