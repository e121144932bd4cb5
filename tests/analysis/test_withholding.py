"""Cells of few people in scored rows."""

import pytest

from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, answers, book, figure_kpi, kpi, median_kpi, write_facts

JULY = Period.parse("2026-07")


def score(folder, *entries, minimum_n=5, **changes):
    """Rows of the period itself by scope, of the first KPI."""
    scorebook = book(*entries, minimum_n=minimum_n, **changes)
    rows = score_kpis(folder, scorebook, JULY, now=AFTER, seed=1).rows()
    wanted = [row for row in rows if row["kpi_id"] == "k" and row["window"] == "period"]
    return {row["scope_id"] or row["scope_type"]: row for row in wanted}


@pytest.fixture
def folder(tmp_path):
    """Berne 3 answers, leasing itself 9, sales 8."""
    rows = [
        *answers([9.0, 10.0, 8.0], unit="berne"),
        *answers([float(at) for at in range(9)], unit="leasing"),
        *answers([7.0, 6.0] * 4, unit="sales"),
    ]
    return write_facts(tmp_path, "ratings", rows)


def test_a_cell_of_few_people_is_withheld_with_all_that_would_tell_of_it(folder):
    berne = score(folder, kpi())["berne"]
    assert (berne["verdict"], berne["obs_status"]) == ("suppressed", "Q")
    assert berne["suppressed_reason"] == "confidential"
    told = ("value", "n", "n_eligible", "std_error", "ci_low", "ci_high", "effective_n", "score",
            "score_low", "deviation_abs", "prev_value", "change_abs", "trend_slope",
            "n_to_decide")  # fmt: skip
    assert [berne[name] for name in told] == [None] * len(told)
    assert (berne["inputs_hash"], berne["ci_method"]) == ("", "")


def test_who_has_people_enough_beside_it_is_shown(folder):
    rows = score(folder, kpi())
    # Leasing's other nine stand between it and a subtraction.
    assert rows["leasing"]["n"] == 12
    assert (rows["sales"]["n"], rows["all"]["n"]) == (8, 20)


def test_what_would_give_a_hidden_cell_away_is_hidden_too(tmp_path):
    facts = [*answers([9.0] * 3, unit="berne"), *answers([5.0, 6.0] * 4, unit="sales")]
    write_facts(tmp_path, "ratings", facts)
    rows = score(tmp_path, kpi())
    # Berne is all of leasing: showing leasing, or sales beside everybody, would tell of it.
    hidden = {name for name, row in rows.items() if row["verdict"] == "suppressed"}
    assert hidden == {"berne", "leasing", "sales"}
    assert rows["all"]["n"] == 11


def test_empty_and_suppressed_look_different(folder):
    rows = score(folder, kpi())
    assert (rows["anna"]["obs_status"], rows["anna"]["n"]) == ("M", 0)
    assert rows["sales"]["obs_status"] == "A"


def test_a_scorebook_withholds_under_five_unless_it_says_otherwise(folder):
    assert score(folder, kpi(), minimum_n=3)["berne"]["n"] == 3
    assert book(kpi(), minimum_n=None) is not None


def test_one_customer_who_answers_often_is_one_person(tmp_path):
    write_facts(tmp_path, "ratings", answers([9.0] * 20, customer="keen", unit="berne"))
    rows = score(tmp_path, kpi(unit_of_analysis="customer"))
    assert rows["berne"]["verdict"] == "suppressed"


def test_visits_are_withheld_and_figures_are_not(tmp_path):
    write_facts(tmp_path, "durations", [{"unit": "berne", "seconds": 60.0}] * 3)
    write_facts(tmp_path, "figures", [{"unit": "berne", "value": 5.0}])
    assert score(tmp_path, median_kpi())["berne"]["verdict"] == "suppressed"
    assert score(tmp_path, figure_kpi())["berne"]["value"] == 5


def test_a_hidden_period_is_no_previous_value_and_no_part_of_a_trend(tmp_path):
    for month in ("2026-04", "2026-05"):
        write_facts(tmp_path, "ratings", answers([4.0, 6.0] * 5), month)
    write_facts(tmp_path, "ratings", answers([1.0] * 2), "2026-06")
    write_facts(tmp_path, "ratings", answers([5.0, 6.0] * 5), "2026-07")
    row = score(tmp_path, kpi(), units=[], representatives=[])["all"]
    assert (row["prev_value"], row["change_abs"]) == (None, None)
    assert row["trend_slope"] == pytest.approx((0.5 / 2 + 0.5 / 3) / 2, abs=0.1)


def test_a_goal_counts_a_withheld_kpi_as_missing(folder):
    scorebook = book(kpi(), minimum_n=5)
    goals = score_kpis(folder, scorebook, JULY, now=AFTER, seed=1).goals.to_pylist()
    berne = next(row for row in goals if row["scope_id"] == "berne")
    assert (berne["score"], berne["verdict"], berne["coverage"]) == (None, "no_data", 0)


def test_who_has_answered_for_another_unit_too_fails_no_run(tmp_path):
    # Anna is of Berne, which has 6 answers; she has 9 herself, 3 of them there and 6 in sales.
    facts = [
        *answers([5.0] * 3, unit="berne", representative="anna"),
        *answers([4.0] * 3, unit="berne"),
        *answers([6.0] * 6, unit="sales", representative="anna"),
    ]
    write_facts(tmp_path, "ratings", facts)
    rows = score(tmp_path, kpi())
    assert (rows["anna"]["n"], rows["berne"]["n"], rows["sales"]["n"]) == (9, 6, 6)


def test_few_who_gave_no_value_are_withheld_too_with_all_that_would_tell_of_them(tmp_path):
    facts = [
        *answers(["dont_know", "skipped", "skipped"], unit="berne"),
        *answers([5.0, 6.0] * 4, unit="sales"),
        *answers([7.0] * 6, unit="leasing"),
    ]
    write_facts(tmp_path, "ratings", facts)
    rows = score(tmp_path, kpi())
    berne = rows["berne"]
    assert (berne["verdict"], berne["n"], berne["n_eligible"]) == ("suppressed", None, None)
    assert "3" not in berne["verdict_reason"]
    assert berne["inputs_hash"] == ""
    # Six others of leasing stand between Berne and a subtraction.
    assert (rows["leasing"]["n"], rows["leasing"]["n_eligible"]) == (6, 9)
    assert (rows["all"]["n"], rows["all"]["n_eligible"]) == (14, 17)


def test_nobody_follows_from_how_many_were_asked_elsewhere(tmp_path):
    facts = [*answers(["skipped"] * 3, unit="berne"), *answers([5.0, 6.0] * 4, unit="sales")]
    write_facts(tmp_path, "ratings", facts)
    rows = score(tmp_path, kpi())
    # Berne is all of leasing: showing leasing, or sales beside everybody, would tell of it.
    hidden = {name for name, row in rows.items() if row["verdict"] == "suppressed"}
    assert hidden == {"berne", "leasing", "sales"}
    assert (rows["all"]["n"], rows["all"]["n_eligible"]) == (8, 11)


def test_enough_people_without_a_value_are_told(tmp_path):
    write_facts(tmp_path, "ratings", answers(["dont_know"] * 6, unit="sales"))
    row = score(tmp_path, kpi())["sales"]
    assert (row["verdict"], row["n"], row["n_eligible"]) == ("no_data", 0, 6)
