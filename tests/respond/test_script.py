"""What the customer's page does more with its script, in a real browser, with and without a
connection; and that it asks nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.factories.questionnaires import definition
from tests.respond.asking import every_type
from tests.respond.filling import PNG, fill, heading, press
from tests.respond.routed import routed
from tests.respond.site import Site

THANKS = "Thank you"
LOST = "There is no connection just now"
KEPT = "() => localStorage.getItem(`soundings ${location.pathname}`)"


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    context.set_offline(False)
    page.close()


def lose_answer(page: Page) -> None:
    """Let the next post reach the server, and its answer never the browser."""

    def go(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route("**/r/*", go, times=1)


def test_conditions_show_and_hide_at_once_and_hidden_answers_are_not_sent(
    site: Site, page: Page
) -> None:
    link = site.link(routed())
    page.goto(link)
    why = page.get_by_label("What went wrong?")
    expect(why).to_be_hidden()
    expect(page.get_by_role("heading", name="We are sorry")).to_be_hidden()
    fill(page, {"q1": ["2"]})
    expect(page.get_by_role("heading", name="We are sorry")).to_be_visible()
    why.fill("Never to be sent.")
    page.get_by_label("Yes").check()
    fill(page, {"q1": ["4"]})
    expect(why).to_be_hidden()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        press(page, "Send my answers")
    heading(page, THANKS)
    assert b"Never to be sent" not in (sent.value.post_data_buffer or b"")
    (answers,) = site.stored(link)
    assert answers["why"] == answers["again"] == {"missing": "not_shown"}


def test_an_option_that_stands_alone_clears_the_others_and_a_sum_shows_its_total(
    site: Site, page: Page
) -> None:
    page.goto(site.link(every_type()))
    fill(page, {"ch2": ["a", "c", "none"]})
    checked = page.locator("[name=ch2]:checked")
    assert [one.get_attribute("value") for one in checked.all()] == ["none"]
    fill(page, {"ch2": ["b"]})
    assert [one.get_attribute("value") for one in checked.all()] == ["b"]
    fill(page, {"ch2__missing": ["refused"]})
    expect(checked).to_have_count(0)
    fill(page, {"cs.price": ["60"], "cs.time": ["٣٠"]})
    expect(page.locator("output")).to_have_text("90 / 100")
    fill(page, {"ch1": ["shop"], "ch1__other": ["At the fair"]})
    expect(page.locator("[name=ch1][value=else]")).to_be_checked()


def test_without_a_connection_answers_are_kept_and_sent_once_when_there_is_one(
    site: Site, page: Page, context: BrowserContext
) -> None:
    link = site.link(definition())
    page.goto(link)
    fill(page, {"q1": ["4"], "q5": ["First."]})
    context.set_offline(True)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    # A second try, and a change of mind after it, while there is still no connection.
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    fill(page, {"q5": ["Second."]})
    assert site.stored(link) == []
    context.set_offline(False)
    heading(page, THANKS)
    (answers,) = site.stored(link)
    assert answers["q5"] == {"value": "Second."}
    assert page.evaluate(KEPT) is None
    # Nothing is left that would be sent with the next connection.
    context.set_offline(True)
    context.set_offline(False)
    page.wait_for_timeout(300)
    heading(page, THANKS)


def test_a_page_that_is_closed_without_a_connection_has_its_answers_again(
    site: Site, page: Page, context: BrowserContext
) -> None:
    link = site.link(definition(paging="sections"))
    page.goto(link)
    fill(page, {"q1": ["4"]})
    press(page, "Next")
    expect(page.locator("[name=q5]")).to_be_visible()
    fill(page, {"q5": ["Kept."]})
    context.set_offline(True)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    fill(page, {"q4": ["7"]})
    page.close()
    context.set_offline(False)
    again = context.new_page()
    for _ in range(2):
        # Looked at and closed once more without sending: it is still kept.
        again.goto(link)
        expect(again.get_by_role("status")).to_contain_text("kept on this device")
        expect(again.locator("[name=q5]")).to_have_value("Kept.")
        expect(again.locator("[name=q4]")).to_have_value("7")
    press(again, "Send my answers")
    heading(again, THANKS)
    (answers,) = site.stored(link)
    assert [answers[name] for name in ("q1", "q4", "q5")] == [
        {"value": 4},
        {"value": 7},
        {"value": "Kept."},
    ]
    assert again.evaluate(KEPT) is None
    again.close()


def test_what_was_kept_does_not_overwrite_what_was_saved_elsewhere_since(
    site: Site, page: Page, context: BrowserContext, browser: Browser
) -> None:
    link = site.link(definition(paging="sections"))
    page.goto(link)
    fill(page, {"q1": ["4"]})
    context.set_offline(True)
    press(page, "Next")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    page.close()
    elsewhere = browser.new_page()
    elsewhere.goto(link)
    fill(elsewhere, {"q1": ["2"], "q2": ["shop"]})
    press(elsewhere, "Save and go on later")
    heading(elsewhere, "saved")
    elsewhere.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(link)
    expect(again.locator("[name=q1][value='4']")).to_be_checked()
    press(again, "Next")
    heading(again, "You have answered this in two places")
    again.close()


@pytest.mark.parametrize("restart", [False, True])
def test_a_post_that_arrived_while_its_answer_was_lost_is_stored_once(
    site: Site, page: Page, restart: bool
) -> None:
    link = site.link(definition())
    page.goto(link)
    fill(page, {"q1": ["4"]})
    lose_answer(page)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    assert len(site.stored(link)) == 1
    if restart:
        page.goto(link)
    else:
        press(page, "Try again now")
    expect(page.get_by_text("Your answers have reached us already")).to_be_visible()
    assert len(site.stored(link)) == 1
    assert page.evaluate(KEPT) is None


def test_a_saved_page_of_which_the_answer_was_lost_is_gone_on_from(site: Site, page: Page) -> None:
    link = site.link(definition(paging="sections"))
    page.goto(link)
    fill(page, {"q1": ["4"]})
    lose_answer(page)
    press(page, "Next")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    page.goto(link)
    expect(page.get_by_label("How long did you wait?")).to_be_visible()
    press(page, "Send my answers")
    heading(page, THANKS)
    (answers,) = site.stored(link)
    assert answers["q1"] == {"value": 4}


def test_a_file_is_sent_and_the_words_beside_it_survive_a_lost_connection(
    site: Site, page: Page, context: BrowserContext
) -> None:
    link = site.link(routed(paging="sections"))
    page.goto(link)
    fill(page, {"q1": ["5"]})
    press(page, "Next")
    picture = {"name": "me.png", "mimeType": "image/png", "buffer": PNG}
    page.locator("[name=place]").fill("Nice.")
    context.set_offline(True)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(link)
    expect(again.locator("[name=place]")).to_have_value("Nice.")
    again.locator("input[type=file]").set_input_files(picture)
    press(again, "Send my answers")
    heading(again, THANKS)
    (answers,) = site.stored(link)
    assert answers["photo"]["value"]["name"] == "me.png"
    assert answers["place"] == {"value": "Nice."}
    again.close()


def test_answers_that_are_too_long_altogether_stay_on_the_page(site: Site, page: Page) -> None:
    page.goto(site.link(definition()))
    fill(page, {"q1": ["4"]})
    # Hidden, since laying it out takes the browser half a minute.
    page.locator("[name=q5]").evaluate(
        "field => { field.hidden = true; field.value = 'x'.repeat(2200000); }"
    )
    page.evaluate("() => document.querySelector('.send button').click()")
    expect(page.locator("#connection")).to_contain_text("shorten")
    assert page.locator("[name=q5]").evaluate("field => field.value.length") == 2_200_000


def test_two_quick_clicks_store_once(site: Site, page: Page) -> None:
    link = site.link(definition())
    page.goto(link)
    fill(page, {"q1": ["4"]})
    page.get_by_role("button", name="Send my answers").dblclick()
    heading(page, THANKS)
    expect(page.get_by_text("Your answers have arrived")).to_be_visible()
    assert len(site.stored(link)) == 1


def test_the_first_page_is_small_and_nobody_else_is_asked(site: Site, browser: Browser) -> None:
    page = browser.new_page()
    trouble: list[str] = []
    requests: list[Any] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: requests.append(request))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', one => console.error(one.violatedDirective))"
    )
    link = site.link(definition())
    page.goto(link, wait_until="networkidle")
    loaded = [one for one in requests if not one.url.startswith("data:")]
    assert len(loaded) <= 3
    sizes = [one.sizes() for one in loaded]
    size = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
    assert size <= 30_000
    fill(page, {"q1": ["4"]})
    press(page, "Send my answers")
    heading(page, THANKS)
    page.goto(site.link(routed(paging="sections")))
    fill(page, {"q1": ["1"]})
    press(page, "Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.locator(".send button").first.click()
    expect(page.get_by_text("Will you come again?")).to_be_visible()
    assert trouble == []
    assert {one.url.split("/")[2] for one in requests if one.url.startswith("http")} == {
        site.address.split("/")[2]
    }
    page.context.close()
