"""Means and top-two boxes of the Jupyter survey, from facts to scored rows, against R."""

import pytest

from analysis.periods import Period, WindowType
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, book, kpi, write_facts
from tests.reference.cases import kept_case

ITEMS = ("q15b_budget", "q15c_modular", "q19c_git", "q20a_autocomplete", "q20f_progress")
GROUPS = ("daily_heavy", "daily_moderate", "weekly", "monthly")
CASE = kept_case("mean-and-proportion-jupyter")


def kpis(item):
    source = {"questionnaire": "survey", "question": item}
    worst_to_best = {"direction": "lower_is_better", "score": {"worst": 4, "best": 0}}
    share = {"statistic": "top_box", "cut": 3, "score": {"worst": 1, "best": 0}}
    return [
        kpi(id=f"mean {item}", source=source, **worst_to_best),
        kpi(id=f"top {item}", source=source, **(worst_to_best | share)),
    ]


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Scored rows by KPI and scope; a respondent's frequency of use is the unit."""
    folder = tmp_path_factory.mktemp("facts")
    rows = [
        {
            "response": respondent["respondent"],
            "questionnaire": "survey",
            "question": item,
            "unit": respondent["frequency"],
            "scale_high": 4.0,
            "value": float(respondent[item]) if respondent[item] else None,
            "missing": None if respondent[item] else "skipped",
        }
        for respondent in CASE.rows
        for item in ITEMS
    ]
    write_facts(folder, "ratings", rows)
    units = [{"id": group, "name": group} for group in GROUPS]
    scorebook = book(
        *(entry for item in ITEMS for entry in kpis(item)), units=units, representatives=[]
    )
    found = score_kpis(
        folder, scorebook, Period.parse("2026-07"), now=AFTER, seed=1, windows=[WindowType.PERIOD]
    )
    return {(row["kpi_id"], row["scope_id"]): row for row in found}


@pytest.mark.parametrize("item", ITEMS)
def test_means_have_the_t_intervals_of_r(scored, item):
    row, expected = scored[f"mean {item}", ""], CASE.expected("means")[item]
    assert row["n"] == expected["n"]
    assert row["value"] == CASE.near("means", expected["mean"])
    assert row["std_error"] == CASE.near("means", expected["se"])
    assert row["ci_low"] == CASE.near("means", expected["lower"])
    assert row["ci_high"] == CASE.near("means", expected["upper"])
    assert row["n_eligible"] == len(CASE.rows)


@pytest.mark.parametrize("item", ITEMS)
def test_top_two_boxes_have_the_wilson_intervals_of_r(scored, item):
    row, expected = scored[f"top {item}", ""], CASE.expected("top2")[item]
    assert row["n"] == expected["n"]
    assert row["value"] == CASE.near("top2", expected["p"])
    assert row["ci_low"] == CASE.near("top2", expected["wilson"]["lower"])
    assert row["ci_high"] == CASE.near("top2", expected["wilson"]["upper"])


@pytest.mark.parametrize("group", GROUPS)
def test_segments_have_the_means_and_boxes_of_r(scored, group):
    expected = CASE.expected("segments-q19c")[group]
    mean, top = scored["mean q19c_git", group], scored["top q19c_git", group]
    assert (mean["n"], top["n"]) == (expected["n"], expected["top2"]["n"])
    assert mean["value"] == CASE.near("segments-q19c", expected["mean"])
    assert mean["ci_low"] == CASE.near("segments-q19c", expected["lower"])
    assert mean["ci_high"] == CASE.near("segments-q19c", expected["upper"])
    assert top["value"] == CASE.near("segments-q19c", expected["top2"]["p"])
    assert top["ci_low"] == CASE.near("segments-q19c", expected["top2"]["wilson"]["lower"])
    assert top["ci_high"] == CASE.near("segments-q19c", expected["top2"]["wilson"]["upper"])
