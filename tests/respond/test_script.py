"""What the customer's page does more with its script, in a real browser, with and without a
connection; and that it asks nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.factories.questionnaires import definition
from tests.respond.asking import OPTIONAL, every_type
from tests.respond.filling import PNG, fill, heading, lose_answer, press
from tests.respond.routed import routed
from tests.respond.site import Site

THANKS = "Thank you"
LOST = "There is no connection just now"
KEPT = "Object.entries(localStorage).filter(([name]) => name.startsWith('soundings '))"
NOTHING_KEPT = f"() => {KEPT}.length === 0"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


# A page of a questionnaire of which one question depends on another page.
FOLLOWED: list[dict[str, Any]] = [
    {
        "id": "first",
        "title": "First",
        "questions": [
            {"id": "visits", "type": "yes_no", "text": "Were you here before?"},
            {"id": "words", "type": "text", "text": "In a few words?"},
        ],
    },
    {
        "id": "second",
        "title": "Second",
        "questions": [
            {
                "id": "when",
                "type": "text",
                "lines": 1,
                "text": "When was that?",
                "show_if": {"question": "visits", "equals": "yes"},
            },
            {"id": "more", "type": "text", "text": "Anything else?"},
            {"id": "photo", "type": "file", "text": "Have you a picture?"},
        ],
    },
]


def followed() -> dict[str, Any]:
    return definition(sections=FOLLOWED, paging="sections")


def answer_with(page: Page, status: int, body: str, times: int | None = None) -> None:
    """Let posts be answered so, without reaching the server."""

    def go(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")
        else:
            route.fallback()

    page.route("**/r/*", go, times=times)


def beaten(route: Route, link: str) -> None:
    """Answer a post as the server does where another one was saved in that very moment."""
    location = f"{link}?page=first&note=again"
    route.fulfill(status=303, headers={"Location": location})


def save_elsewhere(browser: Browser, link: str, answers: dict[str, list[str]]) -> None:
    """Answer the first page with these on another device."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{link}?page=first")
    fill(page, answers)
    press(page, "Next")
    heading(page, "Second")
    context.close()


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
    # A second try, after a change of mind, while there is still no connection.
    fill(page, {"q5": ["Second."]})
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    assert site.stored(link) == []
    context.set_offline(False)
    heading(page, THANKS)
    (answers,) = site.stored(link)
    assert answers["q5"] == {"value": "Second."}
    page.wait_for_function(NOTHING_KEPT)
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
    again.wait_for_function(NOTHING_KEPT)
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
    page.wait_for_function(NOTHING_KEPT)


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


def test_nothing_can_be_typed_while_a_page_is_sent(site: Site, page: Page) -> None:
    page.goto(site.link(followed()))
    words = page.locator("[name=words]")
    words.fill("Sent.")
    asked: list[Route] = []
    page.route("**/r/*", lambda route: asked.append(route), times=1)
    words.focus()
    page.evaluate("() => document.querySelector('.send button').click()")
    expect(page.get_by_role("status")).to_have_text("Sending …")
    page.keyboard.type(" Typed on.")
    assert words.input_value() == "Sent."
    assert words.evaluate("field => field.closest('[aria-busy=true]') !== null")
    asked[0].abort()
    # What fails gives the page back, at the place where it was left.
    expect(page.get_by_role("status")).to_contain_text(LOST)
    expect(words).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" Typed on.")
    assert words.input_value() == "Sent. Typed on."
    assert words.evaluate("field => field.closest('[aria-busy=true]') === null")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, "<!doctype html><title>No</title><main><h1>Forbidden</h1><p>By policy.</p></main>"),
        (200, "<!doctype html><title>Hotel</title><main><h1>Sign in</h1><form></form></main>"),
        (502, "Bad gateway"),
    ],
)
def test_an_answer_that_is_not_ours_is_no_answer(
    site: Site, page: Page, status: int, body: str
) -> None:
    link = site.link(definition())
    page.goto(link)
    fill(page, {"q1": ["4"], "q5": ["Typed."]})
    answer_with(page, status, body, times=1)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    expect(page.locator("[name=q5]")).to_have_value("Typed.")
    assert "Typed." in str(page.evaluate(KEPT))
    press(page, "Try again now")
    heading(page, THANKS)
    page.wait_for_function(NOTHING_KEPT)
    (answers,) = site.stored(link)
    assert answers["q5"] == {"value": "Typed."}


def test_back_and_forward_lead_through_the_pages_and_lose_nothing(site: Site, page: Page) -> None:
    link = site.link(followed())
    page.goto("about:blank")
    page.goto(link)
    fill(page, {"visits": ["yes"], "words": ["One."]})
    press(page, "Next")
    heading(page, "Second")
    picture = {"name": "me.png", "mimeType": "image/png", "buffer": PNG}
    page.locator("[name=photo]").set_input_files(picture)
    page.locator("[name=more]").fill("Not sent.")
    page.go_back()
    heading(page, "First")
    expect(page.locator("[name=words]")).to_have_value("One.")
    page.locator("[name=words]").fill("Two.")
    page.go_forward()
    expect(page.locator("[name=more]")).to_have_value("Not sent.")
    assert page.locator("[name=photo]").evaluate("field => field.files[0].name") == "me.png"
    page.go_back()
    expect(page.locator("[name=words]")).to_have_value("Two.")
    press(page, "Next")
    expect(page.locator("[name=more]")).to_have_value("Not sent.")
    press(page, "Send my answers")
    heading(page, THANKS)
    (answers,) = site.stored(link)
    assert answers["words"] == {"value": "Two."}
    assert answers["more"] == {"value": "Not sent."}
    # Of what was sent there is no way back into the fields.
    page.go_back()
    expect(page.get_by_text("Your answers have reached us already")).to_be_visible()
    page.go_back()
    page.wait_for_url("about:blank")


def test_a_page_that_comes_back_is_one_place_in_the_history(site: Site, page: Page) -> None:
    page.goto("about:blank")
    page.goto(site.link(routed(paging="sections")))
    fill(page, {"where": ["else"], "where__other": ["the fair"]})
    press(page, "Next")
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    # A link within the page makes a place too, and is no journey to another page.
    summary.get_by_role("link").first.click()
    expect(page.locator("[name=where__other]")).to_have_value("the fair")
    expect(summary).to_be_visible()
    fill(page, {"q1": ["4"]})
    press(page, "Next")
    heading(page, "At last")
    page.go_back()
    expect(page.locator("[name=where__other]")).to_have_value("the fair")
    page.go_back()
    expect(page.locator("[name=where__other]")).to_have_value("the fair")
    page.go_back()
    page.wait_for_url("about:blank")


def test_what_the_server_has_since_is_not_covered_by_what_was_typed_before(
    site: Site, page: Page, browser: Browser
) -> None:
    link = site.link(followed())
    page.goto(link)
    fill(page, {"words": ["One."]})
    press(page, "Next")
    heading(page, "Second")
    page.go_back()
    heading(page, "First")
    fill(page, {"words": ["Two."]})
    page.go_forward()
    heading(page, "Second")
    save_elsewhere(browser, link, {"words": ["Elsewhere."]})
    page.go_back()
    expect(page.locator("[name=words]")).to_have_value("Elsewhere.")


def test_without_a_connection_going_back_stays_and_says_so(
    site: Site, page: Page, context: BrowserContext
) -> None:
    page.goto(site.link(followed()))
    press(page, "Next")
    heading(page, "Second")
    fill(page, {"more": ["Not sent."]})
    context.set_offline(True)
    page.evaluate("history.back()")
    expect(page.get_by_role("status")).to_contain_text("cannot be shown just now")
    expect(page.locator("[name=more]")).to_have_value("Not sent.")
    context.set_offline(False)
    press(page, "Try again now")
    heading(page, "First")


def test_words_typed_after_the_click_are_not_sent_by_themselves(
    site: Site, page: Page, context: BrowserContext
) -> None:
    link = site.link(definition())
    page.goto(link)
    fill(page, {"q1": ["4"], "q5": ["Meant."]})
    context.set_offline(True)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    fill(page, {"q5": ["Not meant yet."]})
    assert "Not meant yet." in str(page.evaluate(KEPT))
    context.set_offline(False)
    expect(page.get_by_role("status")).to_contain_text("There is a connection again")
    assert site.stored(link) == []
    press(page, "Send my answers")
    heading(page, THANKS)
    (answers,) = site.stored(link)
    assert answers["q5"] == {"value": "Not meant yet."}


def test_words_typed_after_the_click_are_looked_over_on_another_visit(
    site: Site, page: Page, context: BrowserContext
) -> None:
    link = site.link(followed())
    page.goto(link)
    fill(page, {"words": ["One."]})
    press(page, "Next")
    heading(page, "Second")
    page.go_back()
    heading(page, "First")
    context.set_offline(True)
    press(page, "Next")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    fill(page, {"words": ["Not meant yet."]})
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(link)
    expect(again.get_by_role("status")).to_contain_text("kept on this device")
    expect(again.locator("[name=words]")).to_have_value("Not meant yet.")
    assert (site.saved(link) or {})["words"] == {"value": "One."}
    again.close()


@pytest.mark.parametrize("is_secure", [True, False])
def test_what_is_kept_does_not_name_the_link_and_is_forgotten_after_a_day(
    site: Site, page: Page, context: BrowserContext, is_secure: bool
) -> None:
    link = site.link(definition())
    if not is_secure:
        # As over plain http from another machine.
        context.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    page.goto(link)
    fill(page, {"q5": ["Typed."]})
    context.set_offline(True)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text(LOST)
    (name, _kept), *others = page.evaluate(KEPT)
    assert others == []
    assert len(name.split(",")) == (32 if is_secure else 4)
    assert link.rsplit("/", 1)[1] not in str(page.evaluate(KEPT))
    page.close()
    context.set_offline(False)
    hours = 3_600_000
    again = context.new_page()
    set_back = """([name, ms]) => {
      const kept = JSON.parse(localStorage.getItem(name));
      kept.time -= ms;
      localStorage.setItem(name, JSON.stringify(kept));
    }"""
    # A link that is not complete is a page of ours as well.
    again.goto(f"{link}x")
    again.evaluate(set_back, [name, 23 * hours])
    again.reload()
    again.wait_for_timeout(300)
    assert "Typed." in str(again.evaluate(KEPT))
    again.evaluate(set_back, [name, 1 * hours])
    again.reload()
    again.wait_for_function(NOTHING_KEPT)
    again.goto(link)
    expect(again.locator("[name=q5]")).to_have_value("")
    again.close()


def test_what_is_kept_is_removed_at_once_where_the_person_says_so(
    site: Site, page: Page, context: BrowserContext
) -> None:
    link = site.link(definition())
    page.goto(link)
    fill(page, {"q1": ["4"], "q5": ["Typed."]})
    context.set_offline(True)
    press(page, "Send my answers")
    press(page, "Remove these answers from this device")
    expect(page.get_by_role("status")).to_have_text("These answers were removed from this device.")
    page.wait_for_function(NOTHING_KEPT)
    expect(page.locator("[name=q5]")).to_have_value("")
    context.set_offline(False)
    page.wait_for_timeout(300)
    assert site.stored(link) == []


def test_trouble_of_the_server_is_told_in_its_words_and_tried_less_and_less(
    site: Site, page: Page
) -> None:
    link = site.link(definition())
    page.clock.install()
    page.goto(link)
    fill(page, {"q1": ["4"]})
    told = "We could not store this just now."
    page_of_ours = f"<!doctype html><main data-soundings=''><h1>Oh</h1><p>{told}</p></main>"
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    answer_with(page, 503, page_of_ours)
    page.evaluate("() => document.querySelector('.send button').click()")
    expect(page.get_by_role("status")).to_contain_text(told)
    expect(page.get_by_role("status")).not_to_contain_text(LOST)
    for count, seconds in enumerate((15, 30, 60, 120), 1):
        page.clock.run_for((seconds - 2) * 1000)
        assert len(posts) == count
        with page.expect_response(lambda one: one.request.method == "POST"):
            page.clock.run_for(3_000)
        expect(page.locator(".send")).not_to_have_attribute("aria-busy", "true")
    page.clock.run_for(3_600_000)
    assert len(posts) == 5
    page.unroute("**/r/*")
    press(page, "Try again now")
    heading(page, THANKS)
    assert len(site.stored(link)) == 1


def test_a_page_left_while_the_server_is_in_trouble_is_there_again(site: Site, page: Page) -> None:
    link = site.link(followed())
    page.goto(link)
    press(page, "Next")
    heading(page, "Second")
    fill(page, {"more": ["Typed."]})
    answer_with(page, 503, "<main data-soundings><p>Busy.</p></main>", times=1)
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text("Busy.")
    page.go_back()
    heading(page, "First")
    press(page, "Next")
    expect(page.locator("[name=more]")).to_have_value("Typed.")
    press(page, "Send my answers")
    heading(page, THANKS)
    page.wait_for_function(NOTHING_KEPT)
    (answers,) = site.stored(link)
    assert answers["more"] == {"value": "Typed."}


def test_the_focus_goes_to_the_question_that_came_because_of_what_was_saved_elsewhere(
    site: Site, page: Page, browser: Browser
) -> None:
    link = site.link(followed())
    page.goto(link)
    fill(page, {"words": ["One."]})
    press(page, "Next")
    heading(page, "Second")
    save_elsewhere(browser, link, {"visits": ["yes"]})
    fill(page, {"more": ["Nothing."]})
    press(page, "Send my answers")
    expect(page.get_by_role("status")).to_contain_text("something more to ask")
    expect(page.locator("#q-when")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[name=when]")).to_be_focused()


def test_the_typed_version_outlives_the_choice_between_two(
    site: Site, page: Page, browser: Browser
) -> None:
    link = site.link(followed())
    page.goto(link)
    save_elsewhere(browser, link, {"words": ["Elsewhere."]})
    fill(page, {"words": ["Here."]})
    press(page, "Next")
    heading(page, "You have answered this in two places")
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("kept on this device")
    expect(page.locator("[name=words]")).to_have_value("Here.")
    press(page, "Next")
    heading(page, "You have answered this in two places")
    page.goto(link)
    heading(page, "You have answered this in two places")
    # A choice that does not arrive is made again.
    lost = page.get_by_role("status")
    answer_with(page, 502, "Bad gateway", times=1)
    press(page, "Keep what I chose")
    expect(lost).to_contain_text(LOST)
    assert "Here." in str(page.evaluate(KEPT))
    press(page, "Keep what I chose")
    heading(page, "Second")
    page.wait_for_function(NOTHING_KEPT)
    assert (site.saved(link) or {})["words"] == {"value": "Here."}


def test_what_was_typed_while_others_were_saved_at_the_same_moment_is_still_there(
    site: Site, page: Page, browser: Browser
) -> None:
    link = site.link(followed())
    page.goto(link)
    save_elsewhere(browser, link, {"words": ["Elsewhere."]})
    fill(page, {"words": ["Here."]})
    page.route("**/r/*", lambda route: beaten(route, link), times=1)
    press(page, "Next")
    expect(page.get_by_text("saved in another place at the same moment")).to_be_focused()
    expect(page.locator("[name=words]")).to_have_value("Here.")
    press(page, "Next")
    heading(page, "You have answered this in two places")


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


def test_a_choice_that_is_taken_back_takes_its_words_and_what_came_with_it(
    site: Site, page: Page
) -> None:
    link = site.link(definition(sections=OPTIONAL))
    page.goto(link)
    fill(page, {"where__other": ["the fair"]})
    expect(page.get_by_label("Somewhere else", exact=True)).to_be_checked()
    expect(page.get_by_label("And then?")).to_be_visible()
    words = page.locator("[name=where__other]")
    option = page.get_by_label("Somewhere else", exact=True)
    # Arrow keys choose what they pass, and nothing is lost by that.
    option.press("ArrowDown")
    expect(page.get_by_label("No answer")).to_be_checked()
    expect(page.get_by_label("And then?")).to_be_hidden()
    expect(words).to_have_value("")
    page.get_by_label("No answer").press("ArrowUp")
    expect(option).to_be_checked()
    expect(words).to_have_value("the fair")
    page.get_by_label("No answer").check()
    expect(words).to_have_value("")
    fill(page, {"more": ["No."]})
    press(page, "Send my answers")
    heading(page, "Thank you")
    [answers] = site.stored(link)
    assert answers["where"] == {"missing": "skipped"}
    assert answers["then"] == {"missing": "not_shown"}


def test_words_that_were_removed_from_the_device_do_not_come_back_with_their_choice(
    site: Site, page: Page, context: BrowserContext
) -> None:
    page.goto(site.link(definition(sections=OPTIONAL)))
    fill(page, {"where__other": ["the fair"], "more": ["No."]})
    page.get_by_label("No answer").check()
    context.set_offline(True)
    press(page, "Send my answers")
    press(page, "Remove these answers from this device")
    page.get_by_label("Somewhere else", exact=True).check()
    expect(page.locator("[name=where__other]")).to_have_value("")
