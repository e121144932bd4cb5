"""The page of an open link over HTTP: who looks stores nothing, who answers is somebody new."""

from __future__ import annotations

import copy
import gzip
import io
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from survey_app.db import db
from survey_app.invite.models import Invitation, InvitationToken, OpenLink
from survey_app.respond.models import Response, ResponseDraft
from tests.factories.open_links import KEY, add_open_link
from tests.factories.pages import fields_of
from tests.factories.questionnaires import NOW, add_version, definition
from tests.respond.asking import OPTIONAL, translated

ANSWERS: dict[str, Any] = {"q1": "4", "q2": "shop", "q3": ["a", "b"], "q4": "12", "q5": "Nothing."}
TABLES = (Invitation, InvitationToken, Response, ResponseDraft)
MINUTE = timedelta(minutes=1)

MakeLink = Callable[..., None]


@pytest.fixture
def make_link(app: Flask) -> MakeLink:
    """Adds an open link; a definition makes another version for it."""

    def make(source: dict[str, Any] | None = None, **named: Any) -> None:
        with app.app_context():
            add_open_link(add_version(source) if source else None, **named)
            db.session.commit()

    return make


@pytest.fixture
def customer(app: Flask) -> FlaskClient:
    """Somebody who is not signed in, met as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


class Clock:
    """The moment at which the pages believe to be."""

    def __init__(self) -> None:
        self.now = NOW + MINUTE

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("survey_app.respond.open_views.utc_now", clock)
    monkeypatch.setattr("survey_app.respond.views.utc_now", clock)
    return clock


@pytest.fixture
def open_page(customer: FlaskClient, clock: Clock) -> Callable[..., dict[str, list[str]]]:
    """Open the page and look at it for a minute; gives its fields."""

    def look(key: str = KEY) -> dict[str, list[str]]:
        page = customer.get(f"/p/{key}")
        assert page.status_code == 200, page.text
        clock.now += MINUTE
        return fields_of(page.text)

    return look


def send(
    client: FlaskClient, fields: dict[str, Any], key: str = KEY, address: str = "203.0.113.5"
) -> TestResponse:
    return client.post(f"/p/{key}", data=fields, environ_base={"REMOTE_ADDR": address})


def rows(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in TABLES
        }


NOTHING = {"invitation": 0, "invitation_token": 0, "response": 0, "response_draft": 0}
ONE_RESPONSE = {"invitation": 1, "invitation_token": 1, "response": 1, "response_draft": 0}


def turned_away(app: Flask) -> int:
    with app.app_context():
        return db.session.query(OpenLink).one().turned_away


OpenPage = Callable[..., dict[str, list[str]]]


def test_who_answers_is_thanked_and_becomes_an_invitation_without_a_contact(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link()
    answer = send(customer, open_page() | ANSWERS)
    assert answer.status_code == 200
    assert "Your answers have arrived" in answer.text
    assert rows(app) == ONE_RESPONSE
    with app.app_context():
        invitation = db.session.query(Invitation).one()
        response = db.session.query(Response).one()
        assert invitation.contact_id is None
        assert invitation.open_link_id == db.session.query(OpenLink).one().id
        assert response.source == "invitation"
        assert response.customer == ""
        assert response.attributes == {"place": "door"}
        assert response.answers["q1"] == {"value": 4}


@pytest.mark.parametrize("how", [{}, {"Accept-Encoding": "gzip"}])
def test_fifty_who_look_at_once_store_nothing(
    app: Flask, make_link: MakeLink, how: dict[str, str]
) -> None:
    make_link()
    met: list[int] = []

    def look() -> None:
        client = app.test_client()
        met.extend(one(f"/p/{KEY}", headers=how).status_code for one in (client.get, client.head))

    threads = [threading.Thread(target=look) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert met == [200] * 100
    assert rows(app) == NOTHING
    assert turned_away(app) == 0


def test_no_two_pages_are_the_same_and_one_can_be_packed(
    make_link: MakeLink, customer: FlaskClient
) -> None:
    make_link()
    first, second = customer.get(f"/p/{KEY}"), customer.get(f"/p/{KEY}")
    stamps = [fields_of(page.text)["_stamp"] for page in (first, second)]
    assert stamps[0] != stamps[1]
    assert "--stamp--" not in first.text
    packed = customer.get(f"/p/{KEY}", headers={"Accept-Encoding": "gzip"})
    plain = gzip.decompress(packed.data).decode()
    hide = re.compile(r'name="_stamp" value="[^"]+"')
    assert hide.sub("", plain) == hide.sub("", first.text)


def test_a_double_click_stores_one_response(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link()
    fields = open_page() | ANSWERS
    answers = [send(customer, fields) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "have reached us already" in answers[-1].text
    assert rows(app) == ONE_RESPONSE


def test_clicks_at_the_same_moment_store_one_response(
    app: Flask, make_link: MakeLink, open_page: OpenPage
) -> None:
    make_link()
    fields = open_page() | ANSWERS
    met: list[int] = []
    gate = threading.Barrier(6)

    def click() -> None:
        gate.wait(30)
        met.append(send(app.test_client(), fields).status_code)

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert met == [200] * 6
    assert rows(app) == ONE_RESPONSE


def test_two_people_with_equal_answers_from_one_address_are_two(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link()
    first, second = open_page(), open_page()
    for fields in (first, second):
        assert "Your answers have arrived" in send(customer, fields | ANSWERS).text
    assert rows(app)["response"] == 2


def test_a_page_with_problems_comes_back_filled_and_nothing_is_stored(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link()
    fields = open_page()
    again = send(customer, fields | ANSWERS | {"q1": "", "q5": "Not enough light"})
    assert again.status_code == 422
    assert "Not enough light" in again.text
    assert rows(app) == NOTHING
    # It is the same page still, and need not be looked at anew before it is sent.
    mended = fields_of(again.text) | {"q1": "4"}
    assert mended["_stamp"] == fields["_stamp"]
    assert send(customer, mended).status_code == 200
    assert rows(app) == ONE_RESPONSE


def test_nothing_answered_stores_nothing(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    source = definition()
    source["sections"][0]["questions"][0]["required"] = False
    make_link(source)
    assert send(customer, open_page()).status_code == 422
    assert rows(app) == NOTHING


@pytest.mark.parametrize("broken", ["", "no stamp", "ab.12.cd"])
def test_a_page_without_its_own_stamp_is_asked_for_once_more(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage, broken: str
) -> None:
    make_link()
    again = send(customer, open_page() | ANSWERS | {"_stamp": broken})
    assert again.status_code == 422
    assert rows(app) == NOTHING
    assert "made anew since you opened it" in again.text
    assert fields_of(again.text)["q5"] == ["Nothing."]


def test_the_stamp_of_another_link_opens_nothing(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link()
    make_link(definition(key="other"), key="other")
    stamp = open_page("other")["_stamp"]
    assert send(customer, open_page() | ANSWERS | {"_stamp": stamp}).status_code == 422
    assert rows(app) == NOTHING


def test_a_robot_that_fills_every_field_is_thanked_and_nothing_is_stored(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link()
    real = send(customer, open_page() | ANSWERS)
    before = rows(app)
    robot = send(customer, open_page() | ANSWERS | {"_subject": "Cheap watches"})
    assert robot.status_code == 200
    assert robot.text == real.text
    assert rows(app) == before
    assert turned_away(app) == 1


@pytest.mark.parametrize(
    ("kind", "seconds", "stored"),
    [("public", 1.9, 0), ("public", 2.0, 1), ("kiosk", 0.9, 0), ("kiosk", 1.0, 1)],
)
def test_who_is_faster_than_people_are_is_thanked_and_nothing_is_stored(
    app: Flask,
    make_link: MakeLink,
    customer: FlaskClient,
    clock: Clock,
    kind: str,
    seconds: float,
    stored: int,
) -> None:
    make_link(kind=kind)
    fields = fields_of(customer.get(f"/p/{KEY}").text)
    clock.now += timedelta(seconds=seconds)
    answer = send(customer, fields | ANSWERS)
    assert "Your answers have arrived" in answer.text
    assert rows(app)["response"] == stored
    assert turned_away(app) == 1 - stored


def test_the_field_for_robots_is_out_of_everybodys_way(
    make_link: MakeLink, customer: FlaskClient
) -> None:
    make_link()
    page = customer.get(f"/p/{KEY}").text
    trap = page[page.index('<div class="heard" aria-hidden="true">') :].split("</div>")[0]
    assert 'name="_subject" tabindex="-1" autocomplete="off"' in trap


def test_only_so_many_begin_in_an_hour_and_the_next_are_told_when(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage, clock: Clock
) -> None:
    make_link(most_an_hour=2)
    begun = clock.now + MINUTE
    for host in (1, 2):
        assert send(customer, open_page() | ANSWERS, address=f"203.0.113.{host}").status_code == 200
    fields = open_page() | ANSWERS
    crowded = send(customer, fields)
    assert crowded.status_code == 429
    wait = int(crowded.headers["Retry-After"])
    assert begun + timedelta(hours=1) - clock.now == timedelta(seconds=wait)
    assert f"in {-(-wait // 60)} minutes" in crowded.text
    assert fields_of(crowded.text)["q5"] == ["Nothing."]
    assert rows(app)["invitation"] == 2
    clock.now += timedelta(seconds=wait)
    assert send(customer, fields_of(crowded.text)).status_code == 200
    assert rows(app)["response"] == 3


def test_a_double_click_finds_its_answers_also_when_the_hour_is_full(
    make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(most_an_hour=1)
    fields = open_page() | ANSWERS
    assert [send(customer, fields).status_code for _ in range(2)] == [200, 200]


def test_one_address_cannot_use_up_what_a_link_takes(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(most_an_hour=60)
    met = [send(customer, open_page() | ANSWERS).status_code for _ in range(16)]
    assert met == [200] * 15 + [429]
    assert send(customer, open_page() | ANSWERS, address="203.0.113.6").status_code == 200
    assert rows(app)["response"] == 16


def test_a_header_that_anybody_may_write_is_no_address(
    make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(most_an_hour=40)
    met = [
        customer.post(
            f"/p/{KEY}",
            data=open_page() | ANSWERS,
            headers={"X-Forwarded-For": f"203.0.113.{host}"},
        ).status_code
        for host in range(11)
    ]
    assert met == [200] * 10 + [429]


def test_all_people_of_a_kiosk_come_from_one_address(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(kind="kiosk", most_an_hour=40)
    assert {send(customer, open_page() | ANSWERS).status_code for _ in range(12)} == {200}
    assert rows(app)["response"] == 12


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"revoked_at": NOW}, "This address was withdrawn"),
        ({"launched_at": None}, "has not begun yet"),
        ({"opens_at": NOW + timedelta(days=1)}, "has not begun yet"),
        ({"closes_at": NOW}, "This survey has ended"),
    ],
)
def test_a_link_that_takes_no_answers_says_why_and_whom_to_ask(
    app: Flask, make_link: MakeLink, customer: FlaskClient, named: dict[str, Any], words: str
) -> None:
    make_link(**named)
    for answer in (customer.get(f"/p/{KEY}"), send(customer, ANSWERS)):
        assert answer.status_code == 410
        assert words in answer.text
        assert "please ask Example Ltd" in answer.text
    assert rows(app) == NOTHING


def test_a_page_that_was_sent_before_the_end_is_known_again_after_it(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage, clock: Clock
) -> None:
    make_link(closes_at=NOW + timedelta(hours=1))
    fields = open_page() | ANSWERS
    send(customer, fields)
    clock.now = NOW + timedelta(hours=2)
    again = send(customer, fields)
    assert again.status_code == 200
    assert "Your answers have reached us already" in again.text
    assert rows(app) == ONE_RESPONSE


def test_a_repeated_first_page_that_says_something_else_leads_on_by_ones_own_link(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(paged())
    fields = open_page()
    moved = send(customer, fields | {"q1": "4", "_go": "next"})
    own = moved.location.split("?")[0]
    # Its answer was lost, and the person has changed their mind on the page that was still there.
    clash = send(customer, fields | {"q1": "2", "_go": "next"})
    assert clash.status_code == 409
    assert f'action="{own}"' in clash.text
    assert 'action=""' not in clash.text
    customer.post(own, data=fields_of(clash.text) | {"_take.q1": "mine"})
    assert rows(app) == {**NOTHING, "invitation": 1, "invitation_token": 1, "response_draft": 1}


def test_where_a_quota_is_full_nobody_is_asked_at_the_entrance(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(quotas=[{"attribute": "place", "value": "door", "limit": 1}])
    late = open_page()
    send(customer, open_page() | ANSWERS)
    page = customer.get(f"/p/{KEY}").text
    assert "We have enough answers to these questions now" in page
    assert "_stamp" not in page
    # Who had the page open already is told so too.
    assert "We have enough answers" in send(customer, late | ANSWERS).text
    assert rows(app) == ONE_RESPONSE


def test_an_unknown_address_says_so_without_a_word_of_mails(customer: FlaskClient) -> None:
    # Not even a database can look for a NUL.
    assert customer.get("/p/nothing%00").status_code == 404
    answer = customer.get("/p/nothing")
    assert answer.status_code == 404
    assert "There are no questions at this address" in answer.text
    assert "e-mail" not in answer.text


def test_a_key_may_be_typed_in_capitals(make_link: MakeLink, customer: FlaskClient) -> None:
    make_link()
    assert customer.get(f"/p/{KEY.upper()}").status_code == 200


def paged(**changed: Any) -> dict[str, Any]:
    return definition(paging="sections", **changed)


def test_several_pages_go_on_under_a_link_of_ones_own(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(paged())
    first = {name: ANSWERS[name] for name in ("q1", "q2", "q3")}
    moved = send(customer, open_page() | first | {"_go": "next"})
    assert moved.status_code == 303
    assert moved.location.startswith("/r/")
    assert rows(app) == {**NOTHING, "invitation": 1, "invitation_token": 1, "response_draft": 1}
    fields = fields_of(customer.get(moved.location).text)
    assert "_stamp" not in fields
    done = customer.post(moved.location.split("?")[0], data=fields | {"q4": "12", "q5": "Nothing."})
    assert "Your answers have arrived" in done.text
    assert rows(app) == ONE_RESPONSE


def test_on_pages_of_an_open_link_nobody_is_told_to_look_into_a_mail(
    make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(paged(), answers_may_change=True)
    page = customer.get(f"/p/{KEY}").text
    assert "This page is open to everybody" in page
    assert "Your link is personal" not in page
    moved = send(customer, open_page() | {"q1": "4", "_go": "next"})
    inside = customer.get(moved.location).text
    assert "Save and go on later" not in page + inside
    done = customer.post(moved.location.split("?")[0], data=fields_of(inside))
    assert "You can change them" not in done.text
    received = customer.get(moved.location).text
    assert "are kept as you sent them" in received
    # They are nobody's whom anybody could name, and the link is theirs by chance.
    assert "This link takes" not in received
    assert "Would you like to change something" not in received
    assert "Somebody else would like to answer" in customer.get(moved.location).text


def test_another_language_keeps_what_was_typed_and_stores_nothing(
    app: Flask, make_link: MakeLink, customer: FlaskClient
) -> None:
    german = {"title": "Wie war Ihr Besuch?"}
    make_link(translated(definition(), "de", german, "Deutsch: "))
    fields = fields_of(customer.get(f"/p/{KEY}").text)
    spoken = send(customer, fields | ANSWERS | {"_go": "speak:de"})
    assert spoken.status_code == 200
    assert "Wie war Ihr Besuch?" in spoken.text
    assert fields_of(spoken.text)["q5"] == ["Nothing."]
    assert rows(app) == NOTHING
    assert turned_away(app) == 0


def test_where_people_see_different_orders_they_begin_with_a_button(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    source = definition()
    source["sections"][0]["order"] = "random"
    make_link(source)
    fields = open_page()
    assert "q1" not in fields
    moved = send(customer, fields | {"_go": "next"})
    assert moved.status_code == 303
    done = customer.post(
        moved.location, data=fields_of(customer.get(moved.location).text) | ANSWERS
    )
    assert "Your answers have arrived" in done.text
    with app.app_context():
        assert db.session.query(Response).one().seed


def test_what_is_wrong_is_said_also_beside_the_button_to_begin(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    source = definition()
    source["sections"][0]["order"] = "random"
    make_link(source)
    fields = {name: one for name, one in open_page().items() if name != "_stamp"}
    again = send(customer, fields | {"_go": "next"})
    assert again.status_code == 422
    assert "This page was made anew since you opened it" in again.text
    assert rows(app) == NOTHING


def test_a_question_that_comes_with_an_answer_is_asked_under_a_link_of_ones_own(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    source = definition(sections=copy.deepcopy(OPTIONAL))
    source["sections"][0]["questions"][1]["required"] = True
    make_link(source)
    # A page with a script sends no question that it does not show.
    fields = {name: one for name, one in open_page().items() if not name.startswith("then")}
    moved = send(customer, fields | {"where": "shop"})
    assert moved.status_code == 303
    more = customer.get(moved.location).text
    assert "There is something more to ask" in more
    done = customer.post(moved.location.split("?")[0], data=fields_of(more) | {"then": "We left."})
    assert "Your answers have arrived" in done.text
    with app.app_context():
        assert db.session.query(Response).one().answers["then"] == {"value": "We left."}


def test_a_page_that_is_none_of_the_questionnaires_is_shown_anew(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link()
    answer = send(customer, open_page() | ANSWERS | {"_page": "elsewhere"})
    assert answer.status_code == 200
    assert "How was your visit?" in answer.text
    assert rows(app) == NOTHING


def test_a_withdrawn_link_lets_who_has_begun_finish(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(paged())
    moved = send(customer, open_page() | {"q1": "4", "_go": "next"})
    with app.app_context():
        db.session.execute(update(OpenLink).values(revoked_at=NOW))
        db.session.commit()
    assert customer.get(moved.location).status_code == 200


def test_what_was_typed_as_a_file_is_refused_and_no_file_stays(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    source = definition()
    source["sections"][0]["questions"].append({"id": "fi", "type": "file", "text": "A picture?"})
    make_link(source)
    picture = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 64), "a.png")
    refused = send(customer, open_page() | ANSWERS | {"q1": "", "fi": picture})
    assert refused.status_code == 422
    assert "Keep a.png" not in refused.text
    assert rows(app) == NOTHING
    home = app.config["SETTINGS"].home
    assert [path for path in home.rglob("*") if path.is_file() and "uploads" in path.parts] == []
    again = send(customer, open_page() | ANSWERS | {"fi": '{"id": 3'})
    assert again.status_code == 422


def test_a_kiosk_goes_back_to_its_start_by_itself(
    make_link: MakeLink, customer: FlaskClient, open_page: OpenPage
) -> None:
    make_link(paged(), kind="kiosk")
    page = customer.get(f"/p/{KEY}").text
    moved = send(customer, open_page() | {"q1": "4", "_go": "next"})
    inside = customer.get(moved.location).text
    for shown in (page, inside):
        assert f'<meta http-equiv="refresh" content="120; url=/p/{KEY}">' in shown
        assert "begins anew for the next person" in shown
        # Nothing is kept on a device that is everybody's.
        assert "respond.js" not in shown
        assert "<a " not in shown
    thanks = customer.post(moved.location.split("?")[0], data=fields_of(inside)).text
    assert f'<meta http-equiv="refresh" content="15; url=/p/{KEY}">' in thanks
    assert re.findall(r'<a [^>]*href="([^"]+)">([^<]+)', thanks) == [(f"/p/{KEY}", "Next person")]


def test_what_is_left_on_a_kiosk_is_dropped_when_the_next_has_begun(
    app: Flask, make_link: MakeLink, customer: FlaskClient, open_page: OpenPage, clock: Clock
) -> None:
    make_link(paged(), kind="kiosk")
    send(customer, open_page() | {"q1": "1", "_go": "next"})
    clock.now += timedelta(minutes=11)
    send(customer, open_page() | {"q1": "5", "_go": "next"})
    with app.app_context():
        drafts = [draft.answers["q1"] for draft in db.session.query(ResponseDraft)]
    assert drafts == [{"value": 5}]


def test_public_pages_have_nothing_of_a_kiosk(make_link: MakeLink, customer: FlaskClient) -> None:
    make_link()
    page = customer.get(f"/p/{KEY}").text
    assert "refresh" not in page
    assert "respond.js" in page
