"""Cumulative incidence of progression when death competes, against R.

Our variance is the infinitesimal jackknife's of R's package survival, one of the two conventions
that the case gives.
"""

from collections import Counter

import numpy as np
import pytest

from analysis.durations import Curve, RiskTable, cumulative_incidence, kaplan_meier
from tests.reference.cases import Case, case_beside

CAUSES = ("progression", "death")


@pytest.fixture(scope="module")
def case() -> Case:
    return case_beside("competing-risks-mgus")


def table_for(rows, cause, competing=True):
    """The risk table of one cause; the other competes or, wrongly, is censored."""
    counted = Counter((float(row["months"]), row["event"]) for row in rows)
    times = sorted({time for time, _ in counted})

    def per_time(*events):
        return np.array([sum(counted[time, one] for one in events) for time in times], np.float64)

    other = "death" if cause == "progression" else "progression"
    nobody = np.zeros(len(times))
    return RiskTable.count(
        np.array(times),
        per_time(cause),
        per_time(other) if competing else nobody,
        per_time("censored") if competing else per_time("censored", other),
    )


def at(curve: Curve, months: str) -> int:
    return int((curve.time <= float(months)).sum()) - 1


@pytest.mark.parametrize("cause", CAUSES)
def test_incidence_is_that_of_r(case, cause):
    curve = cumulative_incidence(table_for(case.rows, cause))
    for months, expected in case.expected("cumulative-incidence")[cause].items():
        found = curve.level[at(curve, months)]
        assert found == case.near("cumulative-incidence", expected["cif"])


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("sex", ["F", "M"])
def test_incidence_by_sex_is_that_of_r(case, cause, sex):
    curve = cumulative_incidence(table_for([row for row in case.rows if row["sex"] == sex], cause))
    for months, expected in case.expected("by-sex")[sex][cause].items():
        assert curve.level[at(curve, months)] == case.near("by-sex", expected["cif"])


@pytest.mark.parametrize("cause", CAUSES)
def test_standard_errors_are_those_of_the_infinitesimal_jackknife(case, cause):
    curve = cumulative_incidence(table_for(case.rows, cause))
    expected = case.expected("standard-errors")["infinitesimal_jackknife"][cause]
    for months, one in expected.items():
        found = curve.variance[at(curve, months)] ** 0.5
        assert found == case.near("standard-errors", one["se_infinitesimal_jackknife"])


def test_taking_death_for_censoring_would_give_twice_the_progression(case):
    curve = kaplan_meier(table_for(case.rows, "progression", competing=False))
    for months, expected in case.expected("naive").items():
        assert 1 - curve.level[at(curve, months)] == case.near("naive", expected)
