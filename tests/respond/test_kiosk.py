"""Open links in a real browser: with and without JavaScript, accessible, and a kiosk's way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from survey_app.db import db
from survey_app.respond.models import Response
from tests.factories.open_links import add_open_link
from tests.factories.questionnaires import add_version, definition
from tests.respond.filling import heading, press
from tests.respond.site import Site

Open = Callable[..., Page]
# Longer than a robot takes on a kiosk, and on paper.
LOOK_MS = 2100


@pytest.fixture
def link(site: Site) -> Callable[..., str]:
    """Makes an open link and gives its address."""

    def make(kind: str, **changed: Any) -> str:
        site.count += 1
        key = f"key{site.count}"
        with site.app.app_context():
            version = add_version(definition(key=f"open_{site.count}", **changed))
            add_open_link(version, key=key, kind=kind)
            db.session.commit()
        return f"{site.address}/p/{key}"

    return make


def responses(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count(Response.id))) or 0


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("kind", ["public", "kiosk"])
def test_two_people_answer_on_several_pages_one_after_the_other(
    browser: Browser, site: Site, link: Callable[..., str], kind: str, script: bool
) -> None:
    address, before = link(kind, paging="sections"), responses(site)
    page = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=script)
    page.goto(address)
    for _ in range(2):
        page.locator('[name="q1"][value="4"]').check(force=True)
        page.wait_for_timeout(LOOK_MS)
        press(page, "Next")
        page.locator('[name="q4"]').fill("12")
        press(page, "Send my answers")
        heading(page, "Thank you")
        if kind == "kiosk":
            page.get_by_role("link", name="Next person").click()
        else:
            page.goto(address)
        expect(page.locator('[name="q1"][value="4"]')).not_to_be_checked()
        assert page.url == address
    page.close()
    assert responses(site) == before + 2


def test_the_pages_are_accessible_and_fit_a_phone(
    browser: Browser, site: Site, link: Callable[..., str]
) -> None:
    address = link("kiosk", paging="sections")
    page = browser.new_page(viewport={"width": 360, "height": 740})

    def judge() -> None:
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.goto(address)
    judge()
    for button in page.get_by_role("button").all():
        assert (button.bounding_box() or {"height": 0})["height"] >= 64
    page.locator('[name="q1"][value="4"]').check(force=True)
    page.wait_for_timeout(LOOK_MS)
    press(page, "Next")
    judge()
    press(page, "Send my answers")
    heading(page, "Thank you")
    judge()
    page.close()


def test_a_kiosk_that_nobody_touches_begins_anew(
    browser: Browser, link: Callable[..., str]
) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(link("kiosk"))
    box = page.locator('[name="q5"]')
    box.fill("Half a sen")
    page.clock.run_for(110_000)
    # A touch counts anew from here.
    box.press("t")
    page.clock.run_for(110_000)
    expect(box).to_have_value("Half a sent")
    page.clock.run_for(11_000)
    expect(page.locator('[name="q5"]')).to_have_value("")
    page.close()


def test_a_kiosk_whose_page_went_wrong_begins_anew(
    browser: Browser, site: Site, link: Callable[..., str]
) -> None:
    page = browser.new_page()
    page.clock.install()
    address = link("kiosk")
    page.goto(address)
    page.goto(f"{site.address}/r/nobodys")
    heading(page, "There are no questions here now")
    page.clock.run_for(121_000)
    expect(page).to_have_url(address)
    page.close()
    # Elsewhere such a page stays.
    phone = browser.new_page()
    phone.clock.install()
    phone.goto(f"{site.address}/r/nobodys")
    phone.clock.run_for(300_000)
    heading(phone, "There are no questions here now")
    phone.close()


def test_the_way_back_of_a_kiosks_browser_shows_nobody_elses_answers(
    browser: Browser, link: Callable[..., str]
) -> None:
    page, address = browser.new_page(), link("kiosk", paging="sections")
    page.goto(address)
    page.locator('[name="q1"][value="4"]').check(force=True)
    page.wait_for_timeout(LOOK_MS)
    press(page, "Next")
    expect(page.locator('[name="q4"]')).to_be_visible()
    page.goto(address)
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.locator('[name="q4"]')).to_have_count(0)
    page.close()
