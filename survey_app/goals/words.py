"""The words of this room's pages for what stands in a scorebook."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statistic:
    """One statistic for people: what it is called, what it says, an example; and its group."""

    name: str
    says: str
    example: str
    group: str


ANSWERS, VISITS, FIGURES = "From answers", "From visits", "From figures"
STATISTICS = {
    "mean": Statistic(
        "Mean of answers",
        "The average answer to one question, in points of its scale.",
        "How welcome did customers feel, from 1 to 5?",
        ANSWERS,
    ),
    "top_box": Statistic(
        "Share of answers at or above a cut",
        "Of all who answered, the share who gave a good answer.",
        "80 % answered 4 or 5.",
        ANSWERS,
    ),
    "net_score": Statistic(
        "Net score: promoters less detractors",
        "Per cent who would recommend you, less per cent who would not; from -100 to 100.",
        "45 % give 9 or 10, 20 % give 6 or less: 25.",
        ANSWERS,
    ),
    "gap": Statistic(
        "Gap: what was found less what was expected",
        "How far the experience lies above or below what the same people expected.",
        "Expected 4.5, found 4.1: -0.4.",
        ANSWERS,
    ),
    "km_median": Statistic(
        "Median time",
        "The time by which half of the visits have reached a stage; open visits are counted in.",
        "Half have seen the product after 2 d 3 h.",
        VISITS,
    ),
    "km_quantile": Statistic(
        "Time by which a share is done",
        "As the median, for another share than half.",
        "90 % have seen the product after 6 d.",
        VISITS,
    ),
    "restricted_mean": Statistic(
        "Mean time up to a limit",
        "The average time, where whatever lasts longer than the limit counts as the limit.",
        "On average 3 d of at most 7 d.",
        VISITS,
    ),
    "share_within": Statistic(
        "Share done within a time",
        "Of all visits, the share that reached a stage in time.",
        "70 % were walked through within 30 min.",
        VISITS,
    ),
    "sum": Statistic(
        "Sum of figures",
        "All figures of the period added up.",
        "12 new clients in three months.",
        FIGURES,
    ),
    "last": Statistic(
        "Latest figure, for stocks",
        "The level at the end of the period.",
        "134 contracts at the end of June.",
        FIGURES,
    ),
    "mean_over_periods": Statistic(
        "Mean over the months, for stocks",
        "The average level over the months of the period.",
        "130 contracts on average.",
        FIGURES,
    ),
    "ratio": Statistic(
        "Ratio of two sums of figures",
        "One sum divided by another, never a mean of ratios.",
        "Orders filled by orders received: 92 %.",
        FIGURES,
    ),
}
DIRECTIONS = {"higher_is_better": "Higher is better", "lower_is_better": "Lower is better"}
RULES = {
    "goalposts": "From a worst to a best value, straight between",
    "red_target": "From a red level and the target that holds",
    "in_range": "Best within a range, worse on both sides",
}
INTERVALS = {
    "student_t": "Student's t, as usual",
    "quasi_binomial": "quasi-binomial, for few answers that crowd at one end of the scale",
}
UNITS_OF_ANALYSIS = {
    "response": "one answer",
    "customer": "one customer, however often they answered",
}
SCOPES = {
    "all": "the whole organisation",
    "unit": "each unit",
    "representative": "each representative",
}
MISSING_WORDS = {
    "skipped": "skipped: shown and not answered",
    "not_applicable": "does not apply",
    "dont_know": "don't know",
    "refused": "no answer wished",
}
TARGET_SOURCES = {
    "agreed": "agreed with those it is for",
    "default": "default, until one is agreed",
    "placeholder": "placeholder, not meant seriously yet",
}
HORIZONS = {"": "not said", "short_term": "short term", "long_term": "long term"}
AGGREGATIONS = {
    "arithmetic": "the mean: a good KPI makes up for a bad one",
    "geometric": "the geometric mean: a bad KPI pulls the goal down whatever else is good",
}
ELASTICITY_SOURCES = {"given": "given", "estimated": "estimated from past months"}
