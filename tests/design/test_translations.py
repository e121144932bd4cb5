"""Languages of a draft: begun, translated, sent to translators, removed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from survey_app.db import db
from survey_app.design.languages import direction_of, read_language
from survey_app.design.models import Questionnaire
from survey_app.design.translations import (
    place_of_text,
    progress_of,
    put_texts,
    read_table,
    stale_texts,
    texts_in,
    write_table,
)
from survey_app.design.writing import write_yaml
from survey_app.domain.problems import Problem
from survey_app.domain.translating import texts_of
from tests.factories.every_type import of_every_type
from tests.factories.pages import fields_of
from tests.factories.questionnaires import add_version
from tests.factories.questionnaires import definition as plain

PAGE = "/design/every_type/languages"
RULE = {"must": {"question": "rating", "at_least": 1}, "message": "Too low."}
TRANSLATIONS = {"de": {"title": "Alles", "gone.text": "Weg"}, "ar": {}}


def definition() -> dict[str, Any]:
    return of_every_type(constraints=[RULE], translations=TRANSLATIONS, thanks="=1+1")


@pytest.fixture
def manager(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    client = signed_in("manager")
    data = {"file": (io.BytesIO(write_yaml(definition()).encode()), "q.yaml")}
    assert client.post("/design/upload", data=data).status_code == 302
    return client


def draft(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return db.session.query(Questionnaire).one().draft


def translations(app: Flask) -> dict[str, Any]:
    return draft(app).get("translations", {})


def upload(client: FlaskClient, table: str | bytes, revision: int = 1) -> TestResponse:
    data = table if isinstance(table, bytes) else table.encode()
    posted = {"file": (io.BytesIO(data), "t.csv"), "revision": str(revision)}
    return client.post(f"{PAGE}/de/upload", data=posted)


def test_the_list_tells_what_is_missing(manager: FlaskClient) -> None:
    page = manager.get(PAGE).text
    total = len(texts_of(definition()))
    assert f'<td class="num">{total - 1}</td>' in page
    assert "German" in page
    assert '<option value="pt-BR">Portuguese (Brazil)</option>' in page


@pytest.mark.parametrize(
    ("typed", "code"),
    [("French", "fr"), ("portuguese (brazil)", "pt-BR"), ("ZH_hans", "zh-Hans"), ("nds", "nds")],
)
def test_a_language_is_added_by_code_or_name(
    app: Flask, manager: FlaskClient, typed: str, code: str
) -> None:
    answer = manager.post(PAGE, data={"language": typed, "revision": "1"})
    assert answer.status_code == 302
    assert translations(app) == TRANSLATIONS | {code: {}}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write a language, such as German"),
        ("Klingonian", "is no language that is known"),
        ("x1", "is no language that is known"),
        ("de", "speaks &#34;de&#34; already"),
        ("english", "speaks &#34;en&#34; already"),
    ],
)
def test_a_language_that_cannot_be_added_is_told(
    app: Flask, manager: FlaskClient, typed: str, said: str
) -> None:
    answer = manager.post(PAGE, data={"language": typed, "revision": "1"})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{typed}"' in answer.text
    assert translations(app) == TRANSLATIONS


def test_texts_are_translated_beside_their_source(app: Flask, manager: FlaskClient) -> None:
    page = manager.get(f"{PAGE}/de").text
    fields = fields_of(page)
    assert fields["text-title"] == ["Alles"]
    assert "choice: option shop" in page
    typed = {"text-title": [" "], "text-choice.options.shop": ["Im\r\nLaden"]}
    assert manager.post(f"{PAGE}/de", data=fields | typed).status_code == 302
    assert translations(app)["de"] == {
        "choice.options.shop": "Im\nLaden",
        "gone.text": "Weg",
    }
    fields = fields_of(manager.get(f"{PAGE}/de?only=todo").text)
    assert "text-choice.options.shop" not in fields
    fields |= {"text-title": ["Alles"], "drop_idle": ["y"]}
    assert manager.post(f"{PAGE}/de", data=fields).status_code == 302
    assert translations(app)["de"] == {"choice.options.shop": "Im\nLaden", "title": "Alles"}


def test_an_unchanged_page_changes_nothing(app: Flask, manager: FlaskClient) -> None:
    before = draft(app)
    for address in (f"{PAGE}/de", f"{PAGE}/ar"):
        assert manager.post(address, data=fields_of(manager.get(address).text)).status_code == 302
    assert draft(app) == before


def test_a_language_written_from_the_right_is_typed_so(manager: FlaskClient) -> None:
    assert 'lang="ar" dir="rtl"' in manager.get(f"{PAGE}/ar").text
    assert (direction_of("he-IL"), direction_of("de"), direction_of("xx")) == ("rtl", "ltr", "ltr")


def test_a_stale_or_too_long_translation_is_told_and_stays_typed(
    app: Flask, manager: FlaskClient
) -> None:
    fields = fields_of(manager.get(f"{PAGE}/de?only=todo").text)
    long = fields | {"text-thanks": ["x" * 20_001]}
    answer = manager.post(f"{PAGE}/de", data=long)
    assert answer.status_code == 422
    assert "translations, de, thanks" in answer.text
    assert "x" * 20_001 in answer.text
    stale = fields | {"revision": ["9"], "text-thanks": ["Danke, das bleibt"]}
    answer = manager.post(f"{PAGE}/de?only=todo", data=stale)
    assert answer.status_code == 422
    assert "Danke, das bleibt" in answer.text
    assert translations(app) == TRANSLATIONS


def test_a_language_is_removed(app: Flask, manager: FlaskClient) -> None:
    assert manager.post(f"{PAGE}/de/remove", data={"revision": "7"}).status_code == 422
    assert translations(app) == TRANSLATIONS
    assert manager.post(f"{PAGE}/de/remove", data={"revision": "1"}).status_code == 302
    assert translations(app) == {"ar": {}}
    for address in ("de", "de/texts.csv", "no-NO"):
        assert manager.get(f"{PAGE}/{address}").status_code == 404


def test_a_table_goes_out_and_comes_back(app: Flask, manager: FlaskClient) -> None:
    answer = manager.get(f"{PAGE}/de/texts.csv")
    assert "every_type_de.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbfname,source,translation\r\n")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == list(texts_of(definition()))
    # No spreadsheet runs a text.
    thanks = next(row for row in rows if row["name"] == "thanks")
    assert thanks["source"] == "'=1+1"
    thanks["translation"] = "'=eins+1"
    written = io.StringIO()
    writer = csv.DictWriter(written, ["name", "source", "translation"], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    assert upload(manager, written.getvalue()).status_code == 302
    assert translations(app)["de"] == TRANSLATIONS["de"] | {"thanks": "=eins+1"}


TABLES = [
    ("name,translation\ntitel,Alles", ["row 2, column name", "Did you mean"]),
    ("name,translation\ntitle,A\ntitle,B", ["row 3, column name", "stands in row 2 already"]),
    ("name,source,translation\ntitle,Old,Neu", ["row 2, column source", "has changed since"]),
    ("name,text\ntitle,A", ["There is no column &#34;translation&#34;"]),
    ("", ["The file is empty"]),
    (b"name,translation\ntitle,\xff", ["line 2", "not UTF-8"]),
    ("name,translation\ntitle," + "x" * 20_001, ["translations, de, title"]),
]


@pytest.mark.parametrize(("table", "said"), TABLES)
def test_a_table_that_cannot_be_taken_is_told_by_row_and_none_of_it_kept(
    app: Flask, manager: FlaskClient, table: str | bytes, said: list[str]
) -> None:
    if isinstance(table, str) and table:
        table += "\nthanks,,Danke" if "source" in table else "\nthanks,Danke"
    answer = upload(manager, table)
    assert answer.status_code == 422
    for words in said:
        assert words in answer.text
    assert translations(app) == TRANSLATIONS


def test_a_table_of_an_older_draft_is_refused(app: Flask, manager: FlaskClient) -> None:
    assert upload(manager, "name,translation\ntitle,Neu", revision=4).status_code == 422
    posted = {"revision": "1"}
    assert manager.post(f"{PAGE}/de/upload", data=posted).status_code == 422
    assert translations(app) == TRANSLATIONS


SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
TEXTS = st.text(SIGNS, min_size=1, max_size=20) | st.from_regex(
    r"'{0,2}[=+@-]{0,2}a", fullmatch=True
)


@given(st.dictionaries(st.sampled_from(list(texts_of(definition()))), TEXTS))
def test_any_texts_come_back_from_their_table(texts: dict[str, str]) -> None:
    # Cells are read without space at their ends.
    sound = {name: text.strip() for name, text in texts.items() if text.strip()}
    changed = put_texts(definition(), "ar", sound)
    assert changed["translations"]["ar"] == sound
    read, problems = read_table(write_table(changed, "ar").encode(), changed)
    assert problems == []
    assert read == sound


PUBLISHED = definition() | {
    "translations": {"de": {"title": "Alles", "thanks": "Danke"}, "fr": {"title": "Tout"}}
}


def test_a_translation_is_out_of_date_where_only_its_source_was_reworded() -> None:
    now = PUBLISHED | {"title": "All of it", "thanks": " =1+1 "}
    assert stale_texts(now, PUBLISHED, "de") == {"title": PUBLISHED["title"]}
    assert stale_texts(now, {}, "de") == stale_texts(now, PUBLISHED, "es") == {}
    told = next(text for text in texts_in(now, "de", PUBLISHED) if text.name == "title")
    assert (told.was, told.to_do) == (PUBLISHED["title"], True)
    assert {one.language: one.stale for one in progress_of(now, PUBLISHED)} == {"de": 1, "fr": 1}
    changed = put_texts(now, "de", {"title": "Alles davon"})
    assert stale_texts(changed, PUBLISHED, "de") == {}


def test_what_is_out_of_date_is_marked_with_its_old_source(
    app: Flask, manager: FlaskClient
) -> None:
    texts = {name: "X" + text for name, text in texts_of(plain()).items()}
    with app.app_context():
        add_version(plain(translations={"de": texts}))
        db.session.commit()
    reworded = plain(title="How was it?", translations={"de": texts})
    address = "/design/visit_feedback"
    manager.post(f"{address}/text", data={"text": write_yaml(reworded), "revision": "1"})
    assert "German: 1 out of date" in manager.get(address).text
    assert "Out of date: the text was reworded" in manager.get(f"{address}/languages").text
    page = manager.get(f"{address}/languages/de?only=todo").text
    assert "1 is out of date" in page
    assert "How was your visit?" in page
    assert [name for name in fields_of(page) if name.startswith("text-")] == ["text-title"]


def test_translations_of_texts_that_are_gone_are_removed_with_one_button(
    app: Flask, manager: FlaskClient
) -> None:
    assert "Remove the translations of texts that are gone" in manager.get(PAGE).text
    tidy = "/design/every_type/translations/tidy"
    assert manager.post(tidy, data={"revision": "7"}).status_code == 422
    assert translations(app) == TRANSLATIONS
    assert manager.post(tidy, data={"revision": "1"}).status_code == 302
    assert translations(app) == TRANSLATIONS | {"de": {"title": "Alles"}}
    page = manager.get(PAGE).text
    assert "1 translation of texts that are gone: removed." in page
    assert "Remove the translations" not in page


def test_places_are_told_in_words() -> None:
    read, problem = read_language("German"), read_language("Klingonian")
    assert read == "de"
    assert isinstance(problem, Problem)
    places = [text.place for text in texts_in(definition(), "de")]
    assert places[:3] == ["Title", "Thanks", "all: title"]
    assert "rating: word at 5" in places
    assert place_of_text("q3.rows.a.b") == "q3: row a.b"
    assert places[-1] == "Rule 1: message"
