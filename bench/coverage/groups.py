"""Coverage of shrunken means and shares: representatives whose true values differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from scipy.special import expit, logit

from analysis.estimate import Integers
from analysis.interval import Floats
from analysis.shrinkage import Shrunken, shrink_means
from analysis.shrunken_shares import shrink_shares
from bench.coverage.tally import Row, Setting, stream

GROUPS = (10, 30)
# Answers a representative: as many for each, or from few to many.
ANSWERS = {"10 answers each": (10,), "3 to 40 answers": (3, 5, 10, 20, 40)}
# How far true values are apart: the standard deviation of their logits. With ten answers each
# about 0.2, 0.5 and 0.8 of the variance between the observed means is true.
APART = {"close": 0.25, "apart": 0.5, "far apart": 1.0}
ALIKE = {"alike": 0.0}
SHAPES = ("normal", "skewed", "one stands out")
# Answers from 0 to 10: the mean's place on the scale, and how alike two of one answerer would be
# if each answer were ten yes or no.
SCALE, CENTRE, WITHIN = 10, 0.75, 0.25
CENTRES = (0.2, 0.5, 0.8, 0.95)


@dataclass(frozen=True)
class Representatives:
    """Some representatives, their true values between 0 and 1 and how many answers they have."""

    groups: int
    answers: str
    apart: str
    shape: str
    centre: float

    @property
    def name(self) -> str:
        return f"{self.shape}, {self.apart}, {self.answers}, centre {self.centre:g}"

    def draw(self, samples: int, random: np.random.Generator) -> tuple[Floats, Integers]:
        """True values and numbers of answers, arrays (samples, groups)."""
        shape = (samples, self.groups)
        if self.shape == "skewed":
            distance = 1 - random.exponential(size=shape)
        else:
            distance = random.standard_normal(shape)
        if self.shape == "one stands out":
            distance /= 2
            distance[:, 0] -= 3
        truth = expit(logit(self.centre) + (APART | ALIKE)[self.apart] * distance)
        sizes = np.tile(np.resize(ANSWERS[self.answers], self.groups), (samples, 1))
        return truth, random.permuted(sizes, axis=1)


def shrink_drawn_means(truth: Floats, n: Integers, random: np.random.Generator) -> Shrunken:
    """Means of answers from 0 to 10, shrunken."""
    size = 1 / WITHIN - 1
    shape = (*truth.shape, int(n.max()))
    leaning = random.beta(size * truth[..., None], size * (1 - truth[..., None]), shape)
    answers = random.binomial(SCALE, leaning).astype(np.float64)
    counted = np.arange(n.max()) < n[..., None]
    mean = np.sum(answers, axis=-1, where=counted) / n
    squares = np.sum((answers - mean[..., None]) ** 2, axis=-1, where=counted)
    return shrink_means(mean, np.sqrt(squares / (n - 1) / n), n)


def shrink_drawn_shares(truth: Floats, n: Integers, random: np.random.Generator) -> Shrunken:
    """Shares of answers, shrunken."""
    return shrink_shares(random.binomial(n, truth), n)


@dataclass(frozen=True)
class Family:
    """Rows of one kind, one for each number of groups.

    Attributes
    ----------
    key, name : str
        Of the rows.
    shrink : callable
        From true values and numbers of answers to what is found.
    unit : float
        What a true value of 1 is in the unit of the statistic.
    apart, shapes, centres
        The settings are all combinations of them and of ``ANSWERS``.
    is_of_first : bool
        Whether only the first representative is looked at, the one who stands out.
    is_contrast : bool
    """

    key: str
    name: str
    shrink: Callable[[Floats, Integers, np.random.Generator], Shrunken]
    unit: float
    apart: Iterable[str]
    shapes: tuple[str, ...]
    centres: tuple[float, ...]
    is_of_first: bool = False
    is_contrast: bool = True

    def row(self, groups: int, samples: int, seed: int) -> Row:
        """The row of so many groups, from at most so many samples of groups a setting."""
        settings = tuple(
            self.cover(Representatives(groups, *one), samples, seed)
            for one in product(ANSWERS, self.apart, self.shapes, self.centres)
        )
        key, size = f"{self.key}_{groups}", f"{groups} groups"
        return Row(key, self.name, size, settings, is_contrast=self.is_contrast)

    def cover(self, representatives: Representatives, samples: int, seed: int) -> Setting:
        """How often the interval of a shrunken value holds the representative's true one."""
        sets = samples // (GROUPS[0] if self.is_of_first else representatives.groups)
        random = stream(seed, self.unit, representatives.groups, representatives.name)
        truth, n = representatives.draw(max(2, sets), random)
        interval = self.shrink(truth, n, random).interval()
        low, high = np.asarray(interval.low), np.asarray(interval.high)
        which = slice(1) if self.is_of_first else slice(None)
        return Setting.of(
            representatives.name, self.unit * truth[:, which], low[:, which], high[:, which]
        )


MEANS = partial(Family, shrink=shrink_drawn_means, unit=SCALE, centres=(CENTRE,))
SHARES = partial(Family, shrink=shrink_drawn_shares, unit=1, shapes=SHAPES[:1], centres=CENTRES)
FAMILIES = (
    MEANS("shrunken_mean", "shrunken means", apart=APART, shapes=SHAPES, is_contrast=False),
    MEANS(
        "shrunken_mean_outlier",
        "shrunken means, of the one who stands out",
        apart=APART,
        shapes=SHAPES[-1:],
        is_of_first=True,
    ),
    MEANS(
        "shrunken_mean_alike",
        "shrunken means, no true differences",
        apart=ALIKE,
        shapes=SHAPES[:1],
    ),
    SHARES("shrunken_share", "shrunken shares", apart=APART, is_contrast=False),
    SHARES("shrunken_share_alike", "shrunken shares, no true differences", apart=ALIKE),
)


def group_rows(samples: int, seed: int) -> list[Row]:
    """The rows of the shrunken values."""
    return [family.row(groups, samples, seed) for family in FAMILIES for groups in GROUPS]
