"""The stopwatch in a real browser: what its script adds to the forms."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from survey_app.db import db
from survey_app.visits.models import Visit
from tests.factories.workplaces import let_sign_in, make_process, make_workplace


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the app answers browsers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(
    app: Flask, address: str, browser: Browser, signed_in: Callable[[str], FlaskClient]
) -> Iterator[Page]:
    """A representative's phone, on the page that starts a visit."""
    cookie = signed_in("representative").get_cookie("session")
    assert cookie is not None
    with app.app_context():
        make_workplace()
        make_process()
        let_sign_in("anna", "representative@example.org")
        db.session.commit()
    context = browser.new_context(viewport={"width": 375, "height": 667})
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/visits/new")
    yield page
    context.close()
    assert not complaints


def tap(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def start(page: Page) -> None:
    """Start the visit and wait for its page, with all that it shows itself by."""
    tap(page, "Start the visit")
    page.wait_for_url(re.compile(r"/visits/[0-9a-f-]{36}$"))


def seconds_of(app: Flask) -> list[float]:
    """Seconds from the start to each stage that was reached."""
    with app.app_context():
        visit = db.session.query(Visit).one()
        return [(event.at - visit.started_at) / timedelta(seconds=1) for event in visit.events]


def test_taps_are_measured_on_the_phone(app: Flask, phone: Page) -> None:
    start(phone)
    began = time.time()
    expect(phone.locator("#stopwatch")).to_have_text(re.compile("0:00:0[2-9]"))
    tap(phone, "Arrived")
    # The browser's clock is this machine's; the page itself is on its way to the next one.
    tapped = time.time()
    expect(phone.get_by_role("button", name="Questions answered", exact=True)).to_be_visible()
    shown = phone.locator("#stopwatch").inner_text()
    # The time runs on from one page to the next.
    assert shown >= "0:00:02"
    (seconds,) = seconds_of(app)
    assert 2.0 <= seconds <= tapped - began + 2.0
    # Milliseconds come from the script; the server's clock has microseconds.
    assert round(seconds, 3) == seconds


def test_a_tap_without_connection_is_kept_with_its_time(app: Flask, phone: Page) -> None:
    start(phone)
    phone.context.set_offline(True)
    tap(phone, "Arrived")
    told = phone.get_by_role("alert")
    expect(told).to_contain_text("No connection. Your tap at")
    at_tap = phone.locator("#stopwatch").inner_text()
    expect(phone.locator("#stopwatch")).not_to_have_text(at_tap, timeout=10_000)
    phone.wait_for_timeout(1500)
    assert seconds_of(app) == []
    kept = float(phone.locator("form.tap input[name=elapsed]").first.input_value())
    phone.context.set_offline(False)
    tap(phone, "Arrived")
    expect(phone.get_by_role("button", name="Questions answered", exact=True)).to_be_visible()
    assert seconds_of(app) == [pytest.approx(kept, abs=0.0005)]


def test_a_tap_that_the_server_could_not_take_keeps_its_time(app: Flask, phone: Page) -> None:
    start(phone)
    phone.route("**/stage", lambda route: route.fulfill(status=503, body="busy"))
    tap(phone, "Arrived")
    expect(phone.get_by_role("alert")).to_contain_text("The server could not take it. Your tap at")
    kept = float(phone.locator("form.tap input[name=elapsed]").first.input_value())
    phone.wait_for_timeout(1500)
    phone.unroute("**/stage")
    tap(phone, "Arrived")
    expect(phone.get_by_role("button", name="Questions answered", exact=True)).to_be_visible()
    assert seconds_of(app) == [pytest.approx(kept, abs=0.0005)]


def test_a_tap_on_a_page_gone_stale_shows_how_the_visit_ended(phone: Page) -> None:
    start(phone)
    other = phone.context.new_page()
    other.goto(phone.url)
    tap(other, "Customer left")
    expect(other.get_by_role("link", name="Start another visit")).to_be_visible()
    tap(phone, "Customer was called back")
    expect(phone.get_by_role("status")).to_contain_text("has ended already: customer left")


def test_a_refused_tap_says_why_and_the_stopwatch_runs_on(app: Flask, phone: Page) -> None:
    start(phone)
    phone.locator("form.tap input[name=outcome]").first.evaluate("field => field.value = 'asleep'")
    tap(phone, "Customer was called back")
    expect(phone.get_by_role("alert")).to_contain_text("'asleep' is no outcome")
    expect(phone.get_by_role("button", name="Customer left", exact=True)).to_be_enabled()


def test_the_main_button_is_large_and_the_page_fits_the_phone(phone: Page) -> None:
    start(phone)
    box = phone.get_by_role("button", name="Arrived", exact=True).bounding_box()
    assert box is not None
    assert box["height"] >= 80
    assert box["width"] >= 300
    assert box["y"] + box["height"] < 667
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
