from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.figures.models import Figure, FigureBatch
from survey_app.figures.views import show_figure
from tests.factories.people import add_user, sign_in
from tests.factories.workplaces import let_see, make_measure, make_workplace

HEADER = "measure,unit,representative,period,value\n"
FIRST = HEADER + "contracts,leasing,anna,2026-05,1200\ncontracts,leasing,,2026-05,30.5\n"


@pytest.fixture
def manager(app: Flask, signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    """A manager who looks after Leasing, with a measure to import."""
    client = signed_in("manager")
    with app.app_context():
        make_workplace()
        make_measure()
        let_see("manager@example.org", "leasing")
        db.session.commit()
    return client


def look_at(client: FlaskClient, text: str, mapping: str = "") -> TestResponse:
    """Send a file and see what it would change."""
    form = {"file": (io.BytesIO(text.encode()), "f<1>.csv"), "mapping": mapping}
    return client.post("/figures/import", data=form)


def confirm(client: FlaskClient, page: TestResponse) -> TestResponse:
    """Press the button on the page that shows what would change."""
    fields = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page.get_data(as_text=True))
    form = {name: unescape(value) for name, value in fields if name != "csrf_token"}
    assert {"packed", "filename", "mapping", "seen"} <= form.keys()
    return client.post("/figures/import/confirm", data=form, follow_redirects=True)


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.query(Figure).count()


def test_a_file_is_looked_at_then_imported_then_undone(app: Flask, manager: FlaskClient) -> None:
    page = look_at(manager, FIRST)
    assert page.status_code == 200
    assert "Nothing is stored yet." in page.get_data(as_text=True)
    assert count(app) == 0
    answer = confirm(manager, page)
    assert "f&lt;1&gt;.csv was imported: 2 figures." in answer.get_data(as_text=True)
    assert count(app) == 2
    measure = manager.get("/figures/measures/contracts").get_data(as_text=True)
    assert "1\u202f200" in measure
    assert "Leasing, Anna" in measure
    undo = re.search(r'action="(/figures/batches/\d+/undo)"', answer.get_data(as_text=True))
    assert undo is not None
    assert "count no longer" in manager.post(undo[1], follow_redirects=True).get_data(as_text=True)
    assert "No figures yet" in manager.get("/figures/measures/contracts").get_data(as_text=True)
    answer = manager.post(undo[1])
    assert answer.status_code == 422
    assert "undone before" in answer.get_data(as_text=True)
    with app.app_context():
        actions = [entry.action for entry in db.session.query(AuditEntry)]
    assert actions == ["figures imported", "figures undone"]


def test_replaced_values_are_shown_before_they_are_replaced(manager: FlaskClient) -> None:
    confirm(manager, look_at(manager, FIRST))
    page = look_at(manager, HEADER + "contracts,leasing,anna,2026-05,-7\n").get_data(as_text=True)
    assert re.search(r"1\u202f200</td><td [^>]*>\u22127</td>", page)
    page = look_at(manager, FIRST).get_data(as_text=True)
    assert "nothing to import" in page
    assert "confirm" not in page


def test_a_mapping_travels_to_the_confirmation(app: Flask, manager: FlaskClient) -> None:
    mapping = (
        "period: month\r\nvalue: v\r\nmeasure: {constant: contracts}\r\nunit: {constant: leasing}"
    )
    answer = confirm(manager, look_at(manager, "month,v\n2026-01,5\n", mapping))
    assert answer.status_code == 200
    assert count(app) == 1


def test_what_changed_since_the_look_is_shown_again(app: Flask, manager: FlaskClient) -> None:
    page = look_at(manager, FIRST)
    confirm(manager, look_at(manager, HEADER + "contracts,leasing,anna,2026-05,7\n"))
    answer = confirm(manager, page)
    assert answer.status_code == 422
    assert "since you looked" in answer.get_data(as_text=True)
    assert count(app) == 1
    assert confirm(manager, answer).status_code == 200
    assert count(app) == 3


@pytest.mark.parametrize("form", [{}, {"packed": "x", "seen": "y"}, {"packed": "eJwDAAAAAAE="}])
def test_a_confirmation_of_nothing_imports_nothing(
    app: Flask, manager: FlaskClient, form: dict[str, str]
) -> None:
    answer = manager.post("/figures/import/confirm", data=form)
    assert answer.status_code == 422
    assert "Choose it again" in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.query(FigureBatch).count() == 0


def test_a_refused_file_shows_each_problem_and_keeps_the_mapping(
    app: Flask, manager: FlaskClient
) -> None:
    page = look_at(manager, HEADER + "contracts,credit,,2026-05,1\ncontract,leasing,,x,1\n")
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    for place in ("row 2, column unit", "row 3, column period", "row 3, column measure"):
        assert f"<strong>{place}:</strong>" in text
    page = look_at(manager, HEADER, "unit: [")
    assert page.status_code == 422
    assert "unit: [" in page.get_data(as_text=True)
    assert count(app) == 0


def test_the_import_of_another_unit_cannot_be_undone(app: Flask, manager: FlaskClient) -> None:
    with app.app_context():
        let_see("manager@example.org", "company")
        db.session.commit()
    confirm(manager, look_at(manager, HEADER + "contracts,credit,,2026-05,1\n"))
    with app.app_context():
        db.session.execute(db.text("DELETE FROM unit_access"))
        batch_id = db.session.query(FigureBatch).one().id
        db.session.commit()
    answer = manager.post(f"/figures/batches/{batch_id}/undo")
    assert answer.status_code == 422
    assert "do not look after" in answer.get_data(as_text=True)


def test_a_measure_is_added_and_a_bad_one_refused(manager: FlaskClient) -> None:
    form = {"key": "sales", "name": "Sales", "unit_of_measure": "CHF", "kind": "flow"}
    answer = manager.post("/figures/new-measure", data=form, follow_redirects=True)
    assert "Sales was added" in answer.get_data(as_text=True)
    assert manager.post("/figures/new-measure", data=form).status_code == 422
    assert manager.post("/figures/new-measure", data=form | {"kind": "x"}).status_code == 422


def test_empty_pages_say_what_comes_next(signed_in: Callable[[str], FlaskClient]) -> None:
    manager = signed_in("manager")
    for page in ("/figures/", "/figures/import"):
        assert "Add a measure" in manager.get(page).get_data(as_text=True)


@pytest.mark.parametrize("role", ["analyst", "representative"])
def test_figures_are_the_managers(signed_in: Callable[[str], FlaskClient], role: str) -> None:
    client = signed_in(role)
    for page in ("/figures/", "/figures/import", "/figures/new-measure"):
        assert client.get(page).status_code == 403
    assert client.post("/figures/batches/1/undo").status_code == 403


def test_a_counted_value_is_shown_as_counted() -> None:
    assert show_figure(1234567.5) == "1\u202f234\u202f567.5"
    assert show_figure(-12.0) == "\u221212"
    assert show_figure(0) == "0"


def test_files_with_figures_out_of_sight_are_not_listed(app: Flask, manager: FlaskClient) -> None:
    confirm(manager, look_at(manager, FIRST))
    with app.app_context():
        add_user("admin")
        db.session.commit()
    admin = sign_in(app, "admin@example.org")
    both = HEADER + "contracts,leasing,,2026-04,1\ncontracts,credit,,2026-04,1\n"
    form = {"file": (io.BytesIO(both.encode()), "both.csv"), "mapping": ""}
    confirm(admin, admin.post("/figures/import", data=form))
    assert "both.csv" in admin.get("/figures/").get_data(as_text=True)
    page = manager.get("/figures/").get_data(as_text=True)
    assert "both.csv" not in page
    assert "f&lt;1&gt;.csv" in page


def test_two_imports_confirmed_at_once_store_the_figures_once(
    app: Flask, manager: FlaskClient
) -> None:
    page = look_at(manager, FIRST)
    cookie = manager.get_cookie("session")
    assert cookie is not None
    barrier = Barrier(4)

    def press() -> str:
        client = app.test_client()
        client.set_cookie("session", cookie.value)
        barrier.wait()
        return confirm(client, page).get_data(as_text=True)

    with ThreadPoolExecutor(4) as pool:
        pages = [future.result() for future in [pool.submit(press) for _ in range(4)]]
    assert sum("was imported: 2 figures" in one for one in pages) == 1
    assert sum("since you looked" in one for one in pages) == 3
    with app.app_context():
        assert db.session.query(FigureBatch).count() == 1
