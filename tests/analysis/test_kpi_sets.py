"""KPI sets: a representative has the KPIs of their sets, with the weights that these give them."""

import pytest

from analysis.kpi import read_scorebook
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, answers, book, kpi, write_facts

JULY = Period.parse("2026-07")
FIELD = {"id": "field", "name": "Field", "kpis": ["k"], "for": ["anna"]}


def labels(scorebook, at=0):
    return [scope.label for scope in scorebook.scopes_of(scorebook.kpis[at])]


def test_a_kpi_of_a_set_counts_for_its_members_alone_and_for_units_as_before():
    one = book(kpi(), kpi(id="free"), kpi_sets=[FIELD])
    units = ["unit:company", "unit:leasing", "unit:berne", "unit:sales"]
    assert labels(one) == ["all", *units, "representative:anna"]
    assert labels(one, 1) == ["all", *units, "representative:anna", "representative:ben"]


@pytest.mark.parametrize(
    ("members", "people"),
    [(["leasing"], ["anna", "ben"]), (["berne"], ["anna"]), (["sales"], []), ([], [])],
)
def test_a_unit_stands_for_all_who_work_in_it_and_below(members, people):
    one = book(kpi(scopes=["representative"]), kpi_sets=[FIELD | {"for": members}])
    assert labels(one) == [f"representative:{person}" for person in people]


def test_several_sets_add_up_and_the_first_that_gives_a_weight_decides():
    sets = [
        FIELD,
        {"id": "lead", "name": "Lead", "kpis": ["k"], "weights": {"k": 5}, "for": ["leasing"]},
        {"id": "new", "name": "New", "kpis": ["k"], "weights": {"k": 7}, "for": ["anna"]},
    ]
    one = book(kpi(weight=2, scopes=["unit", "representative"]), kpi_sets=sets)
    weights = dict(zip(labels(one), one.weights_of(one.kpis[0]), strict=True))
    assert weights["representative:anna"] == weights["representative:ben"] == 5
    assert weights["unit:leasing"] == 2


def test_a_set_comes_out_as_it_went_in():
    sets = [FIELD | {"role": "Visits customers", "weights": {"k": 2}}]
    one = book(kpi(), kpi_sets=sets)
    assert read_scorebook(one.to_yaml()) == one
    assert one.kpi_sets[0].to_dict() == sets[0] | {"weights": {"k": 2.0}}


def test_goals_and_rows_carry_the_weight_of_the_set(tmp_path):
    rows = answers([8.0, 8.0], unit="berne", representative="anna")
    rows += answers([4.0, 4.0], unit="berne", representative="anna", question="q2")
    write_facts(tmp_path, "ratings", rows)
    two = kpi(id="two", source={"questionnaire": "feedback", "question": "q2"})
    sets = [FIELD | {"kpis": ["k", "two"], "weights": {"k": 3}}]
    scores = score_kpis(tmp_path, book(kpi(), two, kpi_sets=sets), JULY, now=AFTER, seed=1)
    goals = {
        row["scope_id"]: row["score"]
        for row in scores.goals.to_pylist()
        if row["window"] == "period"
    }
    # Anna: (3 x 80 + 1 x 40) / 4; her unit: (80 + 40) / 2; Ben is in no set and has no goal.
    assert (goals["anna"], goals["berne"]) == (pytest.approx(70), pytest.approx(60))
    assert "ben" not in goals
    weights = {row["scope_id"]: row["weight"] for row in scores if row["kpi_id"] == "k"}
    assert (weights["anna"], weights["berne"]) == (3, 1)


def test_a_kpi_of_a_set_without_members_has_no_rows(tmp_path):
    write_facts(tmp_path, "ratings", answers([8.0, 7.0], unit="berne", representative="anna"))
    one = book(kpi(scopes=["representative"]), kpi(id="free"), kpi_sets=[FIELD | {"for": []}])
    scores = score_kpis(tmp_path, one, JULY, now=AFTER, seed=1)
    assert {row["kpi_id"] for row in scores} == {"free"}
    assert scores.goals.num_rows
