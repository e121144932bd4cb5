"""The customer's pages. The first page of a version is made once per language and then given out
as it is, where it is the same for everybody; whoever has answered something gets their own.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app, render_template
from flask_babel import force_locale

from survey_app.design.languages import direction_of, own_name_of
from survey_app.domain.answers import spread_answers
from survey_app.domain.paging import Sheet, first_page, lay_out, open_page
from survey_app.domain.piping import pipe
from survey_app.domain.preselecting import choices_of, preselectable
from survey_app.domain.problems import Problem
from survey_app.domain.questionnaire import Page, Posted, Question, Questionnaire, Section
from survey_app.domain.routing import attributes_in, find_path, items_in
from survey_app.respond.answering import arranged, obstacles
from survey_app.respond.entering import Invited
from survey_app.respond.languages import interface_locale
from survey_app.respond.outcomes import END, Clash, Shown
from survey_app.respond.versions import Version, version_of
from survey_app.respond.wording import say_answer, say_day, say_problem

NOTES = ("more", "again", "check")


class Kept(NamedTuple):
    """The bytes of a page that is the same for all, as they are and packed by gzip."""

    plain: bytes
    packed: bytes


def render_page(
    invited: Invited,
    language: str,
    page_id: str = "",
    note: str = "",
    chosen: Mapping[str, str] | None = None,
) -> bytes | Kept:
    """The page with this id, or where there is no such page the one on which to go on.

    `chosen` is what a link in the mail says of its question, item id to value: it is shown as
    chosen where the mail offers it and nothing was saved, and changes nothing.
    """
    version = version_of(invited.questionnaire_key, invited.version_number)
    fresh = invited.draft_revision is None and version.is_same_for_all
    if fresh and not note and not chosen and page_id in ("", version.questionnaire.pages[0].id):
        return _kept("page", invited, language, lambda: _open_page(version, invited, language))
    return _open_page(version, invited, language, page_id, note, chosen or {})


def render_entrance(
    invited: Invited, language: str, crowded: str = "", problems: Sequence[Problem] = ()
) -> bytes | Kept:
    """The page of an open link: the first one, or where people see different orders a button with
    which to begin, since an order belongs to somebody. `crowded` as of `render_shown`."""
    version = version_of(invited.questionnaire_key, invited.version_number)
    if not version.is_random:
        return render_page(invited, language)
    return _template(
        "respond/open_start.html",
        language,
        questionnaire=_piped(version.in_language(language), invited, {}, language),
        languages=version.languages,
        opened=invited.opened,
        crowded=crowded,
        problems=[say_problem(one, language) for one in problems],
    ).encode()


def render_shown(invited: Invited, shown: Shown, crowded: str = "") -> bytes:
    """A page again, with what was typed and what is wrong with it.

    `crowded` is a sentence for who has to wait before it can be sent.
    """
    version = version_of(invited.questionnaire_key, invited.version_number)
    return _page(
        version,
        invited,
        shown.language,
        shown.page,
        invited.answers | shown.known,
        typed=shown.typed,
        problems=shown.problems,
        revision=shown.revision,
        crowded=crowded,
    )


def render_clash(invited: Invited, clash: Clash) -> str:
    """Both versions of what was answered in two places, to choose from."""
    version = version_of(invited.questionnaire_key, invited.version_number)
    questionnaire = arranged(version, invited, clash.language)
    piped = _piped(questionnaire, invited, invited.answers, clash.language)
    items = {item.id: item for item in piped.items}
    return _template(
        "respond/clash.html",
        clash.language,
        opened=invited.opened,
        questionnaire=piped,
        clash=clash,
        revision=invited.draft_revision or 0,
        rows=[
            (items[name], *(say_answer(items[name], one, clash.language) for one in both))
            for name, both in clash.differing.items()
        ],
    )


def render_thanks(
    invited: Invited, language: str, answers: Mapping[str, Any], now: datetime
) -> bytes | Kept:
    """The page that says the answers have arrived."""
    version = version_of(invited.questionnaire_key, invited.version_number)

    def make() -> bytes:
        questionnaire = version.in_language(language)
        if version.has_pipes:
            questionnaire = _piped(questionnaire, invited, answers, language)
        changes = _changes(invited, language, now)
        return _template(
            "respond/thanks.html",
            language,
            questionnaire=questionnaire,
            opened=invited.opened,
            **changes,
        ).encode()

    if version.has_pipes or invited.answers_may_change:
        return make()
    return _kept("thanks", invited, language, make)


def render_received(invited: Invited, language: str, now: datetime, came_late: bool = False) -> str:
    """The page that says the answers had arrived before."""
    changes = _changes(invited, language, now)
    return _template(
        "respond/received.html",
        language,
        opened=invited.opened,
        came_late=came_late,
        mode=invited.mode,
        **changes,
    )


def render_enough(invited: Invited, language: str) -> str:
    """The page that says that no more answers are wanted."""
    return _template("respond/enough.html", language, opened=invited.opened)


def render_saved(invited: Invited, language: str) -> str:
    """The page that says the answers so far are kept."""
    return _template("respond/saved.html", language, mode=invited.mode)


def render_preview(
    version: Version, language: str, page_id: str, preview: Mapping[str, Any]
) -> str:
    """A page of a version that nobody answers: what depends on other pages or on the contact is
    taken as asked, and where something would be repeated stand the words for nothing known."""
    questionnaire = pipe(version.in_language(language), {}, {})
    pages = {page.id: page for page in questionnaire.pages}
    page = pages.get(page_id) or questionnaire.pages[0]
    asked = _as_asked(questionnaire, page)
    sheet = lay_out(asked, page.id, {}, {})
    return _render_sheet(version, asked, sheet, language, preview=preview, pages=list(pages))


def _as_asked(questionnaire: Questionnaire, page: Page) -> Questionnaire:
    """The questionnaire with no conditions but those that the page itself decides."""
    here = {item.id for question in page.questions for item in question.items}

    def decided_here(one: Section | Question) -> bool:
        if one.show_if is None:
            return True
        return here.issuperset(items_in(one.show_if)) and not attributes_in(one.show_if)

    def open_to_all(one: Any) -> Any:
        return one if decided_here(one) else replace(one, show_if=None)

    sections = tuple(
        replace(
            open_to_all(section),
            questions=tuple(open_to_all(question) for question in section.questions),
        )
        for section in questionnaire.sections
    )
    return replace(questionnaire, sections=sections)


def _open_page(
    version: Version,
    invited: Invited,
    language: str,
    page_id: str = "",
    note: str = "",
    chosen: Mapping[str, str] | None = None,
) -> bytes:
    questionnaire = version.in_language(language)
    answers = invited.answers
    if page_id == END and invited.draft_revision is not None:
        return _template(
            "respond/end.html",
            language,
            opened=invited.opened,
            questionnaire=_piped(questionnaire, invited, answers, language),
            revision=invited.draft_revision,
        ).encode()
    if page_id not in {page.id for page in questionnaire.pages}:
        page_id = ""
    if not page_id:
        # Who has saved nothing begins with the first page, also where that asks nothing.
        where = first_page if invited.draft_revision is None else open_page
        page_id = where(arranged(version, invited, language), answers, invited.contact)
    problems = []
    if note == "check":
        form = version.form(language)
        problems = obstacles(form, form.complete(answers, invited.contact), invited.contact)
    return _page(
        version,
        invited,
        language,
        page_id,
        answers,
        note=note,
        problems=problems,
        chosen=_offered(version, answers, chosen or {}),
    )


def _offered(
    version: Version, answers: Mapping[str, Any], chosen: Mapping[str, str]
) -> dict[str, list[str]]:
    """The field of the question that a mail can ask, if a choice of it is named and none saved."""
    first = preselectable(version.questionnaire) if chosen else None
    if first is None or first.id in answers:
        return {}
    value = chosen.get(first.id)
    return {first.id: [value]} if value in dict(choices_of(first)) else {}


def _page(
    version: Version,
    invited: Invited,
    language: str,
    page_id: str,
    answers: Mapping[str, Any],
    typed: Posted | None = None,
    problems: list[Problem] | None = None,
    note: str = "",
    revision: int | None = None,
    chosen: Posted | None = None,
    **shown: Any,
) -> bytes:
    questionnaire = arranged(version, invited, language)
    if version.has_pipes:
        questionnaire = _piped(questionnaire, invited, answers, language)
    sheet = lay_out(questionnaire, page_id, answers, invited.contact)
    if typed is None:
        typed = {**spread_answers(sheet.page.questions, answers), **(chosen or {})}
    page = _render_sheet(
        version,
        questionnaire,
        sheet,
        language,
        typed=typed,
        problems=problems or [],
        note=note if note in NOTES else "",
        revision=(invited.draft_revision or 0) if revision is None else revision,
        changing=invited.response_id is not None,
        mode=invited.mode,
        opened=invited.opened,
        **shown,
    )
    return page.encode()


def _render_sheet(
    version: Version,
    questionnaire: Questionnaire,
    sheet: Sheet,
    language: str,
    typed: Posted | None = None,
    problems: list[Problem] | None = None,
    **shown: Any,
) -> str:
    on_page = {item.id for item in sheet.items}
    said = [(one.place, say_problem(one, language)) for one in problems or ()]
    return _template(
        "respond/page.html",
        language,
        questionnaire=questionnaire,
        sheet=sheet,
        languages=version.languages,
        typed=typed or {},
        problems={place: sentence for place, sentence in said if place in on_page},
        others=[sentence for place, sentence in said if place not in on_page],
        **shown,
    )


def _changes(invited: Invited, language: str, now: datetime) -> dict[str, Any]:
    """Whether what was sent may be changed, and until which day, in words."""
    may_change = invited.takes_changes(now)
    ends = [moment for moment in (invited.expires_at, invited.closes_at) if moment is not None]
    zone = current_app.config["SETTINGS"].zone
    # The end is the first moment at which it is over: its day is that of the moment before.
    last_day = (min(ends) - timedelta(microseconds=1)).astimezone(zone).date() if ends else None
    until = say_day(last_day, language) if may_change and last_day else ""
    return {"may_change": may_change, "until": until}


def _piped(
    questionnaire: Questionnaire, invited: Invited, answers: Mapping[str, Any], language: str
) -> Questionnaire:
    # What changed answers have put off the path is not repeated either.
    path = find_path(questionnaire, answers, invited.contact)
    on_path = {item.id for question in path for item in question.items}
    return pipe(
        questionnaire,
        {name: one for name, one in answers.items() if name in on_path},
        invited.contact,
        lambda item, answer: say_answer(item, answer, language),
    )


def _template(name: str, language: str, **shown: Any) -> str:
    with force_locale(interface_locale(language)):
        return render_template(
            name,
            language=language,
            direction=direction_of(language),
            name_of=own_name_of,
            direction_of=direction_of,
            **shown,
        )


def _kept(what: str, invited: Invited, language: str, make: Callable[[], bytes]) -> Kept:
    """A page that is the same for all; made where it is asked for first."""
    # Kept with the app, not in this module: another app has another database.
    kept: dict[Any, Kept] = current_app.extensions.setdefault("soundings_pages", {})
    name = (
        *(what, invited.mode, invited.questionnaire_key, invited.version_number),
        *(language, invited.opened),
    )
    page = kept.get(name)
    if page is None:
        plain = make()
        page = kept[name] = Kept(plain, gzip.compress(plain, mtime=0))
    return page
