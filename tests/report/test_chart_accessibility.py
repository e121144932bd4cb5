"""The pages of charts against WCAG 2.2 A and AA, as far as a program can tell (axe-core)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from survey_app.db import db
from survey_app.goals.ruling import set_minimum_n
from survey_app.organisation.arranging import grant_sight
from survey_app.report.charting import KINDS
from survey_app.report.jobs import score_now
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, make_organisation, make_sources, unit
from tests.respond.site import serve

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
LOOKS = [
    ({"width": 360, "height": 740}, "light"),
    ({"width": 1280, "height": 800}, "dark"),
]
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def charts(browser: Browser, sqlite_template: Path, tmp_path: Path) -> Iterator[tuple[Page, str]]:
    """A page of a signed-in manager, and the address of the charts of a scored July."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with serve(tmp_path, sqlite_template) as site:
        with site.app.app_context():
            make_organisation()
            make_sources()
            assert set_minimum_n(1, NOW) == []
            grant_sight(add_user("manager"), unit("company"))
            db.session.commit()
            run = score_now("2026-07", NOW).public_id
        cookie = sign_in(site.app, "manager@example.org").get_cookie("session")
        assert cookie is not None
        context = browser.new_context()
        context.add_cookies([{"name": "session", "value": cookie.value, "url": site.address}])
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page, f"{site.address}/report/runs/{run}/charts/"
        context.close()


def test_every_page_of_charts_is_accessible_and_fits_a_phone(charts: tuple[Page, str]) -> None:
    page, address = charts
    for kind in ("", *KINDS):
        # The page is what is looked at here, not the picture in it.
        page.route("**/*.svg*", lambda route: route.abort())
        page.goto(address + kind)
        page.evaluate(AXE_SCRIPT)
        for size, scheme in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
            assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], kind
            assert page.evaluate(SIDEWAYS) == 0, kind


def test_a_chart_is_chosen_by_keyboard_and_its_picture_is_loaded(
    charts: tuple[Page, str],
) -> None:
    page, address = charts
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}answers")
    page.get_by_label("KPI").focus()
    page.keyboard.press("ArrowDown")
    # Past the scope and the window to the button.
    for _step in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**kpi=top_q1**")
    loaded = "() => document.querySelector('.drawing').naturalWidth"
    page.wait_for_function(loaded)
    assert page.evaluate(loaded) <= 360
    assert "narrow.svg" in page.evaluate("() => document.querySelector('.drawing').currentSrc")
    assert page.locator(".drawing").get_attribute("alt")
