"""Reports, notes and subscriptions as people use them; nobody sees or writes beyond their sight."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.models import Representative
from survey_app.report.closing import close_period
from survey_app.report.executive.models import ReportNote, ReportSubscription
from survey_app.report.models import ScoreRun
from tests.factories.people import add_user, sign_in
from tests.factories.reports import SCORED, store_run
from tests.factories.scorings import make_organisation, unit

SCOPES = [("all", ""), ("unit", "sales"), ("representative", "anna"), ("representative", "ben")]


@pytest.fixture
def run_id(app: Flask) -> str:
    """A run of July; managers of everything and of Sales, an analyst, and Anna sign in."""
    with app.app_context():
        make_organisation()
        for address, role, key in (
            ("manager@example.org", "manager", "company"),
            ("other@example.org", "manager", "company"),
            ("analyst@example.org", "analyst", "company"),
            ("sales@example.org", "manager", "sales"),
        ):
            grant_sight(add_user(role, address), unit(key))
        anna = db.session.query(Representative).filter_by(key="anna").one()
        anna.user = add_user("representative", "anna@example.org")
        run = store_run(SCOPES)
        db.session.commit()
        return run.public_id


@pytest.fixture
def enter(app: Flask) -> Callable[[str], FlaskClient]:
    """`enter("anna")`: a client in which anna@example.org is signed in."""
    return lambda name: sign_in(app, f"{name}@example.org")


Enter = Callable[[str], FlaskClient]


def write(
    client: FlaskClient, run_id: str, text: str, about: str = "", scope: str = "all", key: str = "n"
) -> int:
    answer = client.post(
        f"/report/runs/{run_id}/executive/note?scope={scope}",
        data={"public_id": key, "about": about, "text": text},
    )
    return answer.status_code


def test_the_page_has_the_answer_the_goals_and_how_to_read_them(run_id: str, enter: Enter) -> None:
    page = enter("manager").get(f"/report/runs/{run_id}/executive").text
    for words in (
        "Is Example Ltd meeting the goals in July 2026?",
        "Yes: every goal meets its target.",
        "They come back.",
        "The best.",
        "About 130 answers would decide. That is 90 more.",
        "How to read this report",
        run_id,
    ):
        assert words in page
    assert " style=" not in page


def test_page_and_file_say_the_same(run_id: str, enter: Enter) -> None:
    client = enter("analyst")
    answer = client.get(f"/report/runs/{run_id}/executive.pdf?scope=unit:sales")
    assert answer.mimetype == "application/pdf"
    name = f'attachment; filename="report_2026-07_unit_sales_{run_id[:8]}.pdf"'
    assert answer.headers["Content-Disposition"] == name
    with pikepdf.open(io.BytesIO(answer.data)).open_metadata() as about:
        assert about["dc:title"] == "Is Sales meeting the goals in July 2026?"
    assert about["dc:title"] in client.get(f"/report/runs/{run_id}/executive?scope=unit:sales").text


def test_scorecard_and_run_lead_to_it(run_id: str, enter: Enter) -> None:
    client = enter("anna")
    address = f"/report/runs/{run_id}/executive"
    assert f"{address}?scope=representative:anna" in client.get("/report/").text
    assert address in client.get(f"/report/runs/{run_id}").text


@pytest.mark.parametrize("file", ["executive", "executive.pdf"])
def test_nobody_reads_beyond_their_sight(file: str, run_id: str, enter: Enter) -> None:
    address = f"/report/runs/{run_id}/{file}?scope="
    seen = {
        "anna": {"representative:anna"},
        "sales": {"unit:sales", "representative:ben"},
        "analyst": {"all", "unit:sales", "representative:anna", "representative:ben"},
    }
    for name, scopes in seen.items():
        client = enter(name)
        for scope in ("all", "unit:sales", "representative:anna", "representative:ben"):
            expected = 200 if scope in scopes else 404
            assert client.get(address + scope).status_code == expected, (name, scope)


def test_who_sees_nothing_and_a_run_that_goes_on_are_told_so(
    app: Flask, run_id: str, signed_in: Enter, enter: Enter
) -> None:
    assert signed_in("representative").get(f"/report/runs/{run_id}/executive").status_code == 404
    with app.app_context():
        going = store_run([], state="running", finished_at=None).public_id
        db.session.commit()
    assert enter("manager").get(f"/report/runs/{going}/executive").status_code == 409
    page = enter("manager").get(f"/report/runs/{run_id}/executive?scope=unit:leasing").text
    assert "No KPI is meant for Leasing" in page


def test_a_note_stands_in_page_and_file_with_author_and_date(run_id: str, enter: Enter) -> None:
    client = enter("manager")
    plain = client.get(f"/report/runs/{run_id}/executive.pdf").data
    assert write(client, run_id, "Two <b>were</b> ill.\r\nAll are back.", "kpi:welcome") == 302
    page = enter("analyst").get(f"/report/runs/{run_id}/executive").text
    assert "Two &lt;b&gt;were&lt;/b&gt; ill.\nAll are back." in page
    assert "<strong>Welcome</strong>" in page
    assert "Manager, 20" in page
    noted = client.get(f"/report/runs/{run_id}/executive.pdf").data
    assert noted != plain
    # It is about the company; Anna's report is another one.
    assert "All are back." not in enter("anna").get(f"/report/runs/{run_id}/executive").text


def test_a_double_click_writes_one_note(app: Flask, run_id: str, enter: Enter) -> None:
    client = enter("manager")
    assert [write(client, run_id, "Once.") for _ in range(2)] == [302, 302]
    with app.app_context():
        assert db.session.query(ReportNote).count() == 1


@pytest.mark.parametrize(
    ("text", "about"), [("", ""), (" \n ", ""), ("x" * 1001, ""), ("x", "kpi:foreign"), ("x", "y")]
)
def test_a_note_that_cannot_be_is_refused(
    text: str, about: str, app: Flask, run_id: str, enter: Enter
) -> None:
    assert write(enter("manager"), run_id, text, about) == 422
    with app.app_context():
        assert db.session.query(ReportNote).count() == 0


def test_only_managers_write_and_only_on_what_they_see(run_id: str, enter: Enter) -> None:
    assert write(enter("analyst"), run_id, "x") == 403
    assert write(enter("anna"), run_id, "x", scope="representative:anna") == 403
    assert write(enter("sales"), run_id, "x") == 404
    assert write(enter("sales"), run_id, "x", scope="unit:sales") == 302


def test_a_withdrawn_note_leaves_the_report_and_stays_on_record(
    app: Flask, run_id: str, enter: Enter
) -> None:
    author = enter("manager")
    write(author, run_id, "A mistake.")
    with app.app_context():
        note_id = db.session.query(ReportNote).one().id
    withdraw = f"/report/notes/{note_id}/withdraw"
    assert enter("other").post(withdraw).status_code == 403
    assert enter("sales").post(withdraw).status_code == 404
    assert author.post(withdraw).status_code == 302
    assert "A mistake." in author.get(f"/report/runs/{run_id}/executive").text
    assert "1 withdrawn note" in author.get(f"/report/runs/{run_id}/executive").text
    assert "A mistake." not in enter("analyst").get(f"/report/runs/{run_id}/executive").text
    with app.app_context():
        note = db.session.query(ReportNote).one()
        assert note.text == "A mistake."
        assert note.withdrawn_at is not None


def test_a_closed_period_takes_notes_and_keeps_its_numbers(
    app: Flask, run_id: str, enter: Enter
) -> None:
    with app.app_context():
        run = db.session.query(ScoreRun).one()
        close_period(run, "", SCORED, app.config["SETTINGS"].zone)
        db.session.commit()
    client = enter("manager")
    scores = client.get(f"/report/runs/{run_id}/scores.csv").data
    assert write(client, run_id, "Seen later.") == 302
    assert "Seen later." in client.get(f"/report/runs/{run_id}/executive").text
    assert client.get(f"/report/runs/{run_id}/scores.csv").data == scores


def test_a_report_holds_ten_notes(run_id: str, enter: Enter) -> None:
    client = enter("manager")
    assert {write(client, run_id, "x", key=f"n{n}") for n in range(10)} == {302}
    assert write(client, run_id, "x", key="n9") == 302
    assert write(client, run_id, "x", key="n10") == 422


def subscribe(client: FlaskClient, scope: str, email: str = "", **named: str) -> int:
    data = {"scope": scope, "occasion": "closed", "period_type": "any", "email": email, **named}
    return client.post("/report/subscriptions", data=data).status_code


def subscribers(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        rows = db.session.query(ReportSubscription).order_by(ReportSubscription.id)
        return [(one.user.email, one.scope_type, one.scope_id) for one in rows]


def test_everybody_subscribes_to_what_they_see(app: Flask, run_id: str, enter: Enter) -> None:
    assert subscribe(enter("anna"), "representative:anna") == 302
    assert subscribe(enter("anna"), "representative:anna") == 302
    assert subscribe(enter("anna"), "all") == 422
    assert subscribe(enter("anna"), "representative:anna", occasion="never") == 422
    assert subscribe(enter("analyst"), "all", occasion="scheduled", period_type="quarter") == 302
    assert subscribers(app) == [
        ("anna@example.org", "representative", "anna"),
        ("analyst@example.org", "all", ""),
    ]
    assert "Nothing was due yet." in enter("anna").get("/report/subscriptions").text


def test_a_manager_subscribes_others_within_both_their_rights(
    app: Flask, run_id: str, enter: Enter
) -> None:
    manager, sales = enter("manager"), enter("sales")
    assert subscribe(manager, "representative:anna", "Anna@Example.org ") == 302
    assert subscribe(manager, "all", "anna@example.org") == 422
    assert subscribe(manager, "all", "nobody@example.org") == 422
    assert subscribe(sales, "all", "manager@example.org") == 422
    assert subscribe(enter("anna"), "representative:anna", "manager@example.org") == 422
    assert subscribers(app) == [("anna@example.org", "representative", "anna")]
    assert "anna@example.org" in manager.get("/report/subscriptions").text
    assert "anna@example.org" not in sales.get("/report/subscriptions").text


def test_who_is_subscribed_ends_it_and_so_may_a_manager_who_sees_it(
    app: Flask, run_id: str, enter: Enter
) -> None:
    for client, status in (("analyst", 403), ("sales", 403), ("anna", 302), ("manager", 302)):
        subscribe(enter("anna"), "representative:anna")
        with app.app_context():
            number = db.session.query(ReportSubscription).one().id
        answer = enter(client).post(f"/report/subscriptions/{number}/remove")
        assert answer.status_code == status, client
    assert subscribers(app) == []
