"""The report's pages against WCAG 2.2 A and AA, as far as a program can tell (axe-core); nothing
scrolls sideways."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from survey_app.accounts.models import User
from survey_app.app import create_app
from survey_app.db import db
from survey_app.organisation.arranging import grant_sight
from survey_app.report.closing import close_period
from survey_app.report.executive.annotating import withdraw_note, write_note
from survey_app.report.executive.delivering import deliver, find_due, write_report
from survey_app.report.executive.subscribing import subscribe
from survey_app.report.queries import results_seen_by
from tests.conftest import make_settings
from tests.factories.people import add_user, sign_in
from tests.factories.reports import SCORED, store_run
from tests.factories.scorings import make_organisation, unit

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = ("/report/runs/{}/executive", "/report/runs/{}/executive/note", "/report/subscriptions")


@pytest.fixture(scope="module")
def site(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[tuple[Page, str, str]]:
    """A browser in which a manager is signed in, the address of the site, and a run with notes."""
    home = tmp_path_factory.mktemp("reports")
    database = home / "site.sqlite"
    database.write_bytes(sqlite_template.read_bytes())
    app = create_app(make_settings(home, f"sqlite:///{database}"), testing=True)
    with app.app_context():
        make_organisation()
        user = add_user("manager")
        grant_sight(user, unit("company"))
        run_id = _make_run_with_everything(user)
        db.session.commit()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    cookie = sign_in(app, "manager@example.org").get_cookie("session")
    assert cookie is not None
    # Colours on their way from light to dark are no fault.
    context = browser.new_context(reduced_motion="reduce")
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    try:
        yield context.new_page(), address, run_id
    finally:
        context.close()
        server.shutdown()
        thread.join(30)
        server.server_close()
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def _make_run_with_everything(user: User) -> str:
    run = store_run([("all", ""), ("unit", "sales")])
    scope = results_seen_by(user).choose("all")
    write_note(run, scope, "kpi:welcome", "Ill.", user, SCORED, "a", ["kpi:welcome"])
    mistake, _ = write_note(run, scope, "", "A mistake.", user, SCORED, "b", [])
    assert mistake is not None
    withdraw_note(mistake, user, SCORED)
    settings = make_settings(Path("."), "")
    subscribe(user, "", scope, "closed", "any", SCORED)
    close_period(run, "", SCORED, settings.zone)
    for due in find_due():
        deliver(due, write_report(due, settings), SCORED)
    return run.public_id


@pytest.mark.parametrize("page_address", PAGES)
def test_the_pages_are_for_everybody(page_address: str, site: tuple[Page, str, str]) -> None:
    page, address, run_id = site
    page.goto(address + page_address.format(run_id))
    page.evaluate(AXE_SCRIPT)
    for width, scheme in ((360, "light"), (1280, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
        flaws = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
        assert flaws == [], (width, scheme)
        assert page.evaluate(SIDEWAYS) == 0, (width, scheme)
