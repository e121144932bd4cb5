"""What the script does with the page of an open link: whoever has begun stays one person, whatever
becomes of the connection and whichever way they go."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select

from survey_app.db import db
from survey_app.invite.models import Invitation, OpenLink
from survey_app.respond.models import Response
from tests.factories.open_links import add_open_link
from tests.factories.questionnaires import add_version, definition
from tests.respond.filling import fill, heading, lose_answer, press
from tests.respond.site import Site

LOST = "There is no connection just now"
OWN_LINK = re.compile(r"/r/[^/]+\?page=")
# Longer than a robot takes.
LOOK_MS = 2100


@pytest.fixture
def key(site: Site) -> str:
    """The key of an open link to a questionnaire of two pages."""
    site.count += 1
    key = f"key{site.count}"
    with site.app.app_context():
        version = add_version(definition(key=f"open_{site.count}", paging="sections"))
        add_open_link(version, key=key)
        db.session.commit()
    return key


@pytest.fixture
def page(browser: Browser, site: Site, key: str) -> Iterator[Page]:
    """The first page, looked at for as long as people do."""
    context: BrowserContext = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.address}/p/{key}")
    page.wait_for_timeout(LOOK_MS)
    yield page
    context.close()


def answers(site: Site, key: str) -> list[dict[str, object]]:
    """What was sent by everybody who came by a link, question to value."""
    of_link = (
        select(Response.answers)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(OpenLink, OpenLink.id == Invitation.open_link_id)
        .where(OpenLink.key == key)
    )
    with site.app.app_context():
        return [
            {name: one["value"] for name, one in sent.items() if "value" in one}
            for sent in db.session.scalars(of_link)
        ]


def people(site: Site, key: str) -> int:
    with site.app.app_context():
        return (
            db.session.query(Invitation)
            .join(OpenLink, OpenLink.id == Invitation.open_link_id)
            .filter(OpenLink.key == key)
            .count()
        )


def finish(page: Page, number: str = "12") -> None:
    fill(page, {"q4": [number]})
    press(page, "Send my answers")
    heading(page, "Thank you")


def test_who_reloads_after_a_lost_answer_is_known_again(site: Site, key: str, page: Page) -> None:
    lose_answer(page)
    fill(page, {"q1": ["4"]})
    press(page, "Next")
    expect(page.get_by_text(LOST)).to_be_visible()
    assert people(site, key) == 1
    page.reload()
    expect(page.locator('[name="q1"][value="4"]')).to_be_checked()
    press(page, "Next")
    expect(page).to_have_url(OWN_LINK)
    finish(page)
    assert people(site, key) == 1
    assert answers(site, key) == [{"q1": 4, "q4": 12}]


def test_whoever_removes_what_was_kept_begins_with_a_page_of_their_own(
    site: Site, key: str, page: Page
) -> None:
    lose_answer(page)
    fill(page, {"q1": ["4"]})
    press(page, "Next")
    expect(page.get_by_text(LOST)).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Remove").click()
    page.wait_for_timeout(LOOK_MS)
    fill(page, {"q1": ["1"]})
    press(page, "Next")
    expect(page).to_have_url(OWN_LINK)
    finish(page)
    assert people(site, key) == 2
    assert answers(site, key) == [{"q1": 1, "q4": 12}]


def test_back_leads_to_ones_own_first_page(site: Site, key: str, page: Page) -> None:
    fill(page, {"q1": ["4"]})
    press(page, "Next")
    expect(page.locator('[name="q4"]')).to_be_visible()
    page.go_back()
    expect(page.locator('[name="q1"][value="4"]')).to_be_checked()
    expect(page).to_have_url(OWN_LINK)
    fill(page, {"q1": ["5"]})
    press(page, "Next")
    finish(page)
    assert people(site, key) == 1
    assert answers(site, key) == [{"q1": 5, "q4": 12}]


def test_what_could_not_be_sent_from_the_second_page_is_there_after_a_reload(
    site: Site, key: str, page: Page
) -> None:
    fill(page, {"q1": ["4"]})
    press(page, "Next")
    fill(page, {"q4": ["17"]})
    page.context.set_offline(True)
    press(page, "Send my answers")
    expect(page.get_by_text(LOST)).to_be_visible()
    page.route("**/r/*", lambda route: route.abort() if is_post(route) else route.continue_())
    page.context.set_offline(False)
    page.reload()
    expect(page.locator('[name="q4"]')).to_have_value("17")
    page.unroute_all()
    press(page, "Send my answers")
    heading(page, "Thank you")
    assert answers(site, key) == [{"q1": 4, "q4": 17}]


def is_post(route: Route) -> bool:
    return route.request.method == "POST"
