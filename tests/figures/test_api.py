from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from survey_app.db import db
from tests.factories.machines import Machine, add_machine
from tests.factories.workplaces import make_measure, make_workplace

JUNE = "measure,unit,period,value\ncontracts,leasing,2026-06,-5\n"


@pytest.fixture
def machine(app: Flask) -> Machine:
    """A program of a manager who sees the company, and a measure."""
    with app.app_context():
        make_workplace()
        make_measure()
        db.session.commit()
    return add_machine(app, sees="company")


def body_of(answer: Any) -> Any:
    assert answer.json is not None
    return answer.json


def send(machine: Machine, csv: str, **more: Any) -> Any:
    return machine.post("/figures/imports", {"filename": "june.csv", "csv": csv, **more})


def values(machine: Machine, query: str = "") -> list[float]:
    return [one["value"] for one in body_of(machine.get(f"/figures{query}"))["items"]]


def test_a_dry_run_tells_and_changes_nothing_and_its_fingerprint_confirms(
    machine: Machine,
) -> None:
    dry = body_of(send(machine, JUNE, dry_run=True))
    assert (dry["import_id"], dry["new"], dry["unchanged"]) == (None, 1, 0)
    assert values(machine) == []
    done = send(machine, JUNE, confirmed=dry["fingerprint"])
    assert done.status_code == 201
    assert values(machine) == [-5.0]
    other = send(machine, JUNE, confirmed=dry["fingerprint"])
    assert other.status_code == 409


def test_an_import_replaces_and_is_undone(machine: Machine) -> None:
    send(machine, JUNE)
    second = send(machine, JUNE.replace("-5", "7"))
    assert body_of(second)["replaced"] == [
        {
            "row": 2,
            "measure": "contracts",
            "unit": "leasing",
            "representative": None,
            "period": "2026-06",
            "before": -5.0,
            "after": 7.0,
        }
    ]
    assert values(machine) == [7.0]
    path = second.headers["Location"].removeprefix("/api/v1")
    assert body_of(machine.get(path))["row_count"] == 1
    assert machine.post(f"{path}/undo").status_code == 200
    assert machine.post(f"{path}/undo").status_code == 409
    assert values(machine) == [-5.0]
    newest, first = body_of(machine.get("/figures/imports"))["items"]
    assert newest["undone_at"] is not None
    assert first["undone_at"] is None


def test_figures_are_read_by_measure_and_months(machine: Machine) -> None:
    rows = [f"contracts,credit,2026-0{month},{month}" for month in (1, 2, 3)]
    send(machine, "\n".join(["measure,unit,period,value", *rows, ""]))
    assert values(machine, "?first_month=2026-02") == [2.0, 3.0]
    assert values(machine, "?last_month=2026-02&measure=contracts") == [1.0, 2.0]
    assert machine.get("/figures?measure=nothing").status_code == 404
    assert machine.get("/figures?first_month=2026-13").status_code == 422


def test_a_measure_is_added_once(machine: Machine) -> None:
    wanted = {"key": "sales", "name": "Sales", "unit_of_measure": "CHF", "kind": "flow"}
    made = machine.post("/measures", wanted)
    assert (made.status_code, body_of(made)) == (201, wanted)
    assert machine.post("/measures", wanted).status_code == 409
    assert body_of(machine.get("/measures/sales")) == wanted


def test_figures_of_units_out_of_sight_are_neither_read_nor_written(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        make_measure()
        db.session.commit()
    admin = add_machine(app, "admin")
    send(admin, JUNE)
    machine = add_machine(app, sees="credit")
    assert values(machine) == []
    assert send(machine, JUNE).status_code == 422
    assert machine.get("/figures/imports/1").status_code == 404
    assert machine.post("/figures/imports/1/undo").status_code == 422
    assert body_of(machine.get("/figures/imports"))["items"] == []
