"""Coverage of the mean, the top box and the net score: answers drawn from whole populations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from analysis.definitions import Direction, Kpi, RatingSource
from analysis.estimate import Estimates, Integers, Z
from analysis.interval import Floats
from analysis.ratings import Votes, estimate_ratings
from analysis.score_rules import Goalposts
from analysis.votes import CastVotes, vote
from bench.coverage.tally import Row, Setting, stream

SIZES = (5, 20, 100)
# Populations drawn for each scale.
DRAWN = 20


@dataclass(frozen=True)
class Population:
    """How often each value of a scale is answered, from the lowest on, in any unit."""

    name: str
    lowest: int
    answers: tuple[float, ...]

    @property
    def shares(self) -> Floats:
        return np.array(self.answers) / sum(self.answers)

    @property
    def values(self) -> Floats:
        return self.lowest + np.arange(len(self.answers), dtype=np.float64)

    def truth(self, kpi: Kpi) -> float:
        """The KPI's value if everybody answered."""
        votes = vote(kpi, self.values, np.where)
        return float(self.shares @ votes) * (100.0 if kpi.statistic == "net_score" else 1.0)


# Net scores from -20 to 80 in equal steps, with the ceiling that the scale has in practice, a
# divided one, and two published ones of patients' comfort (the reference case nps-comfort-scores).
RECOMMENDING = (
    Population("0 to 10, net −20", 0, (6, 2, 4, 5, 5, 11, 10, 17, 17, 11, 12)),
    Population("0 to 10, net 0", 0, (4, 1, 3, 3, 4, 10, 8, 15, 19, 15, 18)),
    Population("0 to 10, net 20", 0, (3, 1, 1, 2, 3, 7, 6, 14, 20, 19, 24)),
    Population("0 to 10, net 40", 0, (2, 1, 1, 1, 1, 5, 4, 11, 19, 22, 33)),
    Population("0 to 10, net 60", 0, (1, 0, 1, 1, 0, 3, 2, 8, 16, 22, 46)),
    Population("0 to 10, net 80", 0, (1, 0, 0, 0, 0, 1, 1, 4, 10, 20, 63)),
    Population("0 to 10, divided", 0, (17, 4, 4, 4, 3, 5, 3, 8, 12, 12, 28)),
    Population("0 to 10, throat comfort", 0, (0, 0, 0, 0, 2, 1, 9, 14, 18, 20, 169)),
    Population("0 to 10, comfort swallowing", 0, (1, 1, 2, 2, 4, 3, 9, 6, 17, 20, 168)),
)
# Five that satisfaction questions have, and the five published ones of a survey of users (the
# reference case mean-and-proportion-jupyter), from nearly all at one end to spread evenly.
RATING = (
    Population("1 to 5, delighted", 1, (2, 3, 7, 23, 65)),
    Population("1 to 5, satisfied", 1, (3, 6, 16, 45, 30)),
    Population("1 to 5, middling", 1, (8, 17, 35, 28, 12)),
    Population("1 to 5, divided", 1, (25, 10, 10, 15, 40)),
    Population("1 to 5, dissatisfied", 1, (35, 30, 20, 10, 5)),
    Population("1 to 5, budget", 1, (456, 62, 118, 110, 57)),
    Population("1 to 5, modular", 1, (314, 94, 198, 161, 58)),
    Population("1 to 5, git", 1, (206, 97, 165, 228, 231)),
    Population("1 to 5, completion", 1, (219, 111, 267, 242, 195)),
    Population("1 to 5, progress", 1, (271, 174, 302, 199, 94)),
)
# Every twentieth: the coverage of shares goes up and down from one to the next.
SHARES = tuple(
    Population(f"share {percent / 100:.2f}", 0, (100 - percent, percent))
    for percent in range(5, 100, 5)
)


def drawn_population(
    random: np.random.Generator, values: int, lowest: int, name: str
) -> Population:
    """A population that nobody chose: beta-binomial, its mean and dispersion drawn."""
    mean, alike = random.uniform(0.2, 0.95), random.uniform(0.05, 0.6)
    size = 1 / alike - 1
    shares = stats.betabinom.pmf(np.arange(values), values - 1, mean * size, (1 - mean) * size)
    return Population(f"{name}, mean at {mean:.2f}, alike {alike:.2f}", lowest, tuple(shares))


def drawn_populations(seed: int) -> tuple[Population, ...]:
    """Populations on scales from 0 to 10, 1 to 5 and 1 to 7."""
    random = stream(seed, "populations")
    return tuple(
        drawn_population(random, values, lowest, name)
        for values, lowest, name in ((11, 0, "0 to 10"), (5, 1, "1 to 5"), (7, 1, "1 to 7"))
        for _ in range(DRAWN)
    )


def rating_kpi(statistic: str, **options: Any) -> Kpi:
    """A KPI of answers to one question."""
    return Kpi(
        id=statistic,
        version=1,
        goal="",
        name=statistic,
        unit="",
        direction=Direction.HIGHER,
        statistic=statistic,
        source=RatingSource("simulated", "question"),
        score=Goalposts(0, 1),
        **options,
    )


MEAN, ON_SCALE = rating_kpi("mean"), rating_kpi("mean", interval="quasi_binomial")
TOP_BOX, NET_SCORE = rating_kpi("top_box", cut=1), rating_kpi("net_score")


def draw_votes(kpi: Kpi, population: Population, n: int, samples: int, seed: int) -> Votes:
    """The votes of n who answered, in each of many samples."""
    random = stream(seed, kpi.statistic, population.name, n)
    return count_votes(kpi, population, random.multinomial(n, population.shares, samples))


def count_votes(kpi: Kpi, population: Population, counts: Integers) -> Votes:
    """The votes in samples of which is known how often each value was answered.

    Parameters
    ----------
    counts : array (samples, values)
    """
    samples = len(counts)
    values = np.tile(population.values, samples)
    everybody = np.ones(len(values), np.bool_)
    ends = [np.full(len(values), end) for end in population.values[[0, 0, -1, -1]]]
    cast = CastVotes(
        np.repeat(np.arange(samples), len(population.values)),
        counts.ravel().astype(np.float64),
        vote(kpi, values, np.where),
        np.ones(len(values)),
        everybody,
        everybody,
        everybody,
        *ends,
    )
    return Votes.of(cast.sum(samples))


def estimate(kpi: Kpi, population: Population, n: int, samples: int, seed: int) -> Estimates:
    """The statistic in each of many samples of n who answered."""
    return estimate_ratings(kpi, draw_votes(kpi, population, n, samples, seed))


def cover(kpi: Kpi, population: Population, n: int, samples: int, seed: int) -> Setting:
    """How often the library's interval holds the statistic of the population."""
    found = estimate(kpi, population, n, samples, seed)
    return Setting.of(population.name, population.truth(kpi), found.low, found.high)


def cover_by_wald(population: Population, n: int, samples: int, seed: int) -> Setting:
    """How often the net score ± 1.96 standard errors holds that of the population."""
    votes = draw_votes(NET_SCORE, population, n, samples, seed)
    half = Z * 100 * np.sqrt(votes.variance / n)
    low, high = 100 * votes.mean - half, 100 * votes.mean + half
    return Setting.of(population.name, population.truth(NET_SCORE), low, high)


def rating_rows(samples: int, seed: int) -> list[Row]:
    """The rows of the ratings."""
    drawn = drawn_populations(seed)
    return [
        *_rows("mean", "mean, Student's t", MEAN, RECOMMENDING + RATING, samples, seed),
        *_rows(
            "mean_on_scale",
            "mean, `quasi_binomial`",
            ON_SCALE,
            RECOMMENDING + RATING,
            samples,
            seed,
        ),
        *_rows("mean_drawn", "mean of drawn populations, Student's t", MEAN, drawn, samples, seed),
        *_rows(
            "mean_on_scale_drawn",
            "mean of drawn populations, `quasi_binomial`",
            ON_SCALE,
            drawn,
            samples,
            seed,
        ),
        *_rows("top_box", "top box", TOP_BOX, SHARES, samples, seed),
        *_rows("net_score", "net score", NET_SCORE, RECOMMENDING, samples, seed),
        *(
            Row(
                f"net_score_wald_{n}",
                "net score, plain Wald",
                f"{n} answers",
                tuple(cover_by_wald(one, n, samples, seed) for one in RECOMMENDING),
                is_contrast=True,
            )
            for n in SIZES
        ),
    ]


def _rows(
    key: str,
    statistic: str,
    kpi: Kpi,
    populations: tuple[Population, ...],
    samples: int,
    seed: int,
) -> list[Row]:
    return [
        Row(
            f"{key}_{n}",
            statistic,
            f"{n} answers",
            tuple(cover(kpi, one, n, samples, seed) for one in populations),
        )
        for n in SIZES
    ]
