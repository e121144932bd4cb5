"""Whether the copies that a download reads are up to date, and bringing them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import func, select

from survey_app.accounts.auditing import record
from survey_app.accounts.models import User
from survey_app.config import Settings
from survey_app.db import begin_reading, db
from survey_app.domain.problems import Conflict
from survey_app.organisation.sight import Sight, sight_of
from survey_app.report.answers.choosing import (
    Choice,
    Rules,
    all_names,
    require_rights,
    versions_of,
)
from survey_app.report.answers.copies import (
    answers_folder,
    hold_copy,
    read_copy,
    read_progress,
    version_folder,
)
from survey_app.report.answers.fingerprints import take_glance
from survey_app.respond.models import Response
from survey_app.web import sign_of_life

# With so many new responses a person is asked to wait on a page, rather than for one.
MOST_UNASKED = 50_000
# So many are copied within a request, for programs that can wait; a web server's patience ends.
MOST_IN_A_REQUEST = 1_000_000


@dataclass(frozen=True)
class State:
    """The copies of some versions: whether they are up to date, how many responses they lack or
    hold too many, whether somebody is at it, and how far, in per cent."""

    fresh: bool
    lacking: int
    collecting: bool
    progress: int

    @property
    def asks_to_wait(self) -> bool:
        """Whether a person should have them made first."""
        return not self.fresh and self.lacking > MOST_UNASKED


def state_of(key: str, numbers: Sequence[int]) -> State:
    """How the copies of these versions are."""
    settings: Settings = current_app.config["SETTINGS"]
    folders = {number: version_folder(answers_folder(settings), key, number) for number in numbers}
    stale = [
        number
        for number, folder in folders.items()
        if read_copy(folder).glance != take_glance(key, number, settings.zone)
    ]
    present: dict[int, int] = dict(
        db.session.execute(
            select(Response.version_number, func.count())
            .where(Response.questionnaire_key == key, Response.version_number.in_(stale))
            .group_by(Response.version_number)
        )
        .tuples()
        .all()
    )
    lacking = sum(
        abs(present.get(number, 0) - read_copy(folders[number]).row_count) for number in stale
    )
    busy = [number for number in stale if _is_held(settings, key, number)]
    progress = min((read_progress(folders[number]) for number in busy), default=0)
    return State(not stale, lacking, bool(busy), progress)


def state_for_page(key: str, numbers: Sequence[int], now: datetime) -> State:
    """As `state_of`, after bringing up to date what takes no time worth asking for."""
    state = state_of(key, numbers)
    if state.fresh or state.asks_to_wait:
        return state
    bring_up_to_date(key, numbers, now)
    return state_of(key, numbers)


def _is_held(settings: Settings, key: str, number: int) -> bool:
    with hold_copy(version_folder(answers_folder(settings), key, number), wait=False) as free:
        return not free


def bring_up_to_date(key: str, numbers: Sequence[int], now: datetime, wait: bool = True) -> None:
    """Make anew what is stale, in a transaction that only reads.

    The one that goes on is given up: nothing may have been written in it.
    """
    from survey_app.report.answers.collecting import collect_answers

    settings: Settings = current_app.config["SETTINGS"]
    db.session.rollback()
    begin_reading()
    collect_answers(
        key, numbers, now, settings.zone, answers_folder(settings), wait, sign_of_life()
    )
    db.session.rollback()


def prepare_download(choice: Choice, user: User, now: datetime) -> Rules:
    """The rules of a download for a user, once its copies are up to date.

    What may tell who somebody is goes on record. Raises Forbidden, NotFound, or Conflict where far
    too many answers are to be copied first.
    """
    require_rights(choice, user)
    numbers = [version.number for version in versions_of(choice.key, choice.versions)]
    state = state_of(choice.key, numbers)
    if state.lacking > MOST_IN_A_REQUEST:
        raise Conflict(
            f"{state.lacking:,} answers have to be copied first, which takes minutes. Ask for it "
            "on the questionnaire's page of answers, or wait: it is done every quarter of an hour."
        )
    if not state.fresh:
        bring_up_to_date(choice.key, numbers, now)
    return make_rules(choice, sight_of(user), now)


def make_rules(choice: Choice, within: Sight, now: datetime) -> Rules:
    """The rules of a download within somebody's sight; a personal one goes on record."""
    settings: Settings = current_app.config["SETTINGS"]
    if choice.is_personal:
        record(
            "answers taken away",
            choice.key,
            now,
            versions=list(choice.versions) or "all",
            months=f"{choice.first or '...'} to {choice.last or '...'}",
            named=choice.named,
            texts=choice.texts,
            complete_only=choice.complete,
            format=choice.format,
            units="all" if within is None else sorted(within),
        )
    return Rules(
        choice,
        tuple(versions_of(choice.key, choice.versions)),
        within,
        all_names(),
        settings.secret_key.encode(),
    )
