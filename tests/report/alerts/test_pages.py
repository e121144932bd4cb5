"""The pages of alerts in a browser: axe-core finds nothing, nothing scrolls sideways at 320 px."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from survey_app.app import create_app
from survey_app.db import db
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.queries import unit_by_key
from survey_app.report.alerts.acknowledging import acknowledge_alert
from survey_app.report.alerts.jobs import watch_for_alerts
from survey_app.report.alerts.models import Alert
from tests.conftest import make_settings
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, make_organisation, make_sources
from tests.report.alerts.stored_runs import make_row, store_run, verdict_row

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = {
    "list": "/report/alerts",
    "nothing": "/report/alerts?kind=figures_late",
    "turned": "/report/alerts/2",
    "limits": "/report/alerts/1",
    "rules": "/report/alerts/rules",
    "rule": "/report/alerts/rules/response_low",
    "mails": "/report/alerts/mails",
}


@dataclass(frozen=True)
class Site:
    """A running installation and the session of a manager in it."""

    address: str
    session: str


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Values outside their limits, verdicts that turned and back, one of them acknowledged."""
    home = tmp_path_factory.mktemp("alerts")
    path = home / "test.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    app = create_app(make_settings(home, f"sqlite:///{path}"), testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        make_organisation()
        make_sources()
        grant_sight(add_user("manager"), unit_by_key("company"))
        values = [10.0, *([12.0, 8.0] * 5), 10.0, 20.0]
        of_leasing = {"scope_type": "unit", "scope_id": "leasing", "scope_name": "Leasing"}
        for month, value in enumerate(values):
            label = f"{2025 + month // 12}-{month % 12 + 1:02d}"
            store_run(label, [make_row(label, value=value, kpi_name="New contracts", **of_leasing)])
        for label, verdict in (("2026-05", "met"), ("2026-06", "not_met"), ("2026-07", "met")):
            store_run(label, [verdict_row(label, verdict)])
            watch_for_alerts()
        acknowledge_alert(db.session.get_one(Alert, 1), "Ben looks into it.", NOW)
        db.session.commit()
    client = sign_in(app, "manager@example.org")
    cookie = client.get_cookie("session")
    assert cookie is not None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", cookie.value)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context()
    context.add_cookies([{"name": "session", "value": site.session, "url": site.address}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_narrow_and_wide_light_and_dark(
    name: str, page: Page, site: Site
) -> None:
    looks: list[tuple[int, Any]] = [(320, "light"), (1280, "dark")]
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        answer = page.goto(site.address + PAGES[name])
        assert answer is not None
        assert answer.status == 200
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
        flaws = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
        assert flaws == []
        assert page.evaluate(SIDEWAYS) == 0


def test_an_alert_is_acknowledged_with_the_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/report/alerts/3")
    page.get_by_label("Note").fill("Seen.")
    page.get_by_role("button", name="Acknowledge").press("Enter")
    page.get_by_text("Acknowledged.").wait_for()
    assert page.locator(".events .note").last.inner_text() == "Seen."
