from __future__ import annotations

import io
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.organisation.models import Representative
from survey_app.visits.models import Process, Visit
from tests.factories.workplaces import (
    let_see,
    let_sign_in,
    make_process,
    make_visit,
    make_workplace,
)

SignedIn = Callable[[str], FlaskClient]
START = {"kind": "sales_visit", "unit": "leasing", "representative": "anna", "customer": "Miller"}


@pytest.fixture
def anna(app: Flask, signed_in: SignedIn) -> FlaskClient:
    """Anna, a representative of Leasing, with a process to time."""
    client = signed_in("representative")
    with app.app_context():
        make_workplace()
        make_process()
        let_sign_in("anna", "representative@example.org")
        db.session.commit()
    return client


@pytest.fixture
def manager(app: Flask, signed_in: SignedIn) -> FlaskClient:
    """A manager who looks after Leasing, with a process to time."""
    client = signed_in("manager")
    with app.app_context():
        make_workplace()
        make_process()
        let_see("manager@example.org", "leasing")
        db.session.commit()
    return client


def upload(text: str, **fields: str) -> dict[str, object]:
    return {"file": (io.BytesIO(text.encode()), "visits.csv"), **fields}


def only_visit(app: Flask) -> Visit:
    with app.app_context():
        visit = db.session.query(Visit).one()
        _ = visit.events, visit.representative
        db.session.expunge_all()
        return visit


def test_a_visit_is_timed_to_its_end_without_a_script(app: Flask, anna: FlaskClient) -> None:
    form = anna.get("/visits/new").get_data(as_text=True)
    mark = re.search(r'name="public_id"[^>]*value="([^"]+)"', form)
    assert mark is not None
    assert '<option selected value="anna">' in form
    page = anna.post("/visits/new", data=START | {"public_id": mark[1]}, follow_redirects=True)
    for label in ("Arrived", "Questions answered", "Product shown — finish"):
        text = page.get_data(as_text=True)
        assert page.status_code == 200
        main = re.search(
            r'<form method="post" action="([^"]+)" class="tap"[^>]*>\s*<input[^>]*csrf[^>]*>\s*'
            r'<input type="hidden" name="(\w+)" value="(\w+)">(?:\s*<input[^>]*>)+\s*'
            r'<button class="btn btn-primary tap-main">([^<]+)<',
            text,
        )
        assert main is not None
        assert main[4] == label
        page = anna.post(main[1], data={main[2]: main[3], "elapsed": ""}, follow_redirects=True)
    assert "completed" in page.get_data(as_text=True)
    visit = only_visit(app)
    assert (visit.outcome, len(visit.events)) == ("completed", 3)
    assert visit.representative is not None
    assert visit.representative.key == "anna"


def test_a_form_sent_twice_starts_one_visit(app: Flask, anna: FlaskClient) -> None:
    form = START | {"public_id": str(uuid4())}
    first, second = (anna.post("/visits/new", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.location == second.location
    with app.app_context():
        assert db.session.query(Visit).count() == 1


@pytest.mark.parametrize(
    "foreign", [{"representative": "bruno"}, {"unit": "credit"}, {"representative": ""}]
)
def test_a_representative_starts_no_visit_for_others(
    app: Flask, anna: FlaskClient, foreign: dict[str, str]
) -> None:
    answer = anna.post("/visits/new", data=START | foreign)
    assert answer.status_code == 422
    with app.app_context():
        assert db.session.query(Visit).count() == 0


def test_a_refused_start_says_why_and_keeps_what_was_typed(anna: FlaskClient) -> None:
    answer = anna.post("/visits/new", data=START | {"device_started_at": "2001-01-01T00:00:00Z"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "clock" in page
    assert 'value="Miller"' in page
    answer = anna.post("/visits/new", data=START | {"device_started_at": "soon"})
    assert answer.status_code == 422


def test_nobody_reads_or_times_somebody_elses_visit(app: Flask, anna: FlaskClient) -> None:
    with app.app_context():
        process = db.session.query(Process).one()
        bruno = db.session.query(Representative).filter_by(key="bruno").one()
        page = f"/visits/{make_visit(process, bruno.unit, bruno, 'Secret').public_id}"
        db.session.commit()
    assert anna.get(page).status_code == 403
    assert anna.post(page + "/stage", data={"stage": "arrived"}).status_code == 403
    assert anna.post(page + "/end", data={"outcome": "left"}).status_code == 403
    assert "Secret" not in anna.get("/visits/").get_data(as_text=True)
    assert anna.get(f"/visits/{uuid4()}").status_code == 404
    assert only_visit(app).outcome is None


def test_a_tap_out_of_order_or_unreadable_is_refused_on_the_page(
    app: Flask, anna: FlaskClient
) -> None:
    page = anna.post("/visits/new", data=START).location
    for path, tap in [
        ("/stage", {"stage": "answered"}),
        ("/stage", {"stage": "nothing"}),
        ("/stage", {"stage": "arrived", "elapsed": "soon"}),
        ("/stage", {"stage": "arrived", "elapsed": "-1"}),
        ("/stage", {"stage": "arrived", "elapsed": "nan"}),
        ("/end", {"outcome": "completed"}),
        ("/end", {"outcome": "left", "elapsed": "1e400"}),
        ("/end", {}),
    ]:
        answer = anna.post(page + path, data=tap)
        assert answer.status_code == 422, tap
        assert 'class="problems"' in answer.get_data(as_text=True)
    assert not only_visit(app).events


def test_ending_twice_is_no_error_and_says_so(app: Flask, anna: FlaskClient) -> None:
    page = anna.post("/visits/new", data=START).location
    anna.post(page + "/end", data={"outcome": "left"})
    answer = anna.post(page + "/end", data={"outcome": "called_back"}, follow_redirects=True)
    assert answer.status_code == 200
    assert "has ended already: customer left" in answer.get_data(as_text=True)
    assert only_visit(app).outcome == "left"


def test_looking_at_pages_changes_nothing(app: Flask, manager: FlaskClient) -> None:
    for page in ("", "new", "processes", "processes/new", "import"):
        assert manager.get(f"/visits/{page}").status_code == 200
    with app.app_context():
        assert db.session.query(Visit).count() == 0
        assert db.session.query(AuditEntry).count() == 0


def test_empty_pages_say_what_comes_next(signed_in: SignedIn) -> None:
    manager = signed_in("manager")
    assert "Define a process" in manager.get("/visits/").get_data(as_text=True)
    assert "No process yet" in manager.get("/visits/processes").get_data(as_text=True)
    assert "Define a process" in manager.get("/visits/import").get_data(as_text=True)
    assert "No kind of visit" in manager.get("/visits/new").get_data(as_text=True)


def test_somebody_who_is_no_representative_is_told_whom_to_ask(
    app: Flask, signed_in: SignedIn
) -> None:
    with app.app_context():
        make_process()
        db.session.commit()
    page = signed_in("representative").get("/visits/new").get_data(as_text=True)
    assert "An administrator first makes you a representative" in page


@pytest.mark.parametrize("page", ["processes", "processes/new", "processes/x/edit", "import"])
def test_processes_and_imports_are_the_managers(anna: FlaskClient, page: str) -> None:
    assert anna.get(f"/visits/{page}").status_code == 403


def test_a_manager_defines_a_process_and_changes_it_before_the_first_visit(
    app: Flask, manager: FlaskClient
) -> None:
    answer = manager.post(
        "/visits/processes/new",
        data={"key": "service", "name": "Service", "stages": "Arrived\nRepaired"},
        follow_redirects=True,
    )
    assert "Repaired" in answer.get_data(as_text=True)
    answer = manager.post(
        "/visits/processes/service/edit",
        data={"name": "Service", "stages": "arrived: Arrived\nfixed: Fixed"},
        follow_redirects=True,
    )
    assert "<code>fixed</code>" in answer.get_data(as_text=True)
    with app.app_context():
        actions = [entry.action for entry in db.session.query(AuditEntry)]
    assert actions == ["process defined", "process changed"]


def test_a_frozen_sequence_is_refused_with_the_reason(manager: FlaskClient) -> None:
    manager.post("/visits/new", data=START)
    edit = "/visits/processes/sales_visit/edit"
    assert "names may change" in manager.get(edit).get_data(as_text=True)
    answer = manager.post(edit, data={"name": "Visit", "stages": "Only one"})
    assert answer.status_code == 422
    assert "would change what their times mean" in answer.get_data(as_text=True)


def test_a_manager_imports_visits_through_a_mapping(app: Flask, manager: FlaskClient) -> None:
    mapping = "external_id: no\nstarted_at: begin\nunit: {constant: leasing}"
    answer = manager.post(
        "/visits/import",
        data=upload("no,begin\n7,2026-01-05 10:00\n", kind="sales_visit", mapping=mapping),
        follow_redirects=True,
    )
    assert "Visits of visits.csv: 1 added." in answer.get_data(as_text=True)
    visit = only_visit(app)
    assert visit.external_id == "7"


def test_a_refused_import_shows_each_problem_and_keeps_the_mapping(
    app: Flask, manager: FlaskClient
) -> None:
    mapping = "external_id: no\nstarted_at: begin\nunit: {constant: credit}"
    answer = manager.post(
        "/visits/import",
        data=upload("no,begin\n7,tomorrow\n", kind="sales_visit", mapping=mapping),
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "row 2, column begin" in page
    assert "You see nobody and nothing with the key &#34;credit&#34;" in page
    assert "unit: {constant: credit}" in page
    answer = manager.post("/visits/import", data=upload("no\n", kind="sales_visit", mapping="a: ["))
    assert answer.status_code == 422
    with app.app_context():
        assert db.session.query(Visit).count() == 0
