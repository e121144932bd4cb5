"""Kaplan-Meier medians of the leukaemia maintenance study, from facts to scored rows, against R."""

import pytest

from analysis.periods import Period, WindowType
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, book, median_kpi, write_facts
from tests.reference.cases import Case, case_beside

GROUPS = ("Maintained", "Nonmaintained")
WEEK = 7 * 86400.0


@pytest.fixture(scope="module")
def case() -> Case:
    return case_beside("survival-aml")


def test_medians_and_their_log_log_limits_are_those_of_r(case, tmp_path):
    rows = [
        {
            "visit": row["patient"],
            "unit": row["x"],
            "seconds": float(row["time"]) * WEEK,
            "event": "reached" if row["status"] == "1" else "open",
        }
        for row in case.rows
    ]
    write_facts(tmp_path, "durations", rows)
    units = [{"id": group, "name": group} for group in GROUPS]
    scorebook = book(median_kpi(scopes=["unit"]), units=units, representatives=[])
    found = score_kpis(
        tmp_path, scorebook, Period.parse("2026-07"), now=AFTER, seed=1, windows=[WindowType.PERIOD]
    )
    assert [row["scope_id"] for row in found] == list(GROUPS)
    for row in found:
        expected = case.expected("kaplan-meier")[row["scope_id"]]["q"]["loglog"]
        weeks = [row[key] and row[key] / WEEK for key in ("value", "ci_low", "ci_high")]
        assert weeks == [expected["time"], expected["lower"], expected["upper"]]
        assert row["ci_method"] == "kaplan_meier_log_log"
