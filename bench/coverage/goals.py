"""Coverage of goal scores: KPIs of mixed kinds, scored between goalposts and rolled up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

import numpy as np
from scipy.special import ndtri

from analysis.aggregation import Aggregation, aggregate
from analysis.children import Children
from analysis.definitions import Kpi
from analysis.estimate import Integers
from analysis.goals import Straight
from analysis.interval import CI_LEVEL, Floats
from analysis.joint_errors import RESPONSES, correlate_votes
from analysis.ratings import estimate_ratings
from analysis.roll_up import GOAL_LEVEL, roll_up
from analysis.votes import vote
from bench.coverage.durations import ALL, MINUTE, Visits, medians
from bench.coverage.ratings import (
    MEAN,
    NET_SCORE,
    RATING,
    RECOMMENDING,
    SHARES,
    SIZES,
    TOP_BOX,
    Population,
    count_votes,
    drawn_population,
    estimate,
)
from bench.coverage.tally import Row, Setting, stream

# Fewer than a score run draws, so that all is done in minutes; seeds differ between settings.
DRAWS = 2000
# How far beyond the best post the truth lies where the posts are easy, as a share of the way.
BEYOND = 0.05
# Goals drawn, of how many KPIs, and how far on the way from worst to best their truths are.
DRAWN, FEWEST, MOST, WAY = 48, 2, 10, (0.2, 1.1)
# Value and ends of the interval in each sample.
Found: TypeAlias = tuple[Floats, Floats, Floats]
# Correlation between what one person answers to several questions.
ALIKE = 0.5
# What the keys of rows end with, by the level.
LEVELS = {CI_LEVEL: "", GOAL_LEVEL: "_90"}


@dataclass(frozen=True)
class Child:
    """One KPI of a goal: what is true, and the goalposts in its own unit."""

    kpi: Kpi | None
    source: Population | Visits
    worst: float
    best: float

    @property
    def truth(self) -> float:
        if isinstance(self.source, Visits):
            return self.source.median
        assert self.kpi is not None
        return self.source.truth(self.kpi)

    def eased(self, beyond: float = BEYOND) -> Child:
        """With the best post so far short of what is true, which then scores 100."""
        return replace(self, best=self.worst + (self.truth - self.worst) / (1 + beyond))

    def draw(self, n: int, samples: int, seed: int) -> Found:
        """Value and ends of its interval in each sample, in the KPI's own unit."""
        if isinstance(self.source, Visits):
            return medians(self.source, n, samples, seed)
        assert self.kpi is not None
        found = estimate(self.kpi, self.source, n, samples, seed)
        return found.value, found.low, found.high

    def on_the_way(self, values: Floats) -> Floats:
        """Values as shares of the way from the worst to the best."""
        way: Floats = (values - self.worst) / (self.best - self.worst)
        return way


def _named(populations: Sequence[Population], name: str) -> Population:
    return next(one for one in populations if one.name.endswith(name))


SATISFIED, DELIGHTED = _named(RATING, ", satisfied"), _named(RATING, ", delighted")
THREE = (
    Child(MEAN, SATISFIED, 1, 5),
    Child(TOP_BOX, _named(SHARES, "0.80"), 0.5, 1),
    Child(None, Visits("log-normal 0.6", 0.2, 0.0), 60 * MINUTE, 10 * MINUTE),
)
EIGHT = (
    Child(MEAN, DELIGHTED, 1, 5),
    Child(TOP_BOX, _named(SHARES, "0.90"), 0.6, 1),
    Child(NET_SCORE, _named(RECOMMENDING, "net 20"), -50, 80),
    Child(MEAN, _named(RECOMMENDING, "net 40"), 0, 10),
    Child(MEAN, SATISFIED, 1, 5),
    Child(TOP_BOX, _named(SHARES, "0.70"), 0.3, 0.9),
    Child(None, Visits("exponential", 0.0, 0.3), 60 * MINUTE, 10 * MINUTE),
    Child(None, Visits("log-normal 0.6", 0.2, 0.0), 45 * MINUTE, 5 * MINUTE),
)
CARDS = {"3 KPIs": THREE, "8 KPIs": EIGHT}
# Several questions of one questionnaire: KPIs of one kind, or of several.
SAME_PEOPLE = {
    "4 questions": tuple(Child(MEAN, population, 1, 5) for population in RATING[:4]),
    "mean, top box and net score": (
        Child(MEAN, _named(RECOMMENDING, "net 20"), 0, 10),
        Child(TOP_BOX, _named(SHARES, "0.70"), 0.3, 0.9),
        Child(NET_SCORE, _named(RECOMMENDING, "net 40"), -50, 80),
    ),
}


@dataclass(frozen=True)
class Card:
    """A goal: its KPIs, weighted from the first on, and how they are averaged."""

    name: str
    children: tuple[Child, ...]
    aggregation: Aggregation

    @property
    def weights(self) -> Floats:
        return np.arange(len(self.children), 0.0, -1.0)

    @property
    def truth(self) -> float:
        """The goal's score if all KPIs were known."""
        values = [child.on_the_way(np.array([child.truth])) for child in self.children]
        scores = np.stack([Straight().score(value) for value in values])
        return float(aggregate(scores, self.weights[:, None], self.aggregation)[0])

    def gather(self, drawn: Sequence[Found]) -> Children:
        """What was found of each KPI, as the roll-up takes it."""
        ways = []
        for child, found in zip(self.children, drawn, strict=True):
            value, *ends = (child.on_the_way(one) for one in found)
            low, high = ends if child.best > child.worst else ends[::-1]
            # A median that was not reached scores 0 where it lies beyond the worst post for sure.
            beyond = np.isnan(value) & (high <= 0)
            value, low = np.where(beyond, high, value), np.where(beyond, high, low)
            # Few intervals that are centred elsewhere do not hold their own value.
            low, high = np.minimum(low, value), np.maximum(high, value)
            ways.append((value, low, high))
        value, low, high = (np.stack(part) for part in zip(*ways, strict=True))
        return Children(value, low, high, [Straight()] * len(ways), self.weights)

    def cover(self, children: Children, level: float, seed: int) -> Setting:
        """How often the goal's interval holds its true score."""
        found = roll_up(children, self.aggregation, 0.5, None, seed, DRAWS, level)
        low, high = np.asarray(found.interval.low), np.asarray(found.interval.high)
        return Setting.of(self.name, self.truth, low, high)


def mixed_cards() -> list[Card]:
    """Goals of both sizes, with posts out of reach or easy for a third of the KPIs."""
    cards = []
    for (size, children), posts, how in product(CARDS.items(), ("wide", "easy"), Aggregation):
        third = -(-len(children) // 3) if posts == "easy" else 0
        eased = tuple(child.eased() for child in children[:third]) + children[third:]
        cards.append(Card(f"{size}, {posts} posts, {how}", eased, how))
    return cards


def drawn_cards(seed: int) -> list[Card]:
    """Goals that nobody chose: KPIs, populations and goalposts drawn."""
    random = stream(seed, "goals, drawn once the interval was settled")
    cards = []
    for number in range(DRAWN):
        kinds = random.integers(4, size=random.integers(FEWEST, MOST + 1))
        children = tuple(_drawn_child(random, int(kind)) for kind in kinds)
        how = list(Aggregation)[number % 2]
        cards.append(Card(f"goal {number + 1}, {len(children)} KPIs, {how}", children, how))
    return cards


def _drawn_child(random: np.random.Generator, kind: int) -> Child:
    """A KPI whose posts are as far apart as those of ``EIGHT``, about what is true."""
    if kind == 3:
        child = Child(None, ALL[random.integers(len(ALL))], 0.0, -40 * MINUTE)
    else:
        kpi, values, lowest, span = (
            (MEAN, 5, 1, 3.0),
            (TOP_BOX, 2, 0, 0.5),
            (NET_SCORE, 11, 0, 80.0),
        )[kind]
        name = f"drawn {random.integers(10**9)}"
        child = Child(kpi, drawn_population(random, values, lowest, name), 0.0, span)
    worst = child.truth - random.uniform(*WAY) * child.best
    return replace(child, worst=worst, best=worst + child.best)


def drawn_rows(samples: int, seed: int) -> list[Row]:
    """The rows of the drawn goals."""
    cards = drawn_cards(seed)
    found: dict[int, list[Setting]] = {n: [] for n in SIZES}
    for n, (number, card) in product(SIZES, enumerate(cards)):
        own = seed + 100 * (number + 1)
        drawn = [one.draw(n, samples, own + place) for place, one in enumerate(card.children)]
        found[n].append(card.cover(card.gather(drawn), CI_LEVEL, own))
    return [
        Row(f"goal_drawn_{n}", "drawn goals' score at 95 %", f"{n} a KPI", tuple(settings))
        for n, settings in found.items()
    ]


def draw_alike(
    populations: Sequence[Population], n: int, samples: int, seed: int
) -> list[Integers]:
    """Answers of the same people to each question, (samples, n): places on the scale."""
    random = stream(seed, "alike", n)
    common = np.sqrt(ALIKE) * random.standard_normal((samples, n))
    answers = []
    for population in populations:
        own = np.sqrt(1 - ALIKE) * random.standard_normal((samples, n))
        ends = ndtri(np.cumsum(population.shares)[:-1])
        answers.append(np.searchsorted(ends, common + own))
    return answers


def estimate_alike(kpi: Kpi, population: Population, answers: Integers) -> Found:
    """A KPI's value and interval in each sample of answers."""
    samples, kinds = len(answers), len(population.answers)
    rows = np.arange(samples)[:, None] * kinds + answers
    counts = np.bincount(rows.ravel(), minlength=samples * kinds).reshape(samples, kinds)
    one = estimate_ratings(kpi, count_votes(kpi, population, counts))
    return one.value, one.low, one.high


def correlate_alike(children: Sequence[Child], answers: Sequence[Integers]) -> Floats:
    """How their errors go together, from as many people as the library looks at."""
    votes = []
    for child, own in zip(children, answers, strict=True):
        assert child.kpi is not None
        assert isinstance(child.source, Population)
        given = child.source.values[own.ravel()[:RESPONSES]]
        votes.append(np.broadcast_to(vote(child.kpi, given, np.where), given.shape))
    return correlate_votes(np.stack(votes))


def goal_rows(samples: int, seed: int) -> list[Row]:
    """The rows of the goals."""
    found: dict[tuple[float, int], list[Setting]] = {
        (level, n): [] for level, n in product(LEVELS, SIZES)
    }
    for n, (number, card) in product(SIZES, enumerate(mixed_cards())):
        drawn = [one.draw(n, samples, seed + place) for place, one in enumerate(card.children)]
        children = card.gather(drawn)
        for level in LEVELS:
            found[level, n].append(card.cover(children, level, seed + number))
    return [
        Row(
            f"goal{LEVELS[level]}_{n}",
            f"goal score at {100 * level:.0f} %",
            f"{n} a KPI",
            tuple(settings),
            level,
        )
        for (level, n), settings in found.items()
    ]


def at_post_rows(samples: int, seed: int) -> list[Row]:
    """The rows of goals whose KPIs are all exactly at their best post: no errors cancel out."""
    found: dict[int, list[Setting]] = {n: [] for n in SIZES}
    for n, (size, children) in product(SIZES, CARDS.items()):
        eased = tuple(child.eased(0.0) for child in children)
        card = Card(f"{size}, arithmetic", eased, Aggregation.ARITHMETIC)
        drawn = [one.draw(n, samples, seed + place) for place, one in enumerate(eased)]
        found[n].append(card.cover(card.gather(drawn), CI_LEVEL, seed))
    name = "goal score at 95 %, every KPI just at its best post"
    return [
        Row(f"goal_at_post_{n}", name, f"{n} a KPI", tuple(settings), is_contrast=True)
        for n, settings in found.items()
    ]


def same_people_rows(samples: int, seed: int) -> list[Row]:
    """The rows of goals whose KPIs err together, with and without allowing for that."""
    rows = []
    name = "goal score at 95 %, KPIs of the same people"
    for n in SIZES:
        known, independent = list[Setting](), list[Setting]()
        for (kpis, children), how in product(SAME_PEOPLE.items(), Aggregation):
            card = Card(f"{kpis}, {how}", children, how)
            asked = [one.source for one in children if isinstance(one.source, Population)]
            answers = draw_alike(asked, n, samples, seed)
            drawn = [
                estimate_alike(one.kpi, population, given)
                for one, population, given in zip(children, asked, answers, strict=True)
                if one.kpi is not None
            ]
            gathered = card.gather(drawn)
            correlation = correlate_alike(children, answers)
            known.append(card.cover(replace(gathered, correlation=correlation), CI_LEVEL, seed))
            independent.append(card.cover(gathered, CI_LEVEL, seed))
        size = f"{n} a KPI"
        rows.append(Row(f"goal_same_people_{n}", name, size, tuple(known)))
        key = f"goal_same_people_independent_{n}"
        rows.append(
            Row(key, f"{name}, taken for independent", size, tuple(independent), is_contrast=True)
        )
    # What is promised first, then what it is compared with.
    return sorted(rows, key=lambda row: row.is_contrast)
