from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.report.jobs import score_now
from survey_app.report.models import GoalRow, ScoreRow, ScoreRun
from survey_app.webhooks.models import WebhookDelivery
from survey_app.webhooks.registering import add_webhook
from tests.factories.machines import Machine, add_machine
from tests.factories.scorings import NOW, make_company
from tests.factories.workplaces import let_sign_in


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_company


def prepare(app: Flask) -> str:
    """July 2026, scored; gives the run's address."""
    with app.app_context():
        add_webhook("https://example.org/", ["run.done", "run.failed"], NOW, private=False)
        db.session.commit()
        run = score_now("2026-07", NOW)
        for position, (type_, key) in enumerate([("all", ""), ("unit", "leasing")]):
            db.session.add(
                GoalRow(
                    run_id=run.id,
                    position=1000 + position,
                    goal_id="quality",
                    scope_type=type_,
                    scope_id=key,
                    window="api_test",
                    document={"goal_id": "quality", "scope_id": key, "score": 50.0},
                )
            )
        db.session.commit()
        return f"/runs/{run.public_id}"


def body_of(answer: Any) -> Any:
    assert answer.json is not None
    return answer.json


def everything(machine: Machine, path: str) -> list[Any]:
    found: list[Any] = []
    following: str | None = path
    while following:
        page = body_of(machine.get(following))
        found += page["items"]
        following = page["next"] and page["next"].partition("/api/v1")[2]
    return found


def test_scores_are_read_in_pages_and_as_csv_and_are_the_same(app: Flask) -> None:
    path = prepare(app)
    machine = add_machine(app, "manager", sees="company")
    run = body_of(machine.get(path))
    assert (run["state"], run["period"]) == ("done", "2026-07")
    assert body_of(machine.get("/runs"))["items"] == [run]
    rows = everything(machine, f"{path}/scores?limit=5")
    assert len(rows) > 10
    download = machine.get(f"{path}/scores.csv")
    assert download.mimetype == "text/csv"
    text = download.get_data(as_text=True)
    assert text.startswith("run_id,"), "no byte order mark"
    told = list(csv.DictReader(io.StringIO(text)))
    assert [row["kpi_id"] for row in told] == [row["kpi_id"] for row in rows]
    # The mean of the seven ratings, as tests/report/test_jobs.py has it.
    mean = next(row for row in rows if (row["kpi_id"], row["scope_type"]) == ("mean_q1", "all"))
    of_csv = next(row for row in told if (row["kpi_id"], row["scope_type"]) == ("mean_q1", "all"))
    assert float(of_csv["value"]) == mean["value"]
    own = everything(machine, f"{path}/scores?kpi=mean_q1&scope_type=all")
    assert own[0] == mean
    assert [row["window"] for row in own] == ["period", "trailing_12_months"]
    assert "format: soundings-scorebook/1" in machine.get(f"{path}/scorebook").get_data(True)


def test_a_representative_reads_their_own_rows_alone(app: Flask) -> None:
    path = prepare(app)
    machine = add_machine(app, "representative")
    assert everything(machine, f"{path}/scores") == []
    with app.app_context():
        let_sign_in("ben", "representative@example.org")
        db.session.commit()
    rows = everything(machine, f"{path}/scores")
    assert {row["scope_id"] for row in rows} == {"ben"}
    assert machine.get(f"{path}/scorebook").status_code == 403
    assert machine.post("/runs", {"period": "2026-07"}).status_code == 403


def test_rows_of_a_dimension_are_asked_for_by_its_name(app: Flask) -> None:
    path = prepare(app)
    with app.app_context():
        row = db.session.query(ScoreRow).filter_by(kpi_id="mean_q1", scope_id="anna").first()
        assert row is not None
        row.dimension = "region"
        told = row.document
        db.session.commit()
    machine = add_machine(app, "manager", sees="company")
    assert everything(machine, f"{path}/scores?dimension=region") == [told]
    assert told not in everything(machine, f"{path}/scores")


def test_goals_of_a_run_are_read_within_sight(app: Flask) -> None:
    path = prepare(app)
    all_rows = everything(add_machine(app, "admin"), f"{path}/goals?goal=quality")
    assert {"goal_id": "quality", "scope_id": "", "score": 50.0} in all_rows
    leasing = everything(add_machine(app, "manager", sees="leasing"), f"{path}/goals?goal=quality")
    assert {row["scope_id"] for row in leasing} <= {"leasing", "anna"}
    assert {"goal_id": "quality", "scope_id": "leasing", "score": 50.0} in leasing


def test_a_run_is_asked_for_and_has_no_rows_before_it_is_done(app: Flask) -> None:
    prepare(app)
    machine = add_machine(app, "manager", sees="company")
    made = machine.post("/runs", {"period": "2026-Q3"}, Idempotency_Key="q3")
    assert (made.status_code, body_of(made)["state"]) == (201, "queued")
    machine.post("/runs", {"period": "2026-Q3"}, Idempotency_Key="q3")
    with app.app_context():
        assert db.session.query(ScoreRun).count() == 2
    path = made.headers["Location"].removeprefix("/api/v1")
    for part in ("scores", "scores.csv", "goals", "scorebook"):
        assert machine.get(f"{path}/{part}").status_code == 409, part
    assert machine.post("/runs", {"period": "soon"}).status_code == 422


def test_the_end_of_a_run_is_announced(app: Flask) -> None:
    path = prepare(app)
    with app.app_context():
        delivery = db.session.query(WebhookDelivery).one()
        assert delivery.event == "run.done"
        assert path.removeprefix("/runs/") in delivery.body


def test_a_period_is_closed_and_reopened_and_webhooks_hear_of_it(app: Flask) -> None:
    path = prepare(app)
    with app.app_context():
        events = ["period.closed", "period.reopened"]
        add_webhook("https://example.org/periods", events, NOW, private=False)
        db.session.commit()
    machine = add_machine(app, "manager", sees="company")
    made = machine.post(f"{path}/closing", {"note": "Agreed."})
    assert (made.status_code, body_of(made)["period"]) == (201, "2026-07")
    assert machine.post("/runs", {"period": "2026-07"}).status_code == 422
    assert machine.post(f"{path}/reopening", {"reason": ""}).status_code == 422
    opened = machine.post(f"{path}/reopening", {"reason": "Late."})
    assert (opened.status_code, body_of(opened)["reopen_reason"]) == (200, "Late.")
    assert machine.post(f"{path}/reopening", {"reason": "Late."}).status_code == 404
    with app.app_context():
        told = [one.event for one in db.session.query(WebhookDelivery).order_by("id")]
        assert told == ["run.done", "period.closed", "period.reopened"]


def test_who_sees_a_part_closes_nothing(app: Flask) -> None:
    path = prepare(app)
    machine = add_machine(app, "manager", sees="sales")
    assert machine.post(f"{path}/closing", {}).status_code == 403
