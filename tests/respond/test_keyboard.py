"""A customer answers every type of question with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.respond.asking import every_type
from tests.respond.filling import PNG, fill, heading
from tests.respond.site import Site

PLACE = """() => {
  const one = document.activeElement;
  return one.name ? (one.type === "radio" || one.type === "checkbox" || one.type === "submit"
    ? `${one.name}=${one.value}` : one.name) : one.tagName.toLowerCase();
}"""
VISIBLE = """() => {
  const one = document.activeElement;
  const drawn = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const label = one.closest("label");
  const box = one.getBoundingClientRect();
  return (drawn(one) || (label && drawn(label))) && box.bottom > 0 && box.top < innerHeight;
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 700})
    page = context.new_page()
    page.set_default_timeout(10_000)
    picture: FilePayload = {"name": "me.png", "mimeType": "image/png", "buffer": PNG}
    page.on("filechooser", lambda chooser: chooser.set_files(picture))
    yield page
    context.close()


def at(page: Page) -> str:
    """The field that has the focus, with its value where it is one of several."""
    place: str = page.evaluate(PLACE)
    return place


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Go on until a field has the focus; each step on the way is one that can be seen."""
    for _ in range(60):
        page.keyboard.press(key)
        assert page.evaluate(VISIBLE), at(page)
        if at(page).split("=")[0] == name or at(page) == name:
            return
    raise AssertionError(f"{name} is not reached")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def checked(page: Page, name: str) -> list[Any]:
    found: list[Any] = page.eval_on_selector_all(
        f'[name="{name}"]:checked', "found => found.map((one) => one.value)"
    )
    return found


def test_all_types_and_pages(site: Site, page: Page) -> None:
    link = site.link(every_type(paging="sections"), attributes={"day": "Monday"})
    page.goto(link)

    # Errors take the focus, and lead to their fields.
    tab_to(page, "_go=next")
    assert at(page) == "_go=next"
    press(page, "Enter")
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    press(page, "Tab", "Enter")
    assert at(page) == "r1=1"

    press(page, "Space", "ArrowRight")
    assert checked(page, "r1") == ["2"]
    tab_to(page, "why")
    page.keyboard.type("The queue.")
    tab_to(page, "r2")
    press(page, "Space", "ArrowRight")
    tab_to(page, "r3")
    press(page, "Space", "ArrowRight", "ArrowRight")
    tab_to(page, "n1")
    press(page, "Space", *["ArrowRight"] * 7)
    tab_to(page, "c1")
    press(page, "Space", *["ArrowDown"] * 3)
    tab_to(page, "e1")
    press(page, "Space", *["ArrowDown"] * 5)
    for row, steps in (("kind", 3), ("quick", 5), ("know", 4)):
        tab_to(page, f"m1.{row}")
        press(page, "Space", *["ArrowRight"] * steps)
    tab_to(page, "m2.clean")
    press(page, "Space", "ArrowRight")
    tab_to(page, "m2.warm")
    press(page, "Space", *["ArrowRight"] * 3)
    tab_to(page, "_go=next")
    press(page, "Space")

    expect(page.get_by_role("heading", name="Choices")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, "ch1")
    press(page, "Space", "ArrowDown", "ArrowDown")
    tab_to(page, "ch1__other")
    page.keyboard.type("At the fair")
    tab_to(page, "ch2=a")
    press(page, "Space")
    tab_to(page, "ch2=c")
    press(page, "Space")
    for option, place in (("price", "2"), ("time", "1"), ("service", "3")):
        tab_to(page, f"rk.{option}")
        page.keyboard.type(place)
    tab_to(page, "cs.price")
    page.keyboard.type("60")
    tab_to(page, "cs.time")
    page.keyboard.type("40")
    tab_to(page, "yn")
    press(page, "Space")
    # Back to a line of text, from which Enter goes on: neither back nor to another language.
    tab_to(page, "ch1__other", "Shift+Tab")
    press(page, "Enter")

    expect(page.get_by_role("heading", name="Numbers and words")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    tab_to(page, "nu")
    page.keyboard.type("3")
    tab_to(page, "da")
    page.keyboard.type("07142026")
    tab_to(page, "ti")
    page.keyboard.type("0930AM")
    tab_to(page, "du.hours")
    page.keyboard.type("1")
    tab_to(page, "du.minutes")
    page.keyboard.type("15")
    tab_to(page, "st")
    page.keyboard.type("Anna")
    tab_to(page, "lt")
    page.keyboard.type("Nothing at all.")
    tab_to(page, "fi")
    with page.expect_event("filechooser"):
        press(page, "Space")
    expect(page.locator("[name=fi]")).to_have_value(re.compile("me.png"))
    tab_to(page, "co")
    press(page, "Space")
    tab_to(page, "_go=send")
    press(page, "Enter")
    heading(page, "Thank you")

    (answers,) = site.stored(link)
    photo = answers.pop("fi")
    assert photo["value"]["name"] == "me.png"
    assert answers == {
        "r1": {"value": 2},
        "why": {"value": "The queue."},
        "r2": {"value": 2},
        "r3": {"value": 3},
        "n1": {"value": 7},
        "c1": {"value": 4},
        "e1": {"value": 6},
        "m1.kind": {"value": 4},
        "m1.quick": {"missing": "dont_know"},
        "m1.know": {"value": 5},
        "m2.clean": {"value": 2},
        "m2.warm": {"value": 4},
        "ch1": {"value": "else", "other": "At the fair"},
        "ch2": {"value": ["a", "c"]},
        "rk": {"value": ["time", "price", "service"]},
        "cs": {"value": {"price": 60, "time": 40}},
        "yn": {"value": "yes"},
        "nu": {"value": 3},
        "da": {"value": "2026-07-14"},
        "ti": {"value": "09:30"},
        "du": {"value": 4500},
        "st": {"value": "Anna"},
        "lt": {"value": "Nothing at all."},
        "co": {"value": "given"},
    }


def test_each_link_of_the_summary_leads_to_its_field(site: Site, page: Page) -> None:
    page.goto(site.link(every_type()))
    page.locator(".send button").first.click()
    expect(page.locator(".summary")).to_be_focused()
    links = page.locator(".summary a")
    names = [str(one.get_attribute("href")).removeprefix("#a-") for one in links.all()]
    assert len(names) == 24
    for number, name in enumerate(names):
        links.nth(number).focus()
        press(page, "Enter")
        field = at(page).split("=")[0]
        assert field == name or field.startswith(f"{name}."), name


def test_enter_goes_on_without_a_script_too(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    link = site.link(every_type(paging="questions"))
    page.goto(f"{link}?page=st")
    page.locator("[name=st]").fill("Anna")
    page.locator("[name=st]").press("Enter")
    expect(page.locator("[name=lt]")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()


def test_a_question_that_appears_is_next_in_order(site: Site, page: Page) -> None:
    page.goto(site.link(every_type()))
    fill(page, {"r1": ["4"]})
    page.locator("[name=r1][value='4']").focus()
    press(page, "ArrowLeft", "ArrowLeft")
    expect(page.locator("[name=why]")).to_be_visible()
    press(page, "Tab")
    assert at(page) == "why"
    press(page, "Shift+Tab", "ArrowRight")
    expect(page.locator("[name=why]")).to_be_hidden()
    press(page, "Tab")
    assert at(page).startswith("r2")
