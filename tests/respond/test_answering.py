"""Page by page: what is kept, where it leads, and what happens when two places answer at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from survey_app.db import db
from survey_app.invite.models import Campaign
from survey_app.respond.entering import find_invitation
from survey_app.respond.models import Response, ResponseDraft
from survey_app.respond.outcomes import (
    BACK,
    CHANGE,
    END,
    KEEP,
    NEXT,
    SAVE,
    Clash,
    Moved,
    Received,
    Saved,
    Shown,
    Stored,
)
from tests.factories.questionnaires import NOW, add_invitation, add_version
from tests.factories.sending import send

SCALE = {"lowest": 1, "highest": 5}
PAGES: dict[str, Any] = {
    "format": "soundings-questionnaire/1",
    "key": "pages",
    "title": "Pages",
    "paging": "sections",
    "sections": [
        {
            "id": "first",
            "questions": [
                {"id": "q1", "type": "rating", "text": "How?", "required": True, "scale": SCALE},
                {
                    "id": "why",
                    "type": "text",
                    "text": "Why?",
                    "show_if": {"question": "q1", "at_most": 2},
                },
            ],
        },
        {
            "id": "bad",
            "show_if": {"question": "q1", "at_most": 2},
            "questions": [{"id": "q2", "type": "yes_no", "text": "Shall we call?"}],
        },
        {"id": "last", "questions": [{"id": "q3", "type": "text", "text": "What else?"}]},
        {
            "id": "gold",
            "show_if": {"contact": "segment", "equals": "silver"},
            "questions": [{"id": "q4", "type": "text", "text": "Silver?"}],
        },
    ],
}


@pytest.fixture
def token(app: Flask) -> str:
    """A link to the questionnaire of several pages, by a contact of the segment gold."""
    with app.app_context():
        token = add_invitation(add_version(PAGES))[1]
        db.session.commit()
    return token


def draft() -> ResponseDraft:
    db.session.expire_all()
    return db.session.query(ResponseDraft).one()


def answers_of_response() -> dict[str, Any]:
    return db.session.query(Response).order_by(Response.revision.desc()).first().answers


def test_each_page_is_saved_and_leads_to_the_next_on_the_path(app: Flask, token: str) -> None:
    with app.app_context():
        assert send(token, {"q1": ["5"]}, "first", NEXT) == Moved("last", "en")
        assert draft().answers == {"q1": {"value": 5}}
        assert draft().revision == 1
        assert isinstance(send(token, {"q3": ["Fine"]}, "last", revision=1), Stored)
        assert answers_of_response() == {
            "q1": {"value": 5},
            "why": {"missing": "not_shown"},
            "q2": {"missing": "not_shown"},
            "q3": {"value": "Fine"},
            "q4": {"missing": "not_shown"},
        }
        assert db.session.query(ResponseDraft).count() == 0


def test_a_question_that_was_hidden_is_shown_before_one_goes_on(app: Flask, token: str) -> None:
    with app.app_context():
        outcome = send(token, {"q1": ["1"]}, "first", NEXT)
        assert outcome == Moved("first", "en", anchor="why", note="more")
        shown = {"q1": ["1"], "why__shown": ["1"], "why": [""]}
        assert send(token, shown, "first", NEXT, revision=1) == Moved("bad", "en")
        assert draft().answers == {"q1": {"value": 1}, "why": {"missing": "skipped"}}


def test_answers_off_the_path_are_stored_as_not_shown_whatever_was_posted(
    app: Flask, token: str
) -> None:
    with app.app_context():
        send(token, {"q1": ["5"], "why": ["Because"], "why__shown": ["1"]}, "first", NEXT)
        send(token, {"q2": ["nonsense"]}, "bad", NEXT, revision=1)
        send(token, {"q3": ["x"]}, "last", revision=2)
        stored = answers_of_response()
        assert stored["why"] == stored["q2"] == {"missing": "not_shown"}


def test_going_back_saves_and_needs_no_answer_yet(app: Flask, token: str) -> None:
    with app.app_context():
        send(token, {"q1": ["5"]}, "first", NEXT)
        assert send(token, {"q3": ["Half"]}, "last", BACK, revision=1) == Moved("first", "en")
        assert draft().answers["q3"] == {"value": "Half"}


def test_what_is_required_on_an_earlier_page_is_asked_for_at_the_end(
    app: Flask, token: str
) -> None:
    with app.app_context():
        assert isinstance(send(token, {}, "first", SAVE), Saved)
        outcome = send(token, {"q3": ["x"]}, "last", revision=1)
        assert outcome == Moved("first", "en", note="more")
        assert db.session.query(Response).count() == 0


def test_a_page_that_became_part_of_the_path_later_is_shown_before_sending(
    app: Flask, token: str
) -> None:
    with app.app_context():
        send(token, {"q1": ["5"]}, "first", NEXT)
        send(token, {"q1": ["2"], "why__shown": ["1"]}, "first", NEXT, revision=1)
        outcome = send(token, {"q3": ["x"]}, "last", revision=2)
        assert outcome == Moved("bad", "en", note="more")
        assert isinstance(send(token, {"q2": ["yes"]}, "bad", NEXT, revision=3), Moved)
        assert isinstance(send(token, {"q3": ["x"]}, "last", revision=4), Stored)


def test_where_the_last_page_falls_away_there_is_a_page_to_send_from(app: Flask) -> None:
    changed = {**PAGES, "sections": PAGES["sections"][:2]}
    with app.app_context():
        token = add_invitation(add_version(changed))[1]
        assert send(token, {"q1": ["5"]}, "first", NEXT) == Moved(END, "en")
        assert send(token, {}, END, BACK, revision=1) == Moved("first", "en")
        assert isinstance(send(token, {}, END, revision=1), Stored)


def test_a_stale_page_that_says_the_same_goes_on(app: Flask, token: str) -> None:
    with app.app_context():
        send(token, {"q1": ["5"]}, "first", NEXT)
        assert send(token, {"q1": ["5"]}, "first", NEXT) == Moved("last", "en")


def test_two_places_that_answer_differently_are_shown_both_and_nothing_is_overwritten(
    app: Flask, token: str
) -> None:
    with app.app_context():
        send(token, {"q1": ["5"]}, "first", NEXT)
        outcome = send(token, {"q1": ["4"]}, "first", NEXT)
        assert isinstance(outcome, Clash)
        assert outcome.differing == {"q1": ({"value": 4}, {"value": 5})}
        assert draft().answers == {"q1": {"value": 5}}


@pytest.mark.parametrize(("which", "kept"), [("mine", 4), ("saved", 5)])
def test_of_two_answers_the_chosen_one_is_kept(
    app: Flask, token: str, which: str, kept: int
) -> None:
    with app.app_context():
        send(token, {"q1": ["5"]}, "first", NEXT)
        outcome = send(token, {"q1": ["4"]}, "first", NEXT, revision=1, taken={"q1": which})
        assert outcome == Moved("last", "en")
        assert draft().answers == {"q1": {"value": kept}}


def test_other_pages_answered_elsewhere_are_kept_beside_ones_own(app: Flask, token: str) -> None:
    with app.app_context():
        send(token, {"q1": ["5"]}, "first", NEXT)
        assert isinstance(send(token, {"q3": ["Fine"]}, "last"), Stored)
        assert answers_of_response()["q1"] == {"value": 5}


def test_an_unknown_page_leads_to_where_one_is(app: Flask, token: str) -> None:
    with app.app_context():
        assert send(token, {"q1": ["5"]}, "nowhere") == Moved("", "en")


def test_switching_the_language_stores_nothing_and_keeps_what_is_typed(
    app: Flask, token: str
) -> None:
    with app.app_context():
        outcome = send(token, {"q1": ["nonsense"]}, "first", "speak:en")
        assert isinstance(outcome, Shown)
        assert outcome.problems == []
        assert outcome.typed == {"q1": ["nonsense"]}
        assert db.session.query(ResponseDraft).count() == 0


def let_change() -> None:
    db.session.query(Campaign).update({"answers_may_change": True})


def sent_once(token: str) -> None:
    send(token, {"q1": ["5"]}, "first", NEXT)
    send(token, {"q3": ["Fine"]}, "last", revision=1)


def test_sent_answers_stay_as_they_are_unless_the_campaign_lets_them_change(
    app: Flask, token: str
) -> None:
    with app.app_context():
        sent_once(token)
        assert isinstance(send(token, {}, action=CHANGE), Received)
        assert db.session.query(ResponseDraft).count() == 0


def test_a_change_is_a_new_revision_of_the_same_moment_and_the_old_one_is_kept(
    app: Flask, token: str
) -> None:
    later = NOW + timedelta(hours=1)
    with app.app_context():
        let_change()
        sent_once(token)
        assert send(token, {}, action=CHANGE, now=later) == Moved("first", "en")
        assert draft().answers == {"q1": {"value": 5}, "q3": {"value": "Fine"}}
        begun = draft().revision
        assert send(token, {"q1": ["4"]}, "first", NEXT, begun, now=later) == Moved("last", "en")
        assert isinstance(
            send(token, {"q3": ["So"]}, "last", revision=begun + 1, now=later), Stored
        )
        first, second = db.session.query(Response).order_by(Response.revision)
        assert (first.revision, first.answers["q1"]) == (1, {"value": 5})
        assert (second.revision, second.answers["q1"]) == (2, {"value": 4})
        assert first.submitted_at == second.submitted_at == NOW
        assert (first.stored_at, second.stored_at) == (NOW, later)
        assert db.session.query(ResponseDraft).count() == 0


def test_a_change_can_be_given_up(app: Flask, token: str) -> None:
    with app.app_context():
        let_change()
        sent_once(token)
        send(token, {}, action=CHANGE)
        assert isinstance(send(token, {"q1": ["1"]}, "first", KEEP, revision=1), Received)
        assert db.session.query(ResponseDraft).count() == 0
        assert db.session.query(Response).one().answers["q1"] == {"value": 5}


def test_a_change_that_was_not_sent_in_time_changes_nothing(app: Flask, token: str) -> None:
    with app.app_context():
        let_change()
        sent_once(token)
        send(token, {}, action=CHANGE)
        db.session.query(Campaign).update({"closes_at": NOW + timedelta(days=1)})
        late = NOW + timedelta(days=1)
        assert isinstance(send(token, {"q1": ["1"]}, "first", NEXT, 1, now=late), Received)
        assert isinstance(send(token, {}, action=CHANGE, now=late), Received)
        assert db.session.query(Response).one().answers["q1"] == {"value": 5}


def test_two_changes_sent_at_once_make_one_revision(app: Flask, token: str) -> None:
    with app.app_context():
        let_change()
        sent_once(token)
        send(token, {}, action=CHANGE)
        begun = draft().revision
        send(token, {"q1": ["4"]}, "first", NEXT, begun)
        assert isinstance(send(token, {"q3": ["a"]}, "last", revision=begun + 1), Stored)
        # The same once more is a double click; something else came too late, and is told so.
        assert send(token, {"q3": ["a"]}, "last", revision=begun + 1) == Received("en")
        late = send(token, {"q3": ["b"]}, "last", revision=begun + 1)
        assert late == Received("en", came_late=True)
        assert db.session.query(Response).count() == 2


def test_the_seed_of_random_orders_is_stored_and_is_the_invitations(app: Flask) -> None:
    random = {**PAGES, "sections": [{**PAGES["sections"][2], "order": "random"}]}
    with app.app_context():
        token = add_invitation(add_version(random))[1]
        seed = find_invitation(db.session.connection(), token, NOW).seed
        assert isinstance(send(token, {"q3": ["x"]}, "last"), Stored)
        assert db.session.query(Response).one().seed == seed
        assert len(seed) == 16


def test_without_random_orders_there_is_no_seed(app: Flask, token: str) -> None:
    with app.app_context():
        sent_once(token)
        assert db.session.query(Response).one().seed == ""


def test_a_page_that_is_behind_stays_behind_when_it_is_shown_again(app: Flask, token: str) -> None:
    with app.app_context():
        send(token, {"q1": ["5"]}, "first", NEXT)
        for action, answers in [("speak:en", {"q1": ["4"]}), (NEXT, {"q1": ["9"]})]:
            outcome = send(token, answers, "first", action)
            assert isinstance(outcome, Shown)
            assert outcome.revision == 0
        assert isinstance(send(token, {"q1": ["4"]}, "first", NEXT), Clash)


def test_a_page_of_an_earlier_change_is_never_taken_for_one_of_this_change(
    app: Flask, token: str
) -> None:
    with app.app_context():
        let_change()
        sent_once(token)
        send(token, {}, action=CHANGE)
        first = draft().revision
        send(token, {}, "first", KEEP, first)
        send(token, {}, action=CHANGE)
        assert draft().revision not in (1, first)
        assert isinstance(send(token, {"q3": ["old"]}, "last", revision=first), Clash)
        assert isinstance(send(token, {"q3": ["old"]}, "last", revision=1), Clash)


def test_a_page_from_before_a_question_was_asked_leaves_its_answer(app: Flask, token: str) -> None:
    with app.app_context():
        shown = {"q1": ["1"], "why__shown": ["1"], "why": ["A long story"]}
        send(token, shown, "first", NEXT)
        assert send(token, {"q1": ["1"]}, "first", NEXT) == Moved("bad", "en")
        assert draft().answers["why"] == {"value": "A long story"}


def test_an_answer_off_the_path_comes_back_with_the_path(app: Flask, token: str) -> None:
    with app.app_context():
        shown = {"q1": ["1"], "why__shown": ["1"], "why": ["A long story"]}
        send(token, shown, "first", NEXT)
        send(token, {"q1": ["5"]}, "first", NEXT, revision=1)
        outcome = send(token, {"q1": ["1"]}, "first", NEXT, revision=2)
        # It is shown again, with what was written, before one goes on.
        assert outcome == Moved("first", "en", anchor="why", note="more")
        assert draft().answers["why"] == {"value": "A long story"}


RULES: dict[str, Any] = {
    "format": "soundings-questionnaire/1",
    "key": "rules",
    "title": "Rules",
    "paging": "sections",
    "sections": [
        {"id": "one", "questions": [{"id": "a", "type": "number", "text": "From?"}]},
        {"id": "two", "questions": [{"id": "b", "type": "number", "text": "To?"}]},
        {"id": "three", "questions": [{"id": "c", "type": "text", "text": "Else?"}]},
    ],
    "constraints": [
        {"must": {"question": "b", "at_least": {"question": "a"}}, "message": "To is below from."}
    ],
}


def test_a_rule_broken_on_another_page_leads_there_and_loses_nothing_of_this_page(
    app: Flask,
) -> None:
    with app.app_context():
        token = add_invitation(add_version(RULES))[1]
        send(token, {"a": ["1"]}, "one", NEXT)
        send(token, {"b": ["2"]}, "two", NEXT, revision=1)
        send(token, {"a": ["9"]}, "one", NEXT, revision=2)
        outcome = send(token, {"c": ["My words"]}, "three", revision=3)
        assert outcome == Moved("two", "en", note="check")
        assert draft().answers["c"] == {"value": "My words"}
        assert db.session.query(Response).count() == 0
        db.session.commit()
    page = app.test_client().get(f"/r/{token}?page=two&note=check")
    assert "To is below from." in page.text
    assert 'href="#a-b"' in page.text


def test_a_leading_text_of_information_is_where_one_begins(app: Flask) -> None:
    asked = {
        **PAGES,
        "paging": "questions",
        "sections": [
            {
                "id": "all",
                "questions": [
                    {"id": "hello", "type": "info", "text": "Welcome to this."},
                    {"id": "q1", "type": "text", "text": "Well?"},
                ],
            }
        ],
    }
    with app.app_context():
        token = add_invitation(add_version(asked))[1]
        db.session.commit()
    page = app.test_client().get(f"/r/{token}").text
    assert "Welcome to this." in page
    assert "Well?" not in page


@pytest.mark.parametrize(
    ("posts", "kept"),
    [
        ([("first", {"q1": "5"})] * 2, {"q1": {"value": 5}}),
        (
            [("first", {"q1": "5"}), ("last", {"q3": "precious"})],
            {"q1": {"value": 5}, "q3": {"value": "precious"}},
        ),
    ],
)
def test_what_comes_from_two_places_at_once_is_all_kept(
    app: Flask, token: str, posts: list[tuple[str, dict[str, str]]], kept: dict[str, Any]
) -> None:
    with app.app_context():
        send(token, {"q1": ["4"]}, "first", NEXT)
        db.session.commit()
    gate = threading.Barrier(len(posts))
    places: list[str] = []

    def post(page: str, answers: dict[str, str]) -> None:
        client = app.test_client()
        gate.wait(30)
        own = {"_page": page, "_revision": "1", "_go": "save"}
        places.append(client.post(f"/r/{token}", data=own | answers).text)

    for _attempt in range(3):
        with app.app_context():
            db.session.execute(update(ResponseDraft).values(revision=1, answers={}))
            db.session.commit()
        threads = [threading.Thread(target=post, args=one) for one in posts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        with app.app_context():
            assert draft().answers == kept
    assert all("Your answers so far are saved" in page for page in places)
