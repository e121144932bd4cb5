"""A customer answers in a browser that runs no script: all that the page can do, it does so too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.questionnaires import definition
from tests.respond.asking import CHOICES, OPTIONAL, RATINGS, every_type
from tests.respond.filling import PNG, fill, heading, press
from tests.respond.routed import routed
from tests.respond.site import Site

PICKED = {"rating", "nps", "csat", "ces", "matrix", "choice", "yes_no"}


@pytest.fixture(scope="module")
def customer(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def test_several_pages_with_conditions_another_device_and_a_file(
    site: Site, customer: Page, browser: Browser
) -> None:
    link = site.link(routed(paging="sections"))
    customer.goto(link)
    expect(customer.get_by_text("Page 1 of 3 at most")).to_be_visible()
    expect(customer.get_by_text("What went wrong?")).to_be_hidden()

    # Another language keeps what was typed and not sent.
    fill(customer, {"q1": ["4"], "where": ["else"], "where__other": ["the fair"]})
    press(customer, "Deutsch")
    heading(customer, "Ihr Besuch")
    expect(customer.get_by_role("radiogroup", name=re.compile("Wie war es"))).to_be_visible()
    expect(customer.locator("[name=q1][value='4']")).to_be_checked()
    expect(customer.locator("[name=where__other]")).to_have_value("the fair")
    press(customer, "English")
    heading(customer, "How was your visit?")

    # What is asked only because of these answers comes in a second step.
    fill(customer, {"q1": ["2"]})
    press(customer, "Next")
    expect(customer.get_by_role("status")).to_contain_text("something more to ask")
    why = customer.get_by_label("What went wrong?")
    why.fill("The queue.")
    press(customer, "Next")
    heading(customer, "We are sorry")
    press(customer, "Back")
    expect(why).to_have_value("The queue.")
    press(customer, "Next")
    customer.get_by_label("Yes").check()
    press(customer, "Save and go on later")
    heading(customer, "Your answers so far are saved")
    assert site.stored(link) == []

    # Later, on another device.
    context = browser.new_context(java_script_enabled=False)
    other = context.new_page()
    other.goto(link)
    heading(other, "At last")
    place = other.get_by_label("What about the fair?")
    place.fill("Nice.")
    fill(other, {"saw": ["a", "none"]})
    other.locator("input[type=file]").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": PNG}
    )
    press(other, "Send my answers")
    expect(other.locator("#e-saw")).to_contain_text("does not go together with other answers")
    expect(place).to_have_value("Nice.")
    expect(other.get_by_label("Alarms")).to_be_checked()
    expect(other.get_by_label("Keep me.png")).to_be_checked()
    other.get_by_label("Nothing").uncheck()
    press(other, "Send my answers")
    heading(other, "Thank you")
    context.close()

    (answers,) = site.stored(link)
    assert answers["where"] == {"value": "else", "other": "the fair"}
    assert answers["why"] == {"value": "The queue."}
    assert answers["again"] == {"value": "yes"}
    assert answers["saw"] == {"value": ["a"]}
    assert answers["photo"]["value"]["name"] == "me.png"
    assert answers["photo"]["value"]["size"] == len(PNG)


def test_a_page_that_is_left_out_and_an_answer_that_is_not_asked_any_more(
    site: Site, customer: Page
) -> None:
    link = site.link(routed(paging="sections"))
    customer.goto(link)
    fill(customer, {"q1": ["1"]})
    press(customer, "Next")
    customer.get_by_label("What went wrong?").fill("All of it.")
    press(customer, "Next")
    heading(customer, "We are sorry")
    press(customer, "Back")
    fill(customer, {"q1": ["5"]})
    press(customer, "Next")
    heading(customer, "At last")
    press(customer, "Send my answers")
    heading(customer, "Thank you")
    (answers,) = site.stored(link)
    assert answers["why"] == answers["again"] == {"missing": "not_shown"}


def test_one_page_asks_what_was_hidden_in_a_second_step(site: Site, customer: Page) -> None:
    link = site.link(routed())
    customer.goto(link)
    expect(customer.get_by_text("Will you come again?")).to_be_hidden()
    fill(customer, {"q1": ["2"], "place": ["Nice."]})
    press(customer, "Send my answers")
    expect(customer.get_by_role("status")).to_contain_text("something more to ask")
    assert site.stored(link) == []
    expect(customer.get_by_text("Will you come again?")).to_be_visible()
    customer.get_by_label("What went wrong?").fill("The queue.")
    press(customer, "Send my answers")
    heading(customer, "Thank you")
    (answers,) = site.stored(link)
    assert answers["why"] == {"value": "The queue."}
    assert answers["again"] == {"missing": "skipped"}
    assert answers["place"] == {"value": "Nice."}


def test_two_tabs_that_say_different_things(site: Site, customer: Page) -> None:
    link = site.link(routed(paging="sections"))
    tab = customer.context.new_page()
    for one in (customer, tab):
        one.goto(link)
    fill(tab, {"q1": ["4"], "where": ["shop"]})
    press(tab, "Next")
    heading(tab, "At last")
    tab.close()
    fill(customer, {"q1": ["5"], "where": ["else"], "where__other": ["the fair"]})
    press(customer, "Next")
    heading(customer, "You have answered this in two places")
    groups = customer.get_by_role("radiogroup")
    expect(groups).to_have_count(2)
    expect(groups.nth(0)).to_contain_text(re.compile(r"On this page\s*5\s*Saved meanwhile\s*4"))
    expect(groups.nth(1)).to_contain_text(re.compile(r"the fair\s*Saved meanwhile\s*In the shop"))
    groups.nth(0).get_by_label("Saved meanwhile").check()
    press(customer, "Keep what I chose")
    heading(customer, "At last")
    press(customer, "Send my answers")
    heading(customer, "Thank you")
    (answers,) = site.stored(link)
    assert answers["q1"] == {"value": 4}
    assert answers["where"] == {"value": "else", "other": "the fair"}


def test_answers_that_were_sent_are_changed(site: Site, customer: Page) -> None:
    link = site.link(definition(paging="sections"), answers_may_change=True)
    customer.goto(link)
    fill(customer, {"q1": ["2"]})
    press(customer, "Next")
    fill(customer, {"q5": ["Nothing."]})
    press(customer, "Send my answers")
    heading(customer, "Thank you")
    customer.goto(link)
    press(customer, "Change my answers")
    expect(customer.locator("[name=q1][value='2']")).to_be_checked()
    fill(customer, {"q1": ["3"]})
    press(customer, "Keep what I sent before")
    heading(customer, "Thank you")
    assert len(site.stored(link)) == 1
    press(customer, "Change my answers")
    fill(customer, {"q1": ["5"]})
    press(customer, "Next")
    press(customer, "Send my answers")
    heading(customer, "Thank you")
    first, second = site.stored(link)
    assert [first["q1"], second["q1"]] == [{"value": 2}, {"value": 5}]
    assert second["q5"] == {"value": "Nothing."}


def test_every_type_that_is_refused_is_shown_with_what_was_typed(
    site: Site, customer: Page
) -> None:
    link = site.link(every_type())
    customer.goto(link)
    typed = {
        "nu": ["a few"],
        "du.hours": ["x"],
        "rk.price": ["1"],
        "rk.time": ["1"],
        "cs.price": ["60"],
        "m1.kind": ["4"],
        "ch1__other": ["the fair"],
    }
    fill(customer, typed)
    press(customer, "Send my answers")
    for question in ("nu", "du", "rk", "cs", "m1.quick"):
        expect(customer.locator(f"[id='e-{question}']")).to_be_visible()
    for name, (value,) in typed.items():
        if name == "m1.kind":
            expect(customer.locator("[name='m1.kind'][value='4']")).to_be_checked()
        else:
            expect(customer.locator(f"[name='{name}']")).to_have_value(value)


def test_a_choice_is_taken_back(site: Site, customer: Page) -> None:
    link = site.link(definition(sections=OPTIONAL))
    customer.goto(link)
    back = customer.get_by_label("No answer")
    expect(back).to_be_hidden()
    customer.get_by_label("In the shop").check()
    back.check()
    fill(customer, {"more": ["No."]})
    press(customer, "Send my answers")
    heading(customer, "Thank you")
    [answers] = site.stored(link)
    assert answers == {
        "where": {"missing": "skipped"},
        "then": {"missing": "not_shown"},
        "more": {"value": "No."},
    }


def test_words_beside_a_choice_that_is_taken_back_are_asked_about(
    site: Site, customer: Page
) -> None:
    link = site.link(definition(sections=OPTIONAL))
    customer.goto(link)
    fill(customer, {"where": ["else"], "where__other": ["the fair"], "more": ["No."]})
    customer.get_by_label("No answer").check()
    press(customer, "Send my answers")
    expect(customer.locator("#e-where")).to_contain_text("remove what you wrote")
    expect(customer.get_by_label("No answer")).to_be_checked()
    fill(customer, {"where__other": [""]})
    press(customer, "Send my answers")
    heading(customer, "Thank you")
    [answers] = site.stored(link)
    assert answers["where"] == {"missing": "skipped"}


def test_what_need_not_be_answered_can_be_taken_back_and_nothing_else(
    site: Site, customer: Page
) -> None:
    picked = [
        one for one in (*RATINGS, *CHOICES) if one["type"] in PICKED and not one.get("multiple")
    ]
    assert {one["type"] for one in picked} == PICKED
    for required in (False, True):
        questions = [
            {name: value for name, value in one.items() if name != "show_if"}
            | {"required": required}
            for one in picked
        ]
        link = site.link(definition(sections=[{"id": "s", "title": "S", "questions": questions}]))
        customer.goto(link)
        groups = customer.get_by_role("radiogroup")
        assert groups.count() > len(picked)  # The rows of a matrix are groups too.
        backs = customer.locator(".undo input")
        expect(backs).to_have_count(0 if required else groups.count())
        if required:
            continue
        for group in groups.all():
            height = customer.evaluate("document.body.scrollHeight")
            group.locator("input").nth(1).check(force=True)
            # Nothing moves under the pointer.
            assert customer.evaluate("document.body.scrollHeight") == height
            group.locator(".undo input").check()
        press(customer, "Send my answers")
        expect(customer.get_by_text("You have not answered anything yet")).to_be_visible()
        assert site.stored(link) == []
