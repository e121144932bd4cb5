"""Reduction of a linear mixed model to a few sums, at given ratios of its variances.

The model is y = X beta + Z b + e. With the residual variance s^2, the effects of each level of a
factor have the covariance s^2 T T', T lower triangular, and y has s^2 V, V = I + Z (T T') Z'. The
n by n matrix V is never built: counts and sums of the levels are enough (Bates, Maechler, Bolker
and Walker 2015, section 3).
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, issparse

from analysis.interval import Floats

Codes = npt.NDArray[np.intp]

# Elements of the largest intermediate array, and of the largest table that is kept dense.
CHUNK, DENSE = 4_000_000, 10_000


@dataclass(frozen=True)
class Reduced:
    """A model at given T with its random effects eliminated; q effects a level, p columns of X.

    Attributes
    ----------
    log_det : float
        log|V|.
    cross : array, (p + 1, p + 1)
        [X y]' V^-1 [X y].
    traces : list of array, (q, q)
        For each factor the sum over levels of the diagonal blocks of Z' V^-1 Z.
    scores : list of array, (levels, q, p + 1)
        For each factor Z' V^-1 [X y].
    """

    log_det: float
    cross: Floats
    traces: list[Floats]
    scores: list[Floats]


class Structure(Protocol):
    """Sums of a design from which it is reduced at any T (one a factor, in their order)."""

    @property
    def sizes(self) -> list[int]:
        """The number of effects a level has, q, for each factor."""

    def reduce(self, factors: list[Floats]) -> Reduced:
        """Eliminate the random effects."""

    def information(self, factors: list[Floats]) -> list[Floats]:
        """The diagonal blocks of Z' V^-1 Z, (levels, q, q), for each factor."""


@dataclass(frozen=True)
class Grouped:
    """One factor whose effects multiply all columns of X, so that q = p.

    Attributes
    ----------
    products : array, (levels, p, p + 1)
        X' [X y] within each level.
    total : array, (p + 1, p + 1)
        [X y]' [X y].

    Examples
    --------
    >>> columns = np.array([[1, 0.5], [1, 1.5], [1, -2.0]])
    >>> model = Grouped.count(columns, np.array([0, 0, 1]), 2)
    >>> round(model.reduce([np.eye(1)]).log_det, 4), round(float(np.log((1 + 2) * (1 + 1))), 4)
    (1.7918, 1.7918)
    """

    products: Floats
    total: Floats

    @classmethod
    def count(cls, columns: Floats, codes: Codes, levels: int) -> "Grouped":
        """Sum up the columns [X y] within the levels that ``codes`` number from 0."""
        within = [
            [np.bincount(codes, one * other, levels) for other in columns.T]
            for one in columns.T[:-1]
        ]
        return cls(np.moveaxis(np.array(within), 2, 0), columns.T @ columns)

    @property
    def sizes(self) -> list[int]:
        return [self.products.shape[1]]

    def reduce(self, factors: list[Floats]) -> Reduced:
        (root,) = factors
        squares = self.products[..., :-1]
        inner = root.T @ squares @ root + np.eye(len(root))
        product = root.T @ self.products
        solved = np.linalg.solve(inner, product)
        return Reduced(
            log_det=float(np.linalg.slogdet(inner)[1].sum()),
            cross=self.total - np.einsum("lqa,lqb->ab", product, solved),
            traces=[self.information(factors)[0].sum(axis=0)],
            scores=[self.products - squares @ root @ solved],
        )

    def information(self, factors: list[Floats]) -> list[Floats]:
        (root,) = factors
        squares = self.products[..., :-1]
        inner = root.T @ squares @ root + np.eye(len(root))
        reach = root.T @ squares
        return [squares - reach.swapaxes(1, 2) @ np.linalg.solve(inner, reach)]


@dataclass(frozen=True)
class Crossed:
    """Two factors with one effect a level each, and a constant as only column of X.

    The factor with more levels is eliminated level by level, which leaves a dense system of the
    other's J levels. With g and h the squares of their T, and w = 1 / (1 + g many), that is
    E = diag(few) - g meet' diag(w) meet, and log|V| = log|I + h E| - sum log w.

    Attributes
    ----------
    many, few : array
        How many rows each level of the larger and of the smaller factor has.
    meet : array or sparse array, (levels of the larger, J)
        How many rows two levels share.
    products : pair of array, (levels, 2)
        The sums of [1 y] within the levels of the larger and of the smaller factor.
    total : array, (2, 2)
        [1 y]' [1 y].
    swapped : bool
        Whether the first factor is the smaller one.
    """

    many: Floats
    few: Floats
    meet: Any
    products: tuple[Floats, Floats]
    total: Floats
    swapped: bool

    @classmethod
    def count(
        cls, columns: Floats, codes: tuple[Codes, Codes], levels: tuple[int, int]
    ) -> "Crossed":
        """Sum up the columns [1 y] within the levels that both ``codes`` number from 0."""
        swapped = levels[0] < levels[1]
        order = (1, 0) if swapped else (0, 1)
        large, small = (codes[at] for at in order)
        shape = tuple(levels[at] for at in order)
        meet = csr_array((np.ones(len(columns)), (large, small)), shape=shape)
        if np.prod(shape) <= DENSE:
            meet = meet.toarray()
        sums: list[Floats] = [
            np.stack([np.bincount(codes[at], one, levels[at]) for one in columns.T], axis=1).astype(
                np.float64, copy=False
            )
            for at in order
        ]
        total = columns.T @ columns
        return cls(sums[0][:, 0], sums[1][:, 0], meet, (sums[0], sums[1]), total, swapped)

    @property
    def sizes(self) -> list[int]:
        return [1, 1]

    def reduce(self, factors: list[Floats]) -> Reduced:
        g, h, weight, left, chol = self._eliminate(factors)
        of_many, of_few = self.products
        weighed = weight[:, None] * of_many
        rest = of_few - g * (self.meet.T @ weighed)
        solved = cho_solve((chol, True), rest, check_finite=False)
        inverse = self._inverse(chol)
        overlap = (inverse * self._meeting(weight**2)).sum()
        scores = weighed - h * weight[:, None] * (self.meet @ solved)
        return Reduced(
            log_det=float(2 * np.log(np.diag(chol)).sum() - np.log(weight).sum()),
            cross=self.total - g * of_many.T @ weighed - h * rest.T @ solved,
            traces=self._in_order(
                np.array([[(self.many * weight).sum() - h * overlap]]),
                np.array([[(inverse * left).sum()]]),
            ),
            scores=self._in_order(scores[:, None, :], solved[:, None, :]),
        )

    def information(self, factors: list[Floats]) -> list[Floats]:
        _, h, weight, left, chol = self._eliminate(factors)
        inverse = self._inverse(chol)
        overlap = np.empty_like(self.many)
        step = max(1, CHUNK // self.few.size)
        for start in range(0, self.many.size, step):
            rows = self.meet[start : start + step]
            overlap[start : start + step] = (rows * (rows @ inverse)).sum(axis=1)
        of_many = self.many * weight - h * weight**2 * overlap
        of_few = np.einsum("jk,kj->j", inverse, left)
        return self._in_order(of_many[:, None, None], of_few[:, None, None])

    def _eliminate(self, factors: list[Floats]) -> tuple[float, float, Floats, Floats, Floats]:
        """g, h, w, E and the lower Cholesky factor of I + h E."""
        first, second = (float(one[0, 0]) ** 2 for one in factors)
        g, h = (second, first) if self.swapped else (first, second)
        weight = 1 / (1 + g * self.many)
        left = np.diag(self.few) - g * self._meeting(weight)
        whole = np.eye(self.few.size) + h * left
        chol: Floats = cho_factor(whole, lower=True, check_finite=False)[0]
        return g, h, weight, left, chol

    def _meeting(self, weight: Floats) -> Floats:
        product = self.meet.T @ (self.meet * weight[:, None])
        return np.asarray(product.toarray() if issparse(product) else product, np.float64)

    def _inverse(self, chol: Floats) -> Floats:
        inverse: Floats = cho_solve((chol, True), np.eye(self.few.size), check_finite=False)
        return inverse

    def _in_order(self, of_many: Floats, of_few: Floats) -> list[Floats]:
        return [of_few, of_many] if self.swapped else [of_many, of_few]
