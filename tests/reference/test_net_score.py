"""Net scores of the comfort scale against R; the interval is worked out here.

The reference's interval is the plain Wald, which covers too seldom at small n; ours is the adjusted
Wald (three imagined answers added), computed from the reference's counts in this file.
"""

import math

import pytest
from scipy.stats import norm

from analysis.periods import Period, WindowType
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, book, kpi, write_facts
from tests.reference.cases import kept_case

CASE = kept_case("nps-comfort-scores")
CHECKS = [("throat", "all"), ("throat", "arm1"), ("throat", "arm0"),
          ("swallow", "arm1"), ("swallow", "arm0")]  # fmt: skip


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Scored rows by question and arm; a patient's arm is the unit."""
    folder = tmp_path_factory.mktemp("facts")
    rows = [
        {
            "response": patient["patient"],
            "questionnaire": "comfort",
            "question": question,
            "unit": f"arm{patient['treat']}",
            "value": float(patient[f"{question}_comfort"]),
        }
        for patient in CASE.rows
        for question in ("throat", "swallow")
        if patient[f"{question}_comfort"]
    ]
    write_facts(folder, "ratings", rows)
    entries = [
        kpi(
            id=question,
            statistic="net_score",
            source={"questionnaire": "comfort", "question": question},
            score={"worst": -100, "best": 100},
        )
        for question in ("throat", "swallow")
    ]
    arms = [{"id": "arm0", "name": "Sugar"}, {"id": "arm1", "name": "Licorice"}]
    scorebook = book(*entries, units=arms, representatives=[])
    found = score_kpis(
        folder, scorebook, Period.parse("2026-07"), now=AFTER, seed=1, windows=[WindowType.PERIOD]
    )
    return {(row["kpi_id"], row["scope_id"] or "all"): row for row in found}


@pytest.mark.parametrize(("question", "arm"), CHECKS)
def test_net_scores_are_those_of_r(scored, question, arm):
    row, expected = scored[question, arm], CASE.expected(question)[arm]
    assert row["n"] == expected["n"]
    assert row["value"] == CASE.near(question, expected["nps"])


@pytest.mark.parametrize(("question", "arm"), CHECKS)
def test_intervals_are_the_adjusted_wald_of_the_counts_of_r(scored, question, arm):
    row, expected = scored[question, arm], CASE.expected(question)[arm]
    n = expected["n"] + 3
    p, d = (expected["promoters"] + 0.75) / n, (expected["detractors"] + 0.75) / n
    error = 100 * math.sqrt((p + d - (p - d) ** 2) / n)
    half = norm.ppf(0.975) * error
    assert row["std_error"] == pytest.approx(error, rel=1e-12)
    assert row["ci_low"] == pytest.approx(100 * (p - d) - half, rel=1e-12)
    assert row["ci_high"] == pytest.approx(100 * (p - d) + half, rel=1e-12)
    assert row["ci_method"] == "adjusted_wald"
