"""The pages of goals in a real browser: axe, both widths, with and without the form's script."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from survey_app.app import create_app
from survey_app.db import db
from survey_app.figures.models import Measure
from survey_app.goals.exchange import import_scorebook
from survey_app.goals.queries import kpi_versions
from survey_app.organisation.arranging import grant_sight
from tests.conftest import make_settings
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation, unit

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = (
    "/goals/", "/goals/new", "/goals/trade/edit", "/goals/kpis/new", "/goals/kpis/sales/edit",
    "/goals/kpis/sales", "/goals/kpis/sales/yaml", "/goals/kpis/top_q1/versions",
    "/goals/kpis/sales/target?scope=all", "/goals/targets", "/goals/sets/",
    "/goals/sets/field/edit", "/goals/rules",
)  # fmt: skip
TREE = SCOREBOOK.replace("weight: 2}", "weight: 2, parent: quality, owner: Ann, target: 60}", 1)
ADJUSTED = TREE.replace(
    "value: 120, valid_from: 2026-01-01}",
    "value: 120, valid_from: 2026-01-01, adjust: {index: demand, at_setting: 104, "
    "elasticity: 0.5, justification: Agreed.}}",
).replace(
    "targets:", "kpi_sets:\n  - {id: field, name: Field sales, kpis: [sales], for: [ben]}\ntargets:"
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Flask:
    """One installation for all pages, on SQLite: what is looked at is in the browser."""
    home = tmp_path_factory.mktemp("goals")
    shutil.copy(sqlite_template, home / "test.sqlite")
    app = create_app(make_settings(home, f"sqlite:///{home / 'test.sqlite'}"), testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        make_organisation()
        db.session.add(Measure(key="demand", name="Demand", unit_of_measure="%", kind="stock"))
        _imported, problems = import_scorebook(ADJUSTED, NOW, ZONE)
        assert problems == []
        newer = ADJUSTED.replace("name: Good visits", "name: Very good visits")
        import_scorebook(newer, NOW, ZONE)
        grant_sight(add_user("manager"), unit("company"))
        db.session.commit()
    return app


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def open_page(app: Flask, address: str, browser: Browser, script: bool = True) -> Page:
    cookie = sign_in(app, "manager@example.org").get_cookie("session")
    assert cookie is not None
    # Colours that still change would be measured on their way.
    context = browser.new_context(
        java_script_enabled=script, bypass_csp=script, reduced_motion="reduce"
    )
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


@pytest.fixture
def page(app: Flask, address: str, browser: Browser) -> Iterator[Page]:
    page = open_page(app, address, browser)
    yield page
    page.context.close()


def test_every_page_is_clean_at_both_widths_and_in_the_dark(page: Page, address: str) -> None:
    for path in PAGES:
        page.goto(address + path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate(AXE_SCRIPT)
        for width, scheme in ((360, "light"), (1280, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = page.evaluate("options => axe.run(options)", RULES)["violations"]
            flaws = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]
            assert flaws == [], (path, width)
            assert page.evaluate(SIDEWAYS) == 0, (path, width)


def test_only_what_the_statistic_and_the_rule_need_is_shown(page: Page, address: str) -> None:
    page.goto(f"{address}/goals/kpis/new")
    expect(page.get_by_label("Questionnaire", exact=True)).to_be_visible()
    expect(page.get_by_label("Limit", exact=True)).to_be_hidden()
    page.get_by_label("Statistic", exact=True).select_option("restricted_mean")
    expect(page.get_by_label("Questionnaire", exact=True)).to_be_hidden()
    expect(page.get_by_label("Limit", exact=True)).to_be_visible()
    expect(page.get_by_label("Unit of measurement")).to_have_value("seconds")
    expect(page.locator(".says")).to_contain_text("counts as the limit")
    page.get_by_label("From a red level and the target that holds").check()
    expect(page.get_by_label("Worst", exact=True)).to_be_hidden()
    expect(page.get_by_label("Red level", exact=True)).to_be_visible()


def test_without_the_script_all_fields_are_there_and_the_kpi_is_saved(
    app: Flask, address: str, browser: Browser
) -> None:
    page = open_page(app, address, browser, script=False)
    page.goto(f"{address}/goals/kpis/new?goal=quality")
    page.get_by_label("Name", exact=True).fill("Shown in time")
    page.get_by_label("Key").fill("in_time")
    page.get_by_label("Statistic", exact=True).select_option("share_within")
    page.get_by_label("Process").fill("visit")
    page.get_by_label("Milestone").fill("product")
    page.get_by_label("In time", exact=True).fill("2 h 30 min")
    page.get_by_label("Unit of measurement").fill("share")
    page.get_by_label("Worst", exact=True).fill("20 %")
    page.get_by_label("Best", exact=True).fill("90 %")
    # The key Return saves; it does not only look at what would change.
    page.get_by_label("Best", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Shown in time")).to_be_visible()
    page.context.close()
    with app.app_context():
        kept = kpi_versions("in_time")[0].definition
        assert kept["within"] == 9000
        assert kept["score"] == {"rule": "goalposts", "worst": 0.2, "best": 0.9}


def test_targets_are_typed_with_the_keyboard_alone(app: Flask, page: Page, address: str) -> None:
    page.goto(f"{address}/goals/targets?valid_from=2031-01-01")
    page.get_by_label("Rating of the visit, Leasing").fill("4.5")
    page.keyboard.press("Tab")
    page.keyboard.type("4.7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Set: 2 targets.")).to_be_visible()
    expect(page.get_by_label("Rating of the visit, Leasing")).to_have_value("4.5")
    expect(page.get_by_label("Rating of the visit, Sales")).to_have_value("4.7")
