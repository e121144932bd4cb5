"""Pages of alerts: nobody sees more than their own; rules, mails and notes are kept."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db, utc_now
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import unit_by_key
from survey_app.report.alerts.acknowledging import acknowledge_alert
from survey_app.report.alerts.jobs import watch_for_alerts
from survey_app.report.alerts.models import Alert, AlertRule, AlertSubscription
from survey_app.report.alerts.ruling import read_rules
from tests.factories.pages import fields_of
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import make_organisation
from tests.report.alerts.stored_runs import store_run, verdict_row

SCOPES = (
    ("all", "", "Example Ltd"),
    ("unit", "leasing", "Leasing"),
    ("representative", "anna", "Anna Weber"),
    ("unit", "sales", "Sales"),
)


@pytest.fixture(autouse=True)
def _alerts(app: Flask) -> None:
    """Sales of everybody, two units and Anna turned in July; four people sign in."""
    with app.app_context():
        make_organisation()
        for address, role, key in (
            ("manager@example.org", "manager", "company"),
            ("analyst@example.org", "analyst", "company"),
            ("leasing@example.org", "manager", "leasing"),
        ):
            grant_sight(add_user(role, address), unit_by_key(key))
        anna = db.session.query(Representative).filter_by(key="anna").one()
        anna.user = add_user("representative", "anna@example.org")
        for label, verdict in (("2026-06", "met"), ("2026-07", "not_met")):
            store_run(
                label,
                [
                    verdict_row(label, verdict, scope_type=kind, scope_id=key, scope_name=name)
                    for kind, key, name in SCOPES
                ],
            )
        watch_for_alerts()


def ids(app: Flask) -> dict[str, int]:
    """The alerts' ids by the name of whom they are about."""
    with app.app_context():
        return {one.scope_name: one.id for one in db.session.query(Alert)}


@pytest.mark.parametrize(
    ("email", "seen"),
    [
        ("manager@example.org", {"Example Ltd", "Leasing", "Sales", "Anna Weber"}),
        ("leasing@example.org", {"Leasing", "Anna Weber"}),
        ("anna@example.org", {"Anna Weber"}),
    ],
)
def test_everybody_sees_what_is_theirs_and_nothing_else(
    app: Flask, email: str, seen: set[str]
) -> None:
    client = sign_in(app, email)
    page = client.get("/report/alerts").text
    listed = set(re.findall(r'<p class="alert-of">(.*?) ·', page))
    assert listed == seen
    for name, alert_id in ids(app).items():
        answer = client.get(f"/report/alerts/{alert_id}")
        assert answer.status_code == (200 if name in seen else 404), name


def test_the_list_is_narrowed_by_kind_scope_and_state(app: Flask) -> None:
    client = sign_in(app, "manager@example.org")

    def listed(query: str) -> list[str]:
        page = client.get(f"/report/alerts?{query}").text
        return re.findall(r'<p class="alert-of">(.*?) ·', page)

    # The newest stands first.
    assert listed("") == ["Sales", "Anna Weber", "Leasing", "Example Ltd"]
    assert listed("kind=figures_late") == []
    assert listed("scope=unit:leasing") == ["Leasing"]
    assert listed("scope=all&kind=verdict_turned&state=open") == ["Example Ltd"]
    assert listed("state=resolved") == []
    assert listed(f"before={ids(app)['Anna Weber']}") == ["Leasing", "Example Ltd"]
    assert "None fits what you chose." in client.get("/report/alerts?state=resolved").text
    assert "4 alerts are open" in client.get("/report/alerts").text


def test_an_alert_leads_to_its_numbers(app: Flask) -> None:
    page = sign_in(app, "manager@example.org").get(f"/report/alerts/{ids(app)['Leasing']}").text
    for run in ("000000003e8", "000000003e9"):
        address = f"/report/runs/00000000-0000-0000-0000-0{run}/kpis/sales?scope=unit:leasing"
        assert address in page
    assert "Counted in full: 30.0 CHF worse than the target of 120 CHF." in page


def test_a_manager_acknowledges_with_a_note_and_the_first_one_stays(app: Flask) -> None:
    alert_id = ids(app)["Leasing"]
    client = sign_in(app, "leasing@example.org")
    answer = client.post(f"/report/alerts/{alert_id}", data={"note": "Ben calls\nthem."})
    assert answer.status_code == 302
    page = client.get(f"/report/alerts/{alert_id}").text
    assert "Ben calls\nthem." in page
    assert "open, acknowledged" in page
    again = sign_in(app, "manager@example.org").post(
        f"/report/alerts/{alert_id}", data={"note": "Me too."}
    )
    assert again.status_code == 422
    assert "Somebody has acknowledged this alert already" in again.text
    with app.app_context():
        alert = db.session.get_one(Alert, alert_id)
        assert acknowledge_alert(alert, "x" * 2001, utc_now())[0].code == "too_long"


def test_others_read_and_do_not_acknowledge(app: Flask) -> None:
    alert_id = ids(app)["Anna Weber"]
    for email in ("analyst@example.org", "anna@example.org"):
        client = sign_in(app, email)
        assert "<textarea" not in client.get(f"/report/alerts/{alert_id}").text
        client.post(f"/report/alerts/{alert_id}", data={"note": "Seen."})
        with app.app_context():
            assert db.session.get_one(Alert, alert_id).acknowledged_at is None


def test_rules_are_for_managers_who_see_the_company(app: Flask) -> None:
    for email in ("leasing@example.org", "analyst@example.org", "anna@example.org"):
        client = sign_in(app, email)
        assert "/report/alerts/rules" not in client.get("/report/alerts").text
        for address in ("/report/alerts/rules", "/report/alerts/rules/verdict_turned"):
            assert client.get(address).status_code == 403
        assert client.post("/report/alerts/rules/verdict_turned").status_code == 403


def test_a_rule_is_changed_as_its_page_shows_it(app: Flask) -> None:
    client = sign_in(app, "manager@example.org")
    address = "/report/alerts/rules/response_low"
    fields = fields_of(client.get(address).text)
    assert fields["limit"] == ["20.0"]
    assert fields["scopes"] == ["all", "unit", "representative"]
    fields |= {"limit": ["12.5"], "scopes": ["all", "unit:leasing"]}
    assert client.post(address, data=fields).status_code == 302
    assert "under 12.5 %" in client.get("/report/alerts/rules").text
    with app.app_context():
        rule = read_rules()["response_low"]
        assert (rule.enabled, rule.limit) == (True, 0.125)
        assert rule.scopes == ("all", "unit:leasing")
        assert db.session.query(AuditEntry).filter_by(action="alert rule changed").count() == 1


@pytest.mark.parametrize(
    ("kind", "changed", "told"),
    [
        ("response_low", {"limit": ["0"]}, "1 to 99 per cent"),
        ("response_low", {"limit": ["many"]}, "Write a number, like 4.5."),
        ("figures_late", {"limit": ["61"]}, "0 to 60 days"),
        ("figures_late", {"limit": ["1.5"]}, "Give whole days."),
        ("verdict_turned", {"scopes": []}, "Choose for whom alerts are raised"),
        ("verdict_turned", {"scopes": ["unit:none"]}, "&#39;unit:none&#39;"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused_with_the_remedy(
    app: Flask, kind: str, changed: dict[str, list[str]], told: str
) -> None:
    client = sign_in(app, "manager@example.org")
    address = f"/report/alerts/rules/{kind}"
    answer = client.post(address, data=fields_of(client.get(address).text) | changed)
    assert answer.status_code == 422
    assert told in answer.text
    with app.app_context():
        assert db.session.query(AlertRule).count() == 0
    assert client.get("/report/alerts/rules/none").status_code == 404


def test_mails_are_asked_for_within_sight_and_given_up(app: Flask) -> None:
    client = sign_in(app, "leasing@example.org")
    address = "/report/alerts/mails"
    fields = fields_of(client.get(address).text)
    assert fields["delivery"] == ["none"]
    fields |= {"delivery": ["daily"], "hour": ["6"], "scopes": ["unit:sales"]}
    assert client.post(address, data=fields).status_code == 422
    fields |= {"scopes": ["unit:leasing"]}
    assert client.post(address, data=fields).status_code == 302
    with app.app_context():
        kept = db.session.query(AlertSubscription).one()
        assert (kept.delivery, kept.hour, kept.scopes) == ("daily", 6, ["unit:leasing"])
        assert len(kept.kinds) == 4
    shown = fields_of(client.get(address).text)
    assert (shown["delivery"], shown["scopes"]) == (["daily"], ["unit:leasing"])
    assert client.post(address, data=shown | {"kinds": []}).status_code == 422
    assert client.post(address, data=shown | {"delivery": ["none"]}).status_code == 302
    with app.app_context():
        assert db.session.query(AlertSubscription).count() == 0
