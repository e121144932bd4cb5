from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey_app.db import db, utc_now
from survey_app.goals.models import KpiDefinition
from tests.factories.machines import Machine, add_machine
from tests.factories.scorings import make_company


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_company


def prepare(app: Flask, role: str = "manager", sees: str = "company") -> Machine:
    return add_machine(app, role, sees=sees)


def body_of(answer: Any) -> Any:
    assert answer.json is not None
    return answer.json


def entry_of(kpi: Any, **changed: Any) -> dict[str, Any]:
    return {"id": kpi["key"], "goal": kpi["goal"], **kpi["definition"], **changed}


def test_goals_and_kpis_are_read(app: Flask) -> None:
    machine = prepare(app, "analyst")
    goals = body_of(machine.get("/goals"))["items"]
    assert [goal["key"] for goal in goals] == ["quality", "trade"]
    assert body_of(machine.get("/goals/trade"))["weight"] == 2
    kpis = body_of(machine.get("/kpis"))["items"]
    assert [kpi["key"] for kpi in kpis][:2] == ["mean_q1", "top_q1"]
    assert body_of(machine.get("/kpis?retired=true"))["items"] == []
    assert machine.post("/kpis", {"definition": {}}).status_code == 403, "not an analyst's"


def test_a_kpi_gets_a_new_version_on_the_state_that_was_read(app: Flask) -> None:
    machine = prepare(app)
    read = machine.get("/kpis/mean_q1")
    wanted = {"definition": entry_of(body_of(read), name="Rating")}
    assert machine.send("PUT", "/kpis/mean_q1", wanted).status_code == 428
    made = machine.send("PUT", "/kpis/mean_q1", wanted, If_Match=read.headers["ETag"])
    assert (made.status_code, body_of(made)["version"]) == (200, 2)
    late = machine.send("PUT", "/kpis/mean_q1", wanted, If_Match=read.headers["ETag"])
    assert late.status_code == 412
    same = machine.send("PUT", "/kpis/mean_q1", wanted, If_Match=made.headers["ETag"])
    assert body_of(same)["version"] == 2, "what says the same makes no version"
    versions = body_of(machine.get("/kpis/mean_q1/versions"))["items"]
    assert [version["version"] for version in versions] == [1, 2]
    other = {"definition": entry_of(body_of(read), id="top_q1")}
    assert machine.send("PUT", "/kpis/mean_q1", other, If_Match="*").status_code == 422


def test_a_kpi_is_defined_once(app: Flask) -> None:
    machine = prepare(app)
    definition = entry_of(body_of(machine.get("/kpis/mean_q1")), id="rating")
    made = machine.post("/kpis", {"definition": definition})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/kpis/rating")
    changed = {"definition": definition | {"name": "Otherwise"}}
    assert machine.post("/kpis", changed).status_code == 409
    wrong = machine.post("/kpis", {"definition": definition | {"id": "x", "statistic": "magic"}})
    assert wrong.status_code == 422
    with app.app_context():
        assert db.session.query(KpiDefinition).filter_by(key="rating").count() == 1


def test_targets_are_added_all_or_none_and_told_again_they_are_the_same(app: Flask) -> None:
    machine = prepare(app)
    next_year = utc_now().year + 1
    target = {
        "kpi": "sales",
        "scope_type": "unit",
        "scope": "leasing",
        "value": 130,
        "valid_from": f"{next_year}-01-01",
    }
    before = len(body_of(machine.get("/targets"))["items"])
    wrong = target | {"scope": "nothing"}
    answer = machine.post("/targets", {"targets": [target, wrong]})
    assert answer.status_code == 422
    assert body_of(answer)["problems"][0]["place"] == "targets.1"
    assert len(body_of(machine.get("/targets"))["items"]) == before
    made = body_of(machine.post("/targets", {"targets": [target]}))["targets"]
    again = body_of(machine.post("/targets", {"targets": [target]}))["targets"]
    assert again == made
    found = body_of(machine.get("/targets?kpi=sales"))["items"]
    assert found[-1] == made[0]


def test_who_sees_a_part_sets_and_reads_the_targets_of_it(app: Flask) -> None:
    machine = prepare(app, sees="leasing")
    found = body_of(machine.get("/targets?kpi=sales"))["items"]
    assert [target["scope_type"] for target in found] == ["all"], "Ben's are not theirs to read"
    target = {"kpi": "sales", "value": 1, "valid_from": f"{utc_now().year + 1}-01-01"}
    for scope in ({"scope_type": "all"}, {"scope_type": "unit", "scope": "sales"}):
        assert machine.post("/targets", {"targets": [target | scope]}).status_code == 422
    definition = entry_of(body_of(machine.get("/kpis/mean_q1")), id="rating")
    assert machine.post("/kpis", {"definition": definition}).status_code == 403
