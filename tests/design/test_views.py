"""The managers' pages of questionnaires."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.design.reading import read_document
from survey_app.design.writing import write_yaml
from tests.factories.pages import fields_of
from tests.factories.questionnaires import add_version, definition

SignedIn = Callable[[str], FlaskClient]


@pytest.fixture
def manager(signed_in: SignedIn) -> FlaskClient:
    return signed_in("manager")


def upload(client: FlaskClient, source: dict[str, Any] | bytes) -> TestResponse:
    data = source if isinstance(source, bytes) else write_yaml(source).encode()
    return client.post("/design/upload", data={"file": (io.BytesIO(data), "q.yaml")})


def draft(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return db.session.query(Questionnaire).one().draft


def question_ids(app: Flask) -> list[list[str]]:
    return [
        [question["id"] for question in section.get("questions", [])]
        for section in draft(app).get("sections", [])
    ]


def test_the_empty_list_offers_both_beginnings(manager: FlaskClient) -> None:
    page = manager.get("/design/").text
    assert 'href="/design/new"' in page
    assert 'href="/design/upload"' in page


def test_a_questionnaire_can_be_written_in_forms_and_published(
    app: Flask, manager: FlaskClient
) -> None:
    manager.post("/design/new", data={"title": "Visit", "key": "visit"})
    rating = {"text": "How?", "id": "q1", "lowest": "1", "highest": "5", "revision": "1"}
    rating |= {"direction": "lower_is_better", "anchors": "1 = good\n5 = bad", "required": "y"}
    answer = manager.post("/design/visit/sections/1/new/rating", data=rating)
    assert answer.status_code == 302, answer.text
    choice = {"text": "Where?", "id": "q2", "options": "shop = In the shop\nphone", "revision": "2"}
    choice |= {"missing": "refused", "multiple": "y"}
    manager.post("/design/visit/sections/1/new/choice", data=choice)
    number = {"text": "Wait?", "id": "q3", "unit": "minutes", "lowest": "0.5", "revision": "3"}
    manager.post("/design/visit/sections/1/new/number", data=number)
    text = {"text": "More?", "id": "q4", "lines": "3", "longest": "100", "revision": "4"}
    manager.post("/design/visit/sections/1/new/text", data=text)
    assert manager.post("/design/visit/publish", data={"revision": "5"}).status_code == 302
    with app.app_context():
        version = db.session.query(QuestionnaireVersion).one()
        assert version.definition["sections"][0]["questions"] == [
            {
                "id": "q1",
                "type": "rating",
                "text": "How?",
                "required": True,
                "scale": {
                    "lowest": 1,
                    "highest": 5,
                    "direction": "lower_is_better",
                    "anchors": {"1": "good", "5": "bad"},
                },
            },
            {
                "id": "q2",
                "type": "choice",
                "text": "Where?",
                "missing": ["refused"],
                "options": [
                    {"code": "shop", "label": "In the shop"},
                    {"code": "phone", "label": "phone"},
                ],
                "multiple": True,
            },
            {"id": "q3", "type": "number", "text": "Wait?", "unit": "minutes", "lowest": 0.5},
            {"id": "q4", "type": "text", "text": "More?", "lines": 3, "longest": 100},
        ]
        published = db.session.query(AuditEntry).filter_by(action="questionnaire published").one()
        assert (published.subject, published.user_id) == ("visit 1", version.published_by_id)


def test_each_question_is_shown_in_its_form_as_it_is_and_saved_unchanged(
    app: Flask, manager: FlaskClient
) -> None:
    upload(manager, definition())
    before = draft(app)
    places = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    for revision, (section, question) in enumerate(places, start=1):
        address = f"/design/visit_feedback/sections/{section}/questions/{question}"
        fields = fields_of(manager.get(address).text)
        assert fields["revision"] == [str(revision)]
        assert manager.post(address, data=fields).status_code == 302
    assert draft(app) == before


def test_the_text_of_a_draft_saved_as_it_stands_changes_nothing(
    app: Flask, manager: FlaskClient
) -> None:
    upload(manager, definition(introduction="Two lines\nof text: *really*"))
    before = draft(app)
    fields = fields_of(manager.get("/design/visit_feedback/text").text)
    assert manager.post("/design/visit_feedback/text", data=fields).status_code == 302
    assert draft(app) == before


def test_title_and_introduction_are_changed_in_their_form(app: Flask, manager: FlaskClient) -> None:
    upload(manager, definition())
    fields = fields_of(manager.get("/design/visit_feedback/about").text)
    fields |= {"title": ["Your visit"], "introduction": [""], "language": ["de-CH"]}
    assert manager.post("/design/visit_feedback/about", data=fields).status_code == 302
    saved = draft(app)
    assert (saved["title"], saved["language"]) == ("Your visit", "de-CH")
    assert "introduction" not in saved
    fields = fields_of(manager.get("/design/visit_feedback/about").text)
    manager.post("/design/visit_feedback/about", data=fields | {"paging": ["sections"]})
    assert draft(app) == saved | {"paging": "sections"}
    fields = fields_of(manager.get("/design/visit_feedback/about").text)
    assert fields["paging"] == ["sections"]
    manager.post("/design/visit_feedback/about", data=fields | {"paging": [""]})
    assert draft(app) == saved


def test_a_stale_save_is_told_and_overwrites_nothing(app: Flask, manager: FlaskClient) -> None:
    upload(manager, definition())
    fields = fields_of(manager.get("/design/visit_feedback/about").text)
    assert manager.post("/design/visit_feedback/about", data=fields).status_code == 302
    before = draft(app)
    answer = manager.post("/design/visit_feedback/about", data=fields | {"title": ["Mine"]})
    assert answer.status_code == 422
    assert "nothing was overwritten" in answer.text
    assert 'value="Mine"' in answer.text
    moved = {"revision": "1", "action": "remove", "section": "1"}
    assert manager.post("/design/visit_feedback/outline", data=moved).status_code == 422
    assert manager.post("/design/visit_feedback/publish", data={"revision": 1}).status_code == 422
    assert draft(app) == before


def test_a_save_that_does_not_say_what_it_has_seen_is_refused(
    app: Flask, manager: FlaskClient
) -> None:
    upload(manager, definition())
    before = draft(app)
    fields = fields_of(manager.get("/design/visit_feedback/about").text) | {"title": ["Mine"]}
    for revision in ([], ["x"], ["-1"], ["9" * 30]):
        posted = fields | {"revision": revision}
        assert manager.post("/design/visit_feedback/about", data=posted).status_code == 422
        posted = {"revision": revision, "action": "remove", "section": "1"}
        assert manager.post("/design/visit_feedback/outline", data=posted).status_code == 422
        posted = {"revision": revision}
        assert manager.post("/design/visit_feedback/publish", data=posted).status_code == 422
    assert draft(app) == before


def test_questions_and_sections_move_and_go(app: Flask, manager: FlaskClient) -> None:
    upload(manager, definition())

    def press(revision: int, action: str, section: int, question: int | str = "") -> int:
        pressed = {"action": action, "section": section, "question": question}
        address = "/design/visit_feedback/outline"
        return manager.post(address, data={"revision": revision, **pressed}).status_code

    assert press(1, "down", 1, 1) == 302
    assert question_ids(app) == [["q2", "q1", "q3"], ["q4", "q5"]]
    assert press(2, "down", 1, 3) == 302
    assert question_ids(app) == [["q2", "q1"], ["q3", "q4", "q5"]]
    assert press(3, "up", 2) == 302
    assert question_ids(app) == [["q3", "q4", "q5"], ["q2", "q1"]]
    assert press(4, "remove", 1, 2) == 302
    assert question_ids(app) == [["q3", "q5"], ["q2", "q1"]]
    assert press(5, "remove", 2) == 302
    assert question_ids(app) == [["q3", "q5"]]
    assert press(6, "remove", 2) == 404
    assert press(6, "remove", 1, 0) == 404
    assert press(6, "explode", 1) == 422
    assert question_ids(app) == [["q3", "q5"]]


def test_a_removal_says_what_it_leaves_behind(app: Flask, manager: FlaskClient) -> None:
    linked = definition()
    linked["sections"][1]["questions"][0]["show_if"] = {"question": "q1", "at_least": 3}
    upload(manager, linked)
    page = manager.get("/design/visit_feedback/sections/1/questions/1").text
    assert "<li>When “How long did you wait?” is asked</li>" in page
    pressed = {"revision": 1, "action": "remove", "section": 1, "question": 1}
    answer = manager.post("/design/visit_feedback/outline", data=pressed, follow_redirects=True)
    assert "“How satisfied are you with your visit?” was removed." in answer.text
    assert "what named it: When “How long did you wait?” is asked." in answer.text


def test_a_question_is_copied_with_its_translations(app: Flask, manager: FlaskClient) -> None:
    upload(manager, definition(translations={"de": {"q2.text": "Wo?", "q2.options.shop": "Hier"}}))
    pressed = {"revision": 1, "action": "copy", "section": 1, "question": 2}
    answer = manager.post("/design/visit_feedback/outline", data=pressed, follow_redirects=True)
    assert "the copy is q6" in answer.text
    assert question_ids(app) == [["q1", "q2", "q6", "q3"], ["q4", "q5"]]
    first, second = draft(app)["sections"][0]["questions"][1:3]
    assert second == first | {"id": "q6"}
    german = draft(app)["translations"]["de"]
    assert german == {
        "q2.text": "Wo?",
        "q2.options.shop": "Hier",
        "q6.text": "Wo?",
        "q6.options.shop": "Hier",
    }


def test_sections_are_added_and_renamed(app: Flask, manager: FlaskClient) -> None:
    manager.post("/design/new", data={"title": "Visit", "key": "visit"})
    fields = fields_of(manager.get("/design/visit/sections/new").text)
    assert fields["id"] == ["section2"]
    manager.post("/design/visit/sections/new", data=fields | {"title": ["Second"]})
    fields = fields_of(manager.get("/design/visit/sections/1").text)
    manager.post("/design/visit/sections/1", data=fields | {"title": ["First"]})
    assert [section["title"] for section in draft(app)["sections"]] == ["First", "Second"]


def test_what_changed_is_shown_before_publishing_and_can_be_overruled_with_a_note(
    app: Flask, manager: FlaskClient
) -> None:
    with app.app_context():
        add_version()
        db.session.commit()
    changed = definition()
    changed["sections"][0]["questions"][0]["text"] = "How satisfied were you?"
    saved = {"text": write_yaml(changed), "revision": "1"}
    manager.post("/design/visit_feedback/text", data=saved)
    assert 'href="/design/visit_feedback/publish"' in manager.get("/design/visit_feedback").text
    page = manager.get("/design/visit_feedback/publish").text
    assert "What changed since version 1" in page
    assert "another wording is another measurement" in page
    assert "<code>text_changed" not in page
    assert "<del>are</del>" in page
    assert "<ins>were</ins>" in page
    fields = fields_of(page)
    assert (fields["revision"], fields["changes-0-kind"]) == (["2"], ["breaking"])
    overruled = fields | {"changes-0-kind": ["comparable"]}
    answer = manager.post("/design/visit_feedback/publish", data=overruled)
    assert answer.status_code == 422
    assert "Say in the note why" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'href="#changes-0-note"' in answer.text
    assert fields_of(answer.text)["changes-0-kind"] == ["comparable"]
    overruled |= {"changes-0-note": ["A typing error."]}
    assert manager.post("/design/visit_feedback/publish", data=overruled).status_code == 302
    with app.app_context():
        version = db.session.query(QuestionnaireVersion).filter_by(number=2).one()
        assert version.series["q1"] == 1
        assert version.changes[0]["by"] == version.published_by_id
    page = manager.get("/design/visit_feedback/versions/2").text
    for words in ("A typing error.", "<ins>were</ins>", "<strong>Breaking</strong> by rule"):
        assert words in page
    assert "decided by" in page
    page = manager.get("/design/visit_feedback").text
    assert 'href="/design/visit_feedback/versions/2"' in page


def test_the_page_of_a_first_version_says_that_it_is(app: Flask, manager: FlaskClient) -> None:
    with app.app_context():
        fingerprint = add_version().hash
        db.session.commit()
    page = manager.get("/design/visit_feedback/versions/1").text
    assert "It is the first version" in page
    assert fingerprint in page
    assert "/design/visit_feedback/versions/1/definition.yaml" in page


def test_what_is_published_as_it_stands_cannot_be_published_again(
    app: Flask, manager: FlaskClient
) -> None:
    with app.app_context():
        add_version()
        db.session.commit()
    page = manager.get("/design/visit_feedback/publish").text
    assert "Change it before you publish again" in page
    assert 'disabled aria-describedby="unchanged"' in page


def test_looking_at_what_publishing_means_publishes_nothing(
    app: Flask, manager: FlaskClient
) -> None:
    upload(manager, definition())
    page = manager.get("/design/visit_feedback/publish").text
    assert "Publish version 1" in page
    assert "What changed" not in page
    with app.app_context():
        assert db.session.query(QuestionnaireVersion).count() == 0


def test_minutes_and_warnings_are_told_before_publishing_and_keep_nobody_from_it(
    app: Flask, manager: FlaskClient
) -> None:
    clumsy = definition()
    clumsy["sections"][0]["questions"][0]["text"] = "How quick and friendly was your visit?"
    upload(manager, clumsy)
    page = manager.get("/design/visit_feedback/publish").text
    assert "Answering takes about 2 minutes" in page
    assert "quick and friendly&#34;: It seems to ask two things at once" in page
    answer = manager.post("/design/visit_feedback/publish", data=fields_of(page))
    assert answer.status_code == 302
    with app.app_context():
        assert db.session.query(QuestionnaireVersion).count() == 1


def test_what_a_draft_lacks_is_said_before_it_can_be_published(
    app: Flask, manager: FlaskClient
) -> None:
    manager.post("/design/new", data={"title": "Visit", "key": "visit"})
    for address in ("/design/visit", "/design/visit/publish"):
        page = manager.get(address).text
        assert "Before you can publish" in page
        assert "The section has no question" in page
        assert 'href="/design/visit/sections/1"' in page
    answer = manager.post("/design/visit/publish", data={"revision": "1"})
    assert answer.status_code == 422
    with app.app_context():
        assert db.session.query(QuestionnaireVersion).count() == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"title: a: b", "line 1, column 9"),
        (b"title: \xe9", "not UTF-8"),
        (b"", "nothing in it"),
        (b"format: soundings-questionnaire/1\nkey: a b\ntitle: x", "cannot be a key"),
        (b"format: soundings-questionnaire/1\nkey: ab\ntitel: x", "Did you mean"),
    ],
)
def test_an_upload_that_cannot_be_read_is_explained_and_nothing_is_kept(
    source: bytes, said: str, app: Flask, manager: FlaskClient
) -> None:
    answer = upload(manager, source)
    assert answer.status_code == 422
    assert said in answer.text
    with app.app_context():
        assert db.session.query(Questionnaire).count() == 0


def test_a_key_is_taken_once(app: Flask, manager: FlaskClient) -> None:
    assert upload(manager, definition()).status_code == 302
    answer = upload(manager, definition())
    assert answer.status_code == 422
    assert "already" in answer.text
    again = {"title": "Mine", "key": "visit_feedback"}
    assert manager.post("/design/new", data=again).status_code == 422


def test_all_that_is_wrong_with_a_beginning_is_told_at_once(manager: FlaskClient) -> None:
    answer = manager.post("/design/new", data={"title": " ", "key": "Visit 1"})
    assert answer.status_code == 422
    assert "Write a title." in answer.text
    assert "&#34;Visit 1&#34; cannot be a key." in answer.text


def test_a_refused_text_stays_in_the_field(manager: FlaskClient) -> None:
    upload(manager, definition())
    typed = {"text": "format: soundings-questionnaire/1\nkey: other", "revision": "1"}
    answer = manager.post("/design/visit_feedback/text", data=typed)
    assert answer.status_code == 422
    assert "key: other" in answer.text
    assert "has the key" in answer.text


def test_previews_show_the_customers_page_and_cannot_be_sent(
    app: Flask, manager: FlaskClient
) -> None:
    with app.app_context():
        add_version()
        db.session.commit()
    for address in ("/design/visit_feedback/preview", "/design/visit_feedback/versions/1/preview"):
        page = manager.get(address).text
        assert "Where did you meet us?" in page
        assert "disabled>Send my answers" in page


def test_a_download_is_the_definition(app: Flask, manager: FlaskClient) -> None:
    with app.app_context():
        published = add_version().definition
        db.session.commit()
    for address in ("definition.yaml", "versions/1/definition.yaml"):
        answer = manager.get(f"/design/visit_feedback/{address}")
        assert "attachment" in answer.headers["Content-Disposition"]
        assert read_document(answer.data) == (published, [])


ABSENT = [
    "/design/other",
    "/design/other/preview",
    "/design/other/publish",
    "/design/%ff",
    "/design/visit/versions/99999999999999999999/preview",
    "/design/visit/sections/99999999999999999999",
    "/design/visit/versions/1/preview",
    "/design/visit/versions/1",
    "/design/visit/sections/2",
    "/design/visit/sections/2/new/text",
    "/design/visit/sections/1/new/song",
    "/design/visit/sections/1/questions/1",
]


def test_what_is_not_there_is_not_found(manager: FlaskClient) -> None:
    manager.post("/design/new", data={"title": "Visit", "key": "visit"})
    for address in ABSENT:
        assert manager.get(address).status_code == 404, address


def test_the_list_counts_questions_and_versions(app: Flask, manager: FlaskClient) -> None:
    with app.app_context():
        add_version()
        db.session.commit()
    page = manager.get("/design/").text
    assert '<td class="num">5</td>' in page
    assert '<td class="num">1</td>' in page
