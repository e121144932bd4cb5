from __future__ import annotations

from flask import Flask

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.repeating import stop_series
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import NOW, make_campaign
from tests.factories.machines import add_machine
from tests.factories.series import after_visit, make_series, monthly
from tests.factories.workplaces import make_workplace


def test_series_in_sight_are_listed_and_read(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        everybody = make_campaign(name="Everybody")
        first = make_series(monthly(everybody, day=31, at=570))
        leasing = make_campaign(
            db.session.query(QuestionnaireVersion).one(), name="L", audience=unit_by_key("leasing")
        )
        second = make_series(after_visit(leasing, days=3))
        stop_series(second, NOW)
        first_id, second_id, pattern_id = first.id, second.id, everybody.id
        db.session.commit()
    machine = add_machine(app, sees="company")
    told = machine.get("/series").json
    assert told is not None
    assert [one["name"] for one in told["items"]] == ["Pulse", "Thanks"]
    assert machine.get(f"/series/{first_id}").json == {
        "id": first_id,
        "name": "Pulse",
        "kind": "monthly",
        "pattern": pattern_id,
        "at": "09:30",
        "open_days": 14,
        "day": 31,
        "process": None,
        "days": None,
        "next_at": "2026-07-31T07:30:00+00:00",
        "stopped_at": None,
        "created_at": "2026-07-01T08:00:00+00:00",
    }
    second_told = machine.get(f"/series/{second_id}").json
    assert second_told is not None
    assert (second_told["day"], second_told["process"]) == (None, "sales_visit")
    assert (second_told["days"], second_told["next_at"]) == (3, None)


def test_series_out_of_sight_are_not_there(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        series_id = make_series().id
        db.session.commit()
    machine = add_machine(app, sees="leasing")
    assert machine.get(f"/series/{series_id}").status_code == 404
    assert machine.get("/series").json == {"items": [], "next": None}
