"""Means, shares, net scores and ratings of two groups, and their differences."""

from typing import Any

import numpy as np

from analysis.change import Change
from analysis.compare import compare_shares
from analysis.many_tests import adjust
from analysis.net_change import compare_net_scores
from analysis.rank_tests import brunner_munzel, kruskal_wallis, mann_whitney
from analysis.rating_intervals import student_t
from analysis.two_samples import Sample, cohens_d, hedges_g, moments, student, welch
from analysis.votes import vote
from analysis.wilson import wilson
from tests.analysis.building import book, kpi
from tests.reference.answers import answers
from tests.reference.cases import Case

JUPYTER, COMFORT = "mean-and-proportion-jupyter", "nps-comfort-scores"
TWO_SAMPLES = "two-sample-tests-small"
ITEMS = ("q15b_budget", "q15c_modular", "q19c_git", "q20a_autocomplete", "q20f_progress")
GROUPS = ("daily_heavy", "daily_moderate", "weekly", "monthly")
OTHER_RULES = {
    "wilson_continuity_corrected": "wider than its level says; shares are shown with Wilson's",
    "agresti_coull_unclipped": "an approximation of Wilson's interval, which is shown itself",
    "jeffreys": "one rule for shares is enough; it differs from Wilson's by little",
    "jeffreys_unmodified": "one rule for shares is enough; it differs from Wilson's by little",
    "clopper_pearson": "wider than its level says; shares are shown with Wilson's",
    "wald_unclipped": "covers too seldom near 0 and 1; shares are shown with Wilson's",
}
OTHER_DIFFERENCES = {
    "mee_score_no_bias_correction": "Newcombe's interval goes with Wilson's of each group",
    "p_fisher": "needs whole counts, which effective sizes are not, and finds too little",
}
PLAIN_WALD = "plain Wald covers too seldom; a net score is shown with the adjusted Wald interval"


def _under(paths: list[str], reasons: dict[str, str]) -> dict[str, str]:
    return {f"{path}.{name}": why for path in paths for name, why in reasons.items()}


def _item(case: Case, item: str, group: str | None = None, file: str = "data.csv") -> Sample:
    ratings = case.column(item, file)
    return Sample.of(ratings if group is None else ratings[case.words("frequency", file) == group])


def _ends(limits: tuple[Any, Any]) -> dict[str, float]:
    return {"lower": float(limits[0]), "upper": float(limits[1])}


def _interval(change: Change) -> dict[str, float]:
    found = change.interval()
    return _ends((found.low, found.high))


def _mean(sample: Sample) -> dict[str, float]:
    n, spread = sample.n, sample.variance
    return {
        "n": n,
        "mean": sample.mean,
        "sd": spread**0.5,
        "se": (spread / n) ** 0.5,
        **_ends(student_t(sample.mean, spread * (n - 1) / n, n)),
    }


def _top_two(sample: Sample) -> dict[str, Any]:
    top = sum(count for value, count in zip(sample.values, sample.counts, strict=True) if value > 2)
    share = top / sample.n
    return {"x": top, "n": sample.n, "p": share, "wilson": _ends(wilson(share, sample.n))}


@answers(JUPYTER, "means")
def find_means(case: Case) -> dict[str, Any]:
    return {item: _mean(_item(case, item)) for item in ITEMS}


@answers(JUPYTER, "top2", not_offered=_under(list(ITEMS), OTHER_RULES))
def find_top_two(case: Case) -> dict[str, Any]:
    return {item: _top_two(_item(case, item)) for item in ITEMS}


@answers(
    JUPYTER,
    "segments-q19c",
    not_offered=_under([f"{group}.top2" for group in GROUPS], OTHER_RULES),
)
def find_segments(case: Case) -> dict[str, Any]:
    samples = {group: _item(case, "q19c_git", group) for group in GROUPS}
    return {group: _mean(sample) | {"top2": _top_two(sample)} for group, sample in samples.items()}


def _shares_apart(x1: float, n1: float, x2: float, n2: float) -> dict[str, Any]:
    share1, share2 = x1 / n1, x2 / n2
    score = compare_shares(share1, n1, share2, n2)
    return {
        "difference": float(score.difference),
        "newcombe_wilson": _interval(score),
        "wald": _interval(compare_shares(share1, n1, share2, n2, rule="wald")),
        "agresti_caffo": _interval(compare_shares(share1, n1, share2, n2, rule="agresti_caffo")),
        "z_pooled": float(score.statistic),
        "p_two_sided_pooled": float(score.p),
    }


@answers(JUPYTER, "difference-daily-monthly", not_offered=OTHER_DIFFERENCES)
def find_daily_minus_monthly(case: Case) -> dict[str, Any]:
    daily, monthly = (_top_two(_item(case, "q19c_git", one)) for one in ("daily_heavy", "monthly"))
    counts = {"x1": daily["x"], "n1": daily["n"], "x2": monthly["x"], "n2": monthly["n"]}
    return counts | _shares_apart(*counts.values())


@answers(JUPYTER, "published-counts", not_offered=_under(["a", "b"], OTHER_DIFFERENCES))
def find_published_differences(case: Case) -> dict[str, Any]:
    counts = case.checks["published-counts"]["params"]["counts"]
    return {name: _shares_apart(*four) for name, four in counts.items()}


def _votes(case: Case, question: str, arm: str) -> Sample:
    values = case.column(f"{question}_comfort")
    if arm != "all":
        values = values[case.column("treat") == int(arm.removeprefix("arm"))]
    net_score = book(kpi(statistic="net_score", score={"worst": -100, "best": 100})).kpis[0]
    return Sample.of(vote(net_score, values[~np.isnan(values)], np.where))


@answers(
    COMFORT,
    "throat",
    "swallow",
    not_offered=_under(
        ["all", "arm0", "arm1"],
        dict.fromkeys(("se", "lower", "upper", "se_n_minus_1"), PLAIN_WALD),
    ),
)
def find_net_scores(case: Case, check: str) -> dict[str, Any]:
    return {arm: _net_score(_votes(case, check, arm)) for arm in case.expected(check)}


def _net_score(votes: Sample) -> dict[str, float]:
    detractors, passives, promoters = votes.counts
    mean, variance = moments(votes.values, votes.counts)
    return {
        "n": votes.n,
        "promoters": promoters,
        "passives": passives,
        "detractors": detractors,
        "nps": 100 * mean,
        "variance_multinomial": 100**2 * variance * (votes.n - 1) / votes.n,
    }


@answers(COMFORT, "throat-difference", "swallow-difference")
def find_net_score_difference(case: Case, check: str) -> dict[str, float]:
    question = check.removesuffix("-difference")
    arms = [_votes(case, question, arm) for arm in ("arm1", "arm0")]
    given = [one for arm in arms for one in (arm.mean, arm.variance * (arm.n - 1) / arm.n, arm.n)]
    change = compare_net_scores(*given, rule="wald")
    return {
        "difference": float(change.difference),
        "se": float(change.std_error),
        "z": float(change.statistic),
        "p_two_sided": float(change.p),
        **_interval(change),
    }


@answers(TWO_SAMPLES, "pain")
def find_pain(case: Case) -> dict[str, Any]:
    score, group = case.column("score", "pain.csv"), case.words("group", "pain.csv")
    first, second = Sample.of(score[group == "x"]), Sample.of(score[group == "y"])
    exact = mann_whitney(first, second, rule="exact")
    return _compared(first, second) | {"p_exact_permutation_of_ranks": exact.p}


@answers(TWO_SAMPLES, "jupyter")
def find_jupyter(case: Case) -> dict[str, Any]:
    heavy, monthly = (
        _item(case, "q19c_git", group, "jupyter.csv") for group in ("daily_heavy", "monthly")
    )
    return _compared(heavy, monthly)


def _compared(first: Sample, second: Sample) -> dict[str, Any]:
    test = mann_whitney(first, second)
    # The reference's effect is that of the second group.
    effect = brunner_munzel(second, first)
    limits = effect.interval()
    return {
        "n1": first.n,
        "n2": second.n,
        "mean1": first.mean,
        "mean2": second.mean,
        "difference": float(welch(first, second).difference),
        "welch": _t_test(welch(first, second)),
        "student": _t_test(student(first, second)),
        "mann_whitney": {
            "U1": test.u,
            "p_with_continuity": test.p,
            "p_without_continuity": mann_whitney(first, second, rule="normal").p,
            "probability_of_superiority": test.superiority,
            "cliffs_delta": test.cliffs_delta,
        },
        "brunner_munzel": {
            "statistic": effect.statistic,
            "df": effect.df,
            "p": effect.p,
            "p_x_less_y_plus_half_ties": effect.value,
            **_ends((limits.low, limits.high)),
        },
        "cohen_d_pooled": cohens_d(first, second),
        "hedges_g": hedges_g(first, second),
    }


def _t_test(change: Change) -> dict[str, float]:
    assert change.df is not None
    return {
        "t": float(change.statistic),
        "df": float(change.df),
        "p": float(change.p),
        **_interval(change),
    }


@answers(TWO_SAMPLES, "kruskal")
def find_kruskal(case: Case) -> dict[str, float]:
    test = kruskal_wallis([_item(case, "q19c_git", group, "jupyter.csv") for group in GROUPS])
    return {"chi2": test.statistic, "df": test.df, "p": test.p}


@answers("multiple-comparisons-published", "adjusted")
def find_adjusted(case: Case) -> dict[str, Any]:
    p = case.column("p")
    methods = {"BH": "benjamini_hochberg", "BY": "benjamini_yekutieli"}
    return {name: adjust(p, methods.get(name, name)) for name in case.expected("adjusted")}
