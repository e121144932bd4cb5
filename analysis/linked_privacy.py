"""Disclosure control of a tree of scopes that are broken down: values of a dimension within each.

Such a table adds up in two ways: the values of a scope to the scope, and a value over the scopes
below one to the value of that one. Each line by itself is made safe by ``analysis.privacy``; what
several lines together still tell is found in a graph, as the bridges of what is hidden.
"""

from collections.abc import Iterator

import numpy as np

from analysis.privacy import Ints, Mask, Status, suppress

# (one node, the other node, people)
Edge = tuple[int, int, int]


def suppress_values(parent: Ints, totals: Ints, shown: Mask, counts: Ints, min_n: int) -> Mask:
    """Which values of which scopes to hide, so that no few people follow from what is shown.

    *What is promised*, in each column by itself. Somebody who knows the tree, all shown counts, of
    whole scopes and of values, and which cells and rests are empty

    - can derive by linear algebra the count of no hidden cell of fewer than ``min_n`` people, nor
      of so few who are in a scope and in none below it, or in a scope and of none of the values;
    - can derive within one scope, or of one value over the scopes right below one, what
      ``analysis.privacy.suppress`` promises nobody can derive.

    *What is not promised*, beside what ``suppress`` does not promise either: what the bounds of
    whole numbers tell in several lines together, or differences that are no line. A cell of
    ``min_n`` people or more that is hidden may follow.

    *How.* A scope that is itself withheld has no shown value. Lines are made safe in turn until
    nothing more is hidden; where that asks to hide a whole scope, which is shown elsewhere, all its
    values are hidden instead, empty ones too. A column in which a cell of few people still follows
    has no shown value but those of the scopes that are below no other, and if that is not enough
    none at all.

    Parameters
    ----------
    parent : array of int of shape (scopes,)
        The number of the scope above, -1 for one that has none above it.
    totals : array of int of shape (scopes, columns)
        People in each whole scope; those of none of the values count here alone.
    shown : array of bool of shape (scopes, columns)
        Whether the whole scope is shown.
    counts : array of int of shape (scopes, values, columns)
        People of each value.
    min_n : int
        The fewest people that a cell may be shown of.

    Returns
    -------
    array of bool of shape (scopes, values, columns)

    Examples
    --------
    The company alone, 3 people of one value: another value hides with it.

    >>> alone, all_shown = np.array([-1]), np.array([[True]])
    >>> counts = np.array([[[3], [8], [20]]])
    >>> suppress_values(alone, np.array([[31]]), all_shown, counts, 5).ravel()
    array([ True,  True, False])
    """
    hidden = np.broadcast_to(~shown[:, None], counts.shape).copy()
    _settle_lines(parent, totals, counts, hidden, min_n)
    for column in np.flatnonzero(hidden.any(axis=(0, 1)) | _has_rest(totals, counts)):
        told = (parent, totals[:, column], shown[:, column], counts[..., column])
        for closed in (parent >= 0, np.ones(len(parent), np.bool_)):
            if not tells_of_few(*told, hidden[..., column], min_n):
                break
            hidden[closed, :, column] = True
    return hidden


def tells_of_few(
    parent: Ints, totals: Ints, shown: Mask, counts: Ints, hidden: Mask, min_n: int
) -> bool:
    """Whether a hidden cell of fewer than ``min_n`` people follows, by adding and subtracting.

    What is unknown are the edges of a graph, and what is known of their sums its nodes: a count
    follows if and only if its edge is on no circle, round which people could be moved without a
    change in what is known. Of one column; parameters as in ``suppress_values``.
    """
    # People of none of the values are one more of them, which is never shown.
    nobody = (totals - counts.sum(axis=1))[:, None]
    every = np.concatenate([counts, nobody], axis=1)
    secret = np.concatenate([hidden, np.ones_like(nobody, np.bool_)], axis=1)
    edges = list(_edges(parent, shown, every, secret))
    return any(edges[at][2] < min_n for at in bridges(edges))


def bridges(edges: list[Edge]) -> list[int]:
    """The positions of the edges that are on no circle (Tarjan 1974).

    Examples
    --------
    >>> bridges([(0, 1, 9), (1, 2, 9), (2, 0, 9), (2, 3, 9), (4, 5, 9), (4, 5, 9)])
    [3]
    """
    neighbours: dict[int, list[tuple[int, int]]] = {}
    for number, (one, other, _) in enumerate(edges):
        neighbours.setdefault(one, []).append((other, number))
        neighbours.setdefault(other, []).append((one, number))
    order, lowest, found = dict[int, int](), dict[int, int](), list[int]()
    for root in neighbours:
        if root in order:
            continue
        order[root] = lowest[root] = len(order)
        path = [(root, -1, iter(neighbours[root]))]
        while path:
            node, came_by, rest = path[-1]
            for other, number in rest:
                if number == came_by:
                    continue
                if other in order:
                    lowest[node] = min(lowest[node], order[other])
                    continue
                order[other] = lowest[other] = len(order)
                path.append((other, number, iter(neighbours[other])))
                break
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                    if lowest[node] > order[above]:
                        found.append(came_by)
    return sorted(found)


def _settle_lines(parent: Ints, totals: Ints, counts: Ints, hidden: Mask, min_n: int) -> None:
    """Hide until each scope with its values, and each value with its scopes, is safe by itself."""
    scopes, values, columns = counts.shape
    root = np.concatenate([[-1], np.zeros(values, np.int64)])
    before = -1
    while before != hidden.sum():
        before = hidden.sum()
        for scope in range(scopes):
            line = np.concatenate([totals[scope][None], counts[scope]])
            known = np.concatenate([np.zeros((1, columns), np.bool_), hidden[scope]])
            status = suppress(root, line, min_n, known)
            hidden[scope] |= status[1:] >= Status.SUPPRESSED_SMALL
            hidden[scope] |= status[0] >= Status.SUPPRESSED_SMALL
        for value in range(values):
            status = suppress(parent, counts[:, value], min_n, hidden[:, value])
            hidden[:, value] |= status >= Status.SUPPRESSED_SMALL


def _has_rest(totals: Ints, counts: Ints) -> Mask:
    """Of each column, whether some people are of none of the values."""
    rest: Mask = (totals > counts.sum(axis=1)).any(axis=0)
    return rest


def _edges(parent: Ints, shown: Mask, counts: Ints, secret: Mask) -> Iterator[Edge]:
    """What is unknown: hidden cells, and who is in a scope and in none below it.

    Nodes are the cells (a cell is what is right below it and its rest), the whole scopes (the rests
    of all values add up) and, for scopes below no other, the whole of their cells. A scope that is
    itself withheld adds up together with the one above it.
    """
    scopes, values = counts.shape
    below = np.zeros_like(counts)
    inner = parent >= 0
    np.add.at(below, parent[inner], counts[inner])
    for scope in range(scopes):
        whole = scope
        while not shown[whole] and parent[whole] >= 0:
            whole = int(parent[whole])
        sum_of_rests = scopes * values + whole
        if not shown[whole]:
            # Nothing is known of it but that its cells are its rests.
            sum_of_rests += scopes
        for value in range(values):
            cell = scope * values + value
            up = int(parent[scope])
            above = up * values + value if up >= 0 else scopes * (values + 1) + scope
            if secret[scope, value] and counts[scope, value]:
                yield above, cell, int(counts[scope, value])
            rest = int(counts[scope, value] - below[scope, value])
            if rest > 0:
                yield cell, sum_of_rests, rest
