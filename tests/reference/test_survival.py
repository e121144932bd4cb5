"""Kaplan-Meier medians of the leukaemia maintenance study, from facts to scored rows, against R."""

import pytest

from analysis.durations import RiskTable, kaplan_meier, log_log_limits
from analysis.periods import Period
from analysis.pipeline import score_kpis
from analysis.windows import WindowType
from tests.analysis.building import AFTER, book, median_kpi, write_facts
from tests.analysis.test_durations import table_of
from tests.reference.cases import Case, case_beside

GROUPS = ("Maintained", "Nonmaintained")
WEEK = 7 * 86400.0


@pytest.fixture(scope="module")
def case() -> Case:
    return case_beside("survival-aml")


def curve_table(case: Case, group: str) -> RiskTable:
    return table_of(
        [
            (float(row["time"]), "reached" if row["status"] == "1" else "open")
            for row in case.rows
            if row["x"] == group
        ]
    )


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


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("week", [12, 24, 36])
def test_the_curve_and_its_limits_are_those_of_r(case, group, week):
    table = curve_table(case, group)
    curve = kaplan_meier(table)
    low, high = log_log_limits(curve)
    at = int((curve.time <= week).sum()) - 1
    expected = case.expected("kaplan-meier")[group]["s"][str(week)]
    assert table.at_risk[table.time >= week][0] == expected["at_risk"]
    assert curve.level[at] == case.near("kaplan-meier", expected["survival"])
    assert curve.variance[at] ** 0.5 == case.near("kaplan-meier", expected["se"])
    assert low[at] == case.near("kaplan-meier", expected["lower"])
    assert high[at] == case.near("kaplan-meier", expected["upper"])
