"""The customer's pages against WCAG 2.2 A and AA, as far as a program can tell (axe-core), and
against what the house asks for: nothing scrolls sideways, everything is large enough to be hit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from tests.factories.questionnaires import NOW, definition
from tests.respond.asking import ANSWERS, OPTIONAL, every_type
from tests.respond.filling import fill
from tests.respond.site import Site

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
# How a page is looked at: its width, its colours.
LOOKS: dict[str, tuple[Any, dict[str, Any]]] = {
    "narrow": (NARROW, {"color_scheme": "light", "forced_colors": "none"}),
    "dark": (NARROW, {"color_scheme": "dark", "forced_colors": "none"}),
    "forced colours": (WIDE, {"color_scheme": "light", "forced_colors": "active"}),
}
SMALL = """() => [...document.querySelectorAll(
    ".points label, .list label, .rows input, select, textarea, button:not(.heard), " +
    ".number input, .line, .other, input[type=file]")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.height < 44 || box.width < 36)
  .map(([box, one]) => `${box.width} x ${box.height}: ${one.outerHTML.slice(0, 120)}`)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def look_over(page: Page, looks: Sequence[str] = tuple(LOOKS)) -> None:
    """Check the page as it stands, in these looks."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for look in looks:
        size, media = LOOKS[look]
        page.set_viewport_size(size)
        page.emulate_media(**media)
        found = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
        flaws = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
        assert flaws == [], look
        assert page.evaluate(SIDEWAYS) == 0, look
        assert page.evaluate(SMALL) == [], look


def test_every_type_empty_in_error_and_filled(site: Site, page: Page) -> None:
    page.goto(site.link(every_type(), attributes={"day": "Monday"}))
    look_over(page)
    page.locator(".send button").first.click()
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator(".wrong")).to_have_count(24)
    look_over(page)
    fill(page, ANSWERS)
    look_over(page)


def test_a_choice_that_may_be_taken_back(site: Site, page: Page) -> None:
    page.goto(site.link(definition(sections=OPTIONAL)))
    page.get_by_label("In the shop").check()
    expect(page.get_by_label("No answer")).to_be_visible()
    look_over(page)
    page.get_by_label("No answer").check()
    look_over(page)


def test_buttons_under_the_pointer(site: Site, page: Page) -> None:
    page.goto(site.link(definition(paging="sections")))
    for look in LOOKS:
        for name in ("Next", "Save and go on later"):
            look_over(page, [look])
            page.get_by_role("button", name=name).hover()
            look_over(page, [look])


def test_every_type_from_right_to_left(site: Site, page: Page) -> None:
    page.goto(site.link(every_type(), attributes={"day": "Monday"}))
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    look_over(page)
    fill(page, ANSWERS)
    look_over(page)
    page.locator(".send button").first.click()
    expect(page.locator(".summary")).to_be_focused()
    look_over(page)


def test_the_pages_around_the_questions(site: Site, page: Page) -> None:
    link = site.link(definition(paging="sections"), answers_may_change=True)
    page.goto(link)
    page.get_by_role("button", name="Save and go on later").click()
    expect(page.get_by_role("heading", name="saved")).to_be_visible()
    look_over(page)

    # Another tab saves something else.
    page.goto(link)
    other = page.context.new_page()
    other.goto(link)
    fill(other, {"q1": ["2"]})
    other.get_by_role("button", name="Save and go on later").click()
    expect(other.get_by_role("heading", name="saved")).to_be_visible()
    other.close()
    fill(page, {"q1": ["5"]})
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="two places")).to_be_visible()
    look_over(page)

    page.get_by_role("button", name="Keep what I chose").click()
    expect(page.get_by_label("How long did you wait?")).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    look_over(page)
    page.goto(link)
    expect(page.get_by_role("button", name="Change my answers")).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="Change my answers").click()
    expect(page.get_by_role("button", name="Keep what I sent before")).to_be_visible()
    look_over(page)


def test_the_end_behind_a_page_that_may_be_left_out(site: Site, page: Page) -> None:
    later = {"question": "q1", "at_most": 2}
    source = definition(paging="sections")
    source["sections"][1]["show_if"] = later
    page.goto(site.link(source))
    fill(page, {"q1": ["5"]})
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("That was the last question")).to_be_visible()
    look_over(page)


def test_links_that_take_no_answers(site: Site, page: Page) -> None:
    ended = site.link(definition(), expires_at=NOW, created_at=NOW)
    for address in (ended, f"{site.address}/r/unknown"):
        page.goto(address)
        expect(page.get_by_role("heading", name="no questions here")).to_be_visible()
        look_over(page)


def test_without_a_connection(site: Site, page: Page) -> None:
    page.goto(site.link(definition()))
    fill(page, {"q1": ["5"]})
    page.context.set_offline(True)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_text("There is no connection just now")).to_be_visible()
    look_over(page)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
