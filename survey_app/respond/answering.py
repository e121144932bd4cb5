"""One post of a page by the holder of a link: read it, keep it, and say what they see next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from survey_app.domain.answers import AnswerForm, Document, Reading, spread_answers
from survey_app.domain.paging import (
    first_page,
    last_page,
    next_page,
    open_page,
    page_of,
    previous_page,
)
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import NOT_SHOWN, SKIPPED, Answer, Posted, Questionnaire
from survey_app.domain.routing import arrange
from survey_app.respond.drafting import (
    FIRST_OF_CHANGE,
    begin_change,
    drop_draft,
    save_draft,
    sent_answers,
)
from survey_app.respond.entering import Invited, is_enough
from survey_app.respond.outcomes import (
    BACK,
    CHANGE,
    END,
    KEEP,
    NEXT,
    SAVE,
    SEND,
    SPEAK,
    Clash,
    Enough,
    Moved,
    Outcome,
    Received,
    Saved,
    Sent,
    Shown,
    Stored,
)
from survey_app.respond.submitting import store_response
from survey_app.respond.uploading import name_files, take_files
from survey_app.respond.versions import Version, version_of


def answer(
    connection: Connection, invited: Invited, sent: Sent, language: str, now: datetime
) -> Outcome | None:
    """Do what a page asks for; `language` is the page's, one of the questionnaire's.

    None says that somebody else saved in this very moment: nothing was stored, and `invited` has to
    be found anew.
    """
    if not invited.is_answering:
        if sent.action == CHANGE and invited.takes_changes(now):
            known = begin_change(connection, invited, now)
            version = version_of(invited.questionnaire_key, invited.version_number)
            first = first_page(version.questionnaire, known, invited.contact)
            return Moved(first, language)
        return Received(language, _came_late(connection, invited, sent))
    if is_enough(invited):
        return Enough(language)
    if sent.action == KEEP and invited.response_id is not None:
        drop_draft(connection, invited)
        return Received(language)
    version = version_of(invited.questionnaire_key, invited.version_number)
    if sent.page == END:
        return _at_end(connection, version, invited, sent, language, now)
    if sent.page not in {page.id for page in version.questionnaire.pages}:
        return Moved("", language)
    return _answer_page(connection, version, invited, sent, language, now)


def unreadable(invited: Invited, language: str, problems: list[Problem]) -> Shown:
    """The page on which to go on, for a post of which nothing could be read."""
    version = version_of(invited.questionnaire_key, invited.version_number)
    questionnaire = arranged(version, invited, language)
    page = open_page(questionnaire, invited.answers, invited.contact)
    typed = spread_answers(_questions_of(questionnaire, page), invited.answers)
    revision = invited.draft_revision or 0
    return Shown(page, language, revision, typed, invited.answers, problems)


def _answer_page(
    connection: Connection,
    version: Version,
    invited: Invited,
    sent: Sent,
    language: str,
    now: datetime,
) -> Outcome | None:
    questionnaire = arranged(version, invited, language)
    posted, problems = take_files(questionnaire, invited.invitation_id, sent.answers, sent.uploads)
    posted = _take_saved(questionnaire, posted, sent, invited.answers)
    must = sent.action in (NEXT, SEND)
    reading = version.form(language).read_page(
        sent.page, posted, invited.answers, invited.contact, required=must
    )
    known = {**invited.answers, **reading.answers}
    if sent.action.startswith(SPEAK):
        return Shown(sent.page, language, sent.revision, posted, known)
    if problems or reading.problems:
        wrong = [*problems, *reading.problems]
        return Shown(sent.page, language, sent.revision, posted, known, wrong)
    if sent.revision != (invited.draft_revision or 0):
        differing = _differing(reading, invited.answers)
        if differing:
            # What was uploaded is named, since a browser cannot be given a file back.
            named = replace(sent, answers=name_files(questionnaire, posted), uploads={})
            return Clash(sent.page, language, named, differing)
    if (
        sent.action == SEND
        and not reading.unseen
        and next_page(questionnaire, sent.page, known, invited.contact) is None
    ):
        return _send(connection, version, invited, sent, known, language, now)
    return _keep(connection, invited, questionnaire, sent, reading, language, now)


def _keep(
    connection: Connection,
    invited: Invited,
    questionnaire: Questionnaire,
    sent: Sent,
    reading: Reading,
    language: str,
    now: datetime,
) -> Outcome | None:
    """Save the page's answers and go where the button leads."""
    # What is empty on a page that is left unfinished is still to be asked; it was not skipped.
    finished = sent.action not in (BACK, SAVE)
    kept = {name: one for name, one in invited.answers.items() if name not in reading.answers}
    known = kept | {
        name: one
        for name, one in reading.answers.items()
        if finished or one != {"missing": SKIPPED}
    }
    if not save_draft(connection, invited, known, language, now):
        return None
    if sent.action == SAVE:
        return Saved(language)
    if reading.unseen and finished:
        return Moved(sent.page, language, anchor=reading.unseen[0].id, note="more")
    step = previous_page if sent.action == BACK else next_page
    there = step(questionnaire, sent.page, known, invited.contact)
    if there is None:
        return Moved(sent.page if sent.action == BACK else END, language)
    return Moved(there, language)


def _at_end(
    connection: Connection,
    version: Version,
    invited: Invited,
    sent: Sent,
    language: str,
    now: datetime,
) -> Outcome | None:
    questionnaire = arranged(version, invited, language)
    last = last_page(questionnaire, invited.answers, invited.contact)
    if sent.action == BACK:
        return Moved(last, language)
    if sent.action != SEND:
        return Moved(END, language)
    return _send(connection, version, invited, sent, invited.answers, language, now)


def _send(
    connection: Connection,
    version: Version,
    invited: Invited,
    sent: Sent,
    known: Document,
    language: str,
    now: datetime,
) -> Outcome | None:
    """Store the response; where something stands against it, show the page on which that is."""
    questionnaire = arranged(version, invited, language)
    form = version.form(language)
    document = form.complete(known, invited.contact)
    lacking = form.lacking(known, invited.contact)
    problems = obstacles(form, document, invited.contact)
    if not (lacking or problems) and _is_empty(document):
        # A stray tap on the button must not use up somebody's link.
        nothing = Problem.told(
            "",
            "nothing_answered",
            "You have not answered anything yet. Answer at least one question, then send.",
        )
        last = last_page(questionnaire, known, invited.contact)
        return Shown(last, language, sent.revision, {}, known, [nothing])
    if lacking or problems:
        item = lacking[0].items[0].id if lacking else problems[0].place
        note = "more" if lacking else "check"
        # Saved first: what was typed on this page is not on the one that is shown next.
        if not save_draft(connection, invited, known, language, now):
            return None
        return Moved(page_of(questionnaire, item), language, anchor="", note=note)
    if invited.draft_revision is not None and not drop_draft(connection, invited):
        return None
    seed = invited.seed if version.is_random else ""
    if not store_response(connection, invited, document, language, seed, now):
        return Received(language)
    return Stored(language, document)


def obstacles(form: AnswerForm, document: Document, contact: Mapping[str, str]) -> list[Problem]:
    """What keeps a complete document from being sent: answers that are needed, broken rules."""
    return [*form.unanswered(document), *form.broken_constraints(document, contact)]


def _is_empty(document: Document) -> bool:
    return all(one.get("missing") in (SKIPPED, NOT_SHOWN) for one in document.values())


def _came_late(connection: Connection, invited: Invited, sent: Sent) -> bool:
    """Whether a change was sent that is not in the response."""
    if invited.response_id is None or sent.revision < FIRST_OF_CHANGE or not sent.answers:
        return False
    version = version_of(invited.questionnaire_key, invited.version_number)
    if sent.page not in {page.id for page in version.questionnaire.pages}:
        return False
    kept = sent_answers(connection, invited)
    form = version.form(version.languages[0])
    reading = form.read_page(sent.page, sent.answers, kept, invited.contact, required=False)
    return any(kept[name] != one for name, one in reading.answers.items())


def arranged(version: Version, invited: Invited, language: str) -> Questionnaire:
    """The questionnaire in a language, in the order that this person sees."""
    questionnaire = version.in_language(language)
    return arrange(questionnaire, invited.seed) if version.is_random else questionnaire


def _differing(reading: Reading, saved: Document) -> dict[str, tuple[Answer, Answer]]:
    """The items of which something else was saved than is sent now."""
    return {
        name: (one, saved[name])
        for name, one in reading.answers.items()
        if name in saved and saved[name] != one
    }


def _take_saved(
    questionnaire: Questionnaire, posted: Posted, sent: Sent, saved: Document
) -> Posted:
    """The fields with those of the items for which the saved answer was preferred."""
    preferred = [name for name, which in sent.taken.items() if which == "saved" and name in saved]
    items = {item.id: item for item in questionnaire.items}
    fields: dict[str, Any] = dict(posted)
    for name in preferred:
        if name in items:
            for own in (*items[name].field_names, f"{name}__missing"):
                fields.pop(own, None)
            fields.update(spread_answers([items[name]], {name: saved[name]}))
    return fields


def _questions_of(questionnaire: Questionnaire, page_id: str) -> Any:
    return next(page for page in questionnaire.pages if page.id == page_id).questions
