"""The customer's page in other languages than English."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from scripts.messages import extract
from survey_app.db import db
from survey_app.design.languages import direction_of, own_name_of
from survey_app.domain.problems import Problem
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.translating import texts_of
from survey_app.invite.contact_models import Contact
from survey_app.respond.languages import choose_language, interface_locale
from survey_app.respond.models import Response, ResponseDraft
from survey_app.respond.wording import say_answer, say_problem
from tests.factories.questionnaires import NOW, add_invitation, add_version

SIGN = {"de": "ß", "ar": "ش"}

QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "q1",
        "type": "rating",
        "text": "Qone",
        "required": True,
        "scale": {"lowest": 1, "highest": 5, "anchors": {"1": "Qlow", "5": "Qhigh"}},
        "missing": ["not_applicable", "dont_know", "refused"],
    },
    {
        "id": "q2",
        "type": "choice",
        "text": "Qtwo",
        "multiple": True,
        "options": [
            {"code": "a", "label": "Qalarms"},
            {"code": "b", "label": "Qbells"},
            {"code": "o", "label": "Qother", "other": True},
        ],
    },
    {"id": "q3", "type": "number", "text": "Qthree", "unit": "km", "lowest": 0.5, "highest": 9.5},
    {"id": "q4", "type": "text", "text": "Qfour"},
    {"id": "q5", "type": "yes_no", "text": "Qfive"},
    {"id": "q6", "type": "date", "text": "Qsix", "earliest": "2026-01-31"},
    {"id": "q7", "type": "time", "text": "Qseven"},
    {"id": "q8", "type": "duration", "text": "Qeight", "highest": 90},
    {
        "id": "q9",
        "type": "ranking",
        "text": "Qnine",
        "options": [{"code": "x", "label": "Qx"}, {"code": "y", "label": "Qy"}],
    },
    {
        "id": "q10",
        "type": "constant_sum",
        "text": "Qten",
        "options": [{"code": "x", "label": "Qx"}, {"code": "y", "label": "Qy"}],
    },
    {"id": "q11", "type": "consent", "text": "Qeleven", "statement": "Qagree"},
    {"id": "q12", "type": "file", "text": "Qtwelve", "kinds": ["image", "document"]},
]
SECOND = [{"id": "r1", "type": "text", "text": "Qrepeats {{q3}}, {{q5}}, {{q6}}"}]


@pytest.fixture
def customer(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


@pytest.fixture
def link(app: Flask) -> Callable[..., str]:
    """Makes the address of an invitation to a questionnaire in English, German and Arabic."""

    def make(language: str = "", **named: Any) -> str:
        definition: dict[str, Any] = {
            "format": "soundings-questionnaire/1",
            "key": "languages",
            "title": "Qtitle",
            "paging": "sections",
            "sections": [
                {"id": "first", "title": "Qfirst", "questions": QUESTIONS},
                {"id": "second", "title": "Qsecond", "questions": SECOND},
            ],
        }
        names = texts_of(definition)
        definition["translations"] = {
            to: {name: text.replace("Q", sign) for name, text in names.items()}
            for to, sign in SIGN.items()
        }
        with app.app_context():
            _invitation, token = add_invitation(add_version(definition), **named)
            db.session.get_one(Contact, 1).language = language
            db.session.commit()
        return f"/r/{token}"

    return make


class Texts(HTMLParser):
    """All that a page says: its texts, and those of the attributes that are read out or shown."""

    SAID = ("aria-label", "placeholder", "data-offline", "data-sending", "data-again")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.said.append(" ".join(data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attrs if name in (*self.SAID, "data-restored")]


@cache
def english() -> list[re.Pattern[str]]:
    """The originals of all translated texts, as what is searched for on pages."""
    alike = {"audio", "video", "No", "pdf"}
    patterns = []
    for message in extract():
        for text in [message.id] if isinstance(message.id, str) else message.id:
            if text and text not in alike:
                parts = re.split(r"%\(\w+\)s|\{\w+\}", text)
                pattern = ".+?".join(re.escape(part) for part in parts)
                # Short words are looked for as a whole text, sentences anywhere.
                patterns.append(re.compile(f"^{pattern}$" if len(text) < 12 else pattern))
    return patterns


def english_in(page: str) -> list[str]:
    """The texts on a page that are English originals; those spelled alike in German are none."""
    return [one for one in Texts(page).said if any(found.search(one) for found in english())]


def browser(languages: str) -> Request:
    return Request(EnvironBuilder(headers={"Accept-Language": languages}).get_environ())


@pytest.mark.parametrize(
    ("offered", "wished", "accepted", "chosen"),
    [
        (("en", "de", "ar"), ["ar"], "de", "ar"),
        (("en", "de", "ar"), [None, "", "de"], "ar", "de"),
        (("en", "de", "ar"), ["it"], "pt, ar;q=0.5, de;q=0.8", "de"),
        (("en", "de"), ["de-CH"], "", "de"),
        (("en", "de-CH"), ["de"], "", "de-CH"),
        (("en", "de-AT", "de-CH"), ["DE-ch"], "", "de-CH"),
        (("en", "de"), [], "de-AT, en;q=0.9", "de"),
        (("de", "ar"), ["xx", "not a code"], "fr, *;q=0.1", "de"),
        (("de", "ar"), [], "", "de"),
        (("de",), ["ar"], "ar", "de"),
    ],
)
def test_the_language_is_the_first_wish_that_is_offered(
    offered: tuple[str, ...], wished: list[str | None], accepted: str, chosen: str
) -> None:
    assert choose_language(offered, wished, browser(accepted)) == chosen


def test_languages_know_their_direction_their_name_and_their_interface() -> None:
    assert [direction_of(one) for one in ("de", "ar", "he", "fa-IR", "zz")] == [
        *("ltr", "rtl", "rtl", "rtl", "ltr")
    ]
    assert [own_name_of(one) for one in ("de", "ar", "es", "zz")] == [
        *("Deutsch", "العربية", "Español", "")
    ]
    assert [interface_locale(one) for one in ("de-CH", "AR", "it", "zz")] == [
        *("de", "ar", "en", "en")
    ]


@pytest.mark.parametrize(
    ("wished", "accepted", "language"),
    [("ar", "de", "ar"), ("", "de-CH", "de"), ("it", "sv", "en"), ("", "", "en")],
)
def test_a_page_opens_as_the_contact_or_the_browser_wishes(
    link: Callable[..., str], customer: FlaskClient, wished: str, accepted: str, language: str
) -> None:
    page = customer.get(link(wished), headers={"Accept-Language": accepted}).text
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page


@pytest.mark.parametrize(("language", "send"), [("de", "Weiter"), ("ar", "التالي")])
def test_a_page_says_nothing_in_english(
    link: Callable[..., str], customer: FlaskClient, language: str, send: str
) -> None:
    address = link(language)
    page = customer.get(address).text
    assert f">{send}</button>" in page
    assert english_in(page) == []
    assert "Q" not in " ".join(Texts(page).said)


def test_the_search_for_english_finds_it(link: Callable[..., str], customer: FlaskClient) -> None:
    found = english_in(customer.get(link("en")).text)
    for text in ("Next", "hours", "please say which", "Sending …"):
        assert text in found
    assert any(text.startswith("Your answers go to Example Ltd") for text in found)


WRONG = {
    "q1": "9",
    "q2": ["a", "zz"],
    "q3": "12.25",
    "q4": "x" * 2001,
    "q5": "maybe",
    "q6": "2026-01-30",
    "q7": "noon",
    "q8.minutes": "91",
    "q9.x": "3",
    "q10.x": "30",
    "q11": "no",
    "q12": "0",
    "nonsense": "1",
}
WRONG_TOO = {
    "q1": ["2", "missing:refused"],
    "q2__other": "a\0b",
    "q3": "1,234",
    "q4": "a\0b",
    "q5": ["yes", "no"],
    "q6": "31.1.2026",
    "q8.hours": "-1",
    "q9.x": "1",
    "q9.y": "1",
    "q10.x": "x",
    "q12__missing": "refused",
    "q1x": "1",
}


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("typed", [WRONG, WRONG_TOO, {"q6": "2026-13-01", "q3": "1e99"}])
def test_problems_are_told_in_the_language_of_the_page(
    link: Callable[..., str], customer: FlaskClient, language: str, typed: dict[str, Any]
) -> None:
    own = {"_page": "first", "_language": language, "_go": "next"}
    answer = customer.post(link(), data=typed | own)
    assert answer.status_code == 422
    assert f'<html lang="{language}"' in answer.text
    assert answer.text.count('class="error"') + answer.text.count("<li>") >= len(typed)
    assert english_in(answer.text) == []


def test_what_is_lacking_is_told_in_the_language_of_the_page(
    link: Callable[..., str], customer: FlaskClient
) -> None:
    address = link("de")
    answer = customer.post(address, data={"_page": "first", "_go": "next"})
    assert answer.status_code == 422
    assert "1 Antwort muss noch einmal angesehen werden" in answer.text
    assert "Diese Frage braucht eine Antwort. Beantworten Sie sie oder geben" in answer.text
    for body, kind in ((b"q1=\xff", "application/x-www-form-urlencoded"), (b"{}", "text/json")):
        answer = customer.post(address, data=body, content_type=kind)
        assert answer.status_code == 422
        assert english_in(answer.text) == []


def test_switching_the_language_keeps_what_was_typed_and_stores_nothing(
    app: Flask, link: Callable[..., str], customer: FlaskClient
) -> None:
    address = link("de")
    typed = {"q1": "4", "q2": ["a", "o"], "q2__other": "Türen", "q3": "viel", "q4": "Zwei\nZeilen"}
    own = {"_page": "first", "_language": "de", "_go": "speak:ar"}
    answer = customer.post(address, data=typed | own)
    page = answer.text
    assert answer.status_code == 200
    assert '<html lang="ar" dir="rtl">' in page
    assert 'name="_language" value="ar"' in page
    assert 'class="summary"' not in page
    assert english_in(page) == []
    assert re.search(r'name="q1" value="4"[^>]* checked', page)
    assert re.search(r'name="q2" value="o"[^>]* checked', page)
    for kept in ('value="Türen"', 'value="viel"', "Zwei\nZeilen</textarea>"):
        assert kept in page
    with app.app_context():
        assert db.session.scalar(select(ResponseDraft)) is None
        assert db.session.scalar(select(Response)) is None

    # What is not a language of the questionnaire leaves the page as it is.
    own["_go"] = "speak:fr"
    assert '<html lang="de" dir="ltr">' in customer.post(address, data=typed | own).text


def test_the_whole_way_in_arabic(
    app: Flask, link: Callable[..., str], customer: FlaskClient
) -> None:
    address = link()
    own = {"_language": "ar", "_page": "first", "_go": "next", "_revision": "0"}
    first = {"q1": "٤", "q3": "٣٫٥", "q5": "yes", "q6": "2026-07-31"}
    assert customer.post(address, data=own | first).status_code == 303
    # The draft remembers the language.
    second = customer.get(address, headers={"Accept-Language": "de"}).text
    assert '<html lang="ar" dir="rtl">' in second
    assert "شrepeats 3.5 km, نعم, 31 يوليو 2026" in unescape(second)
    assert english_in(second) == []
    own |= {"_page": "second", "r1": "نعم"}
    saved = customer.post(address, data=own | {"_go": "save", "_revision": "1"})
    assert english_in(saved.text) == []
    done = customer.post(address, data=own | {"_go": "send", "_revision": "2"})
    assert done.status_code == 200
    for page in (done.text, customer.get(address, headers={"Accept-Language": "ar"}).text):
        assert 'lang="ar" dir="rtl"' in page
        assert english_in(page) == []
    with app.app_context():
        assert db.session.scalars(select(Response.language)).all() == ["ar"]


def test_two_answers_to_choose_from_are_told_in_the_language(
    link: Callable[..., str], customer: FlaskClient
) -> None:
    address = link("de")
    own = {"_language": "de", "_page": "first", "_go": "next", "_revision": "0", "q1": "4"}
    customer.post(address, data=own | {"q3": "3.5", "q5": "no"})
    answer = customer.post(address, data=own | {"q3": "4.5", "q5": "yes"})
    assert answer.status_code == 409
    said = Texts(answer.text).said
    assert {"3,5 km", "4,5 km", "Ja", "Nein"} <= set(said)
    assert english_in(answer.text) == []


@pytest.mark.parametrize(("accepted", "language"), [("de-CH, en;q=0.5", "de"), ("ar-EG", "ar")])
def test_links_that_take_no_answers_speak_as_the_browser_does(
    app: Flask, link: Callable[..., str], customer: FlaskClient, accepted: str, language: str
) -> None:
    ended = link("es", expires_at=NOW)
    headers = {"Accept-Language": accepted}
    closed = [
        customer.get(ended, headers=headers),
        customer.post(ended, headers=headers),
        customer.get("/r/unknown", headers=headers),
        customer.get("/r/un/known", headers=headers),
        customer.get("/r/unknown?page=%00", headers=headers),
        customer.put("/r/unknown", headers=headers),
        customer.post(ended, data={"q4": "x" * (2**21 + 1)}, headers=headers),
    ]
    assert [answer.status_code for answer in closed] == [410, 410, 404, 404, 404, 405, 410]
    direction = "rtl" if language == "ar" else "ltr"
    for answer in closed:
        assert f'<html lang="{language}" dir="{direction}">' in answer.text
        assert english_in(answer.text) == []
        assert "Example Ltd" in answer.text


def test_a_browser_of_an_unknown_language_is_told_in_english(customer: FlaskClient) -> None:
    for accepted in ("sv", "", "*"):
        page = customer.get("/r/unknown", headers={"Accept-Language": accepted}).text
        assert '<html lang="en" dir="ltr">' in page
        assert "This link is not complete." in page


def test_staff_are_spoken_to_in_english_whatever_their_browser(
    link: Callable[..., str], signed_in: Callable[[str], FlaskClient], customer: FlaskClient
) -> None:
    link("de")
    headers = {"Accept-Language": "de"}
    manager = signed_in("manager")
    assert "There is no page at this address." in manager.get("/nowhere", headers=headers).text
    page = manager.post("/login", headers=headers).text
    assert 'lang="de"' not in page
    login = customer.get("/login", headers=headers).text
    assert '<html lang="en">' in login
    preview = manager.get("/design/languages/preview?language=de", headers=headers).text
    assert "Back to the questionnaire" in preview
    assert ">Weiter</button>" in preview


def test_answers_are_written_as_the_language_does(app: Flask) -> None:
    number, day = Number(id="a", unit="km"), Date(id="b")
    with app.test_request_context():
        assert say_answer(number, {"value": 12345.678901}, "de") == "12345,678901 km"
        assert say_answer(number, {"value": 12345.5}, "de-CH") == "12345.5 km"
        assert say_answer(number, {"value": 3.0}, "ar") == "3 km"
        assert say_answer(number, {"value": 3.5}, "zz") == "3.5 km"
        assert say_answer(day, {"value": "2026-07-31"}, "fr") == "31 juillet 2026"
        assert say_answer(day, {"value": "2026-07-31"}, "zz") == "2026-07-31"
        assert say_answer(YesNo(id="c"), {"value": "no"}, "es") == "No"
        assert say_answer(YesNo(id="c"), {"missing": "skipped"}, "es") == ""


def test_problems_are_written_as_the_language_does(app: Flask) -> None:
    too_long = Duration(id="a", highest=90).collect({"a.minutes": ["91"]})
    too_high = Number(id="b", highest=2.5).read(["2,75"])
    too_early = Date(id="c", earliest="2026-03-01").read(["2026-02-28"])
    assert isinstance(too_long, Problem)
    assert isinstance(too_high, Problem)
    assert isinstance(too_early, Problem)
    with app.test_request_context():
        assert say_problem(too_long, "de") == "Die Dauer ist zu lang. Höchstens: 90 (Minuten)."
        assert say_problem(too_high, "de") == "2,75 ist zu hoch: höchstens 2,5."
        assert say_problem(too_high, "ar").startswith("\u20682.75\u2069 ")
        assert "28. Februar 2026" in say_problem(too_early, "de")
        plain = Problem("q", "constraint", "The manager's own {sentence}.")
        assert say_problem(plain, "de") == "The manager's own {sentence}."
    assert str(too_early) == "c: 2026-02-28 is too early: 2026-03-01 at the earliest."
