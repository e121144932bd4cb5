"""Notes of managers on a scope in a run: only ever added, and withdrawn rather than deleted.

They stand beside the numbers and change none of them; so a closed period takes them too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import record
from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import Forbidden, NotFound, Problem
from survey_app.report.executive.models import ReportNote
from survey_app.report.models import ScoreRun
from survey_app.report.queries import Scope

LONGEST_NOTE = 1000
# More would not fit on the report's two pages.
MOST_NOTES = 10


def write_note(
    run: ScoreRun,
    scope: Scope,
    about: str,
    text: str,
    author: User,
    now: datetime,
    public_id: str,
    subjects: Iterable[str],
) -> tuple[ReportNote | None, list[Problem]]:
    """Add a note on a scope, or on one of its `subjects` ('goal:quality', 'kpi:welcome').

    `about` is '' for all of the report. The same `public_id` again gives the note it named first.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    kind, _, key = about.partition(":") if about else ("all", "", "")
    problems = _check(text, about, subjects)
    if not problems and _count_others(run, scope, public_id) >= MOST_NOTES:
        message = (
            f"There are {MOST_NOTES} notes already, which fill the report. Withdraw one first."
        )
        problems.append(Problem("text", "too_many", message))
    if problems:
        return None, problems
    note = ReportNote(
        public_id=public_id,
        run_id=run.id,
        scope_type=scope.type,
        scope_id=scope.id,
        about=kind,
        about_id=key,
        text=text,
        written_at=now,
        author_id=author.id,
        author_name=author.name or author.email,
    )
    try:
        with db.session.begin_nested():
            db.session.add(note)
            db.session.flush()
    except IntegrityError:
        return db.session.scalar(select(ReportNote).where(ReportNote.public_id == public_id)), []
    record(
        "note written", run.period_label, now, run=run.public_id, scope=scope.label, note=note.id
    )
    return note, []


def withdraw_note(note: ReportNote, user: User, now: datetime) -> None:
    """Take a note out of the report; it stays on record. Raises Forbidden for who may not.

    Its author may, and an administrator.
    """
    if note.author_id != user.id and not user.has_role("admin"):
        raise Forbidden("Only who wrote the note, or an administrator, can withdraw it.")
    if note.withdrawn_at is None:
        note.withdrawn_at, note.withdrawn_by_id = now, user.id
        record("note withdrawn", note.run.period_label, now, run=note.run.public_id, note=note.id)
        db.session.flush()


def note_by_id(note_id: int) -> ReportNote:
    """The note; raises NotFound."""
    note = db.session.get(ReportNote, note_id)
    if note is None:
        raise NotFound("There is no such note. Look for it on the report.")
    return note


def _check(text: str, about: str, subjects: Iterable[str]) -> list[Problem]:
    problems = []
    if not text:
        problems.append(Problem("text", "empty", "Write what the reader should know."))
    if len(text) > LONGEST_NOTE:
        message = f"The note has {len(text)} characters; shorten it to {LONGEST_NOTE}."
        problems.append(Problem("text", "too_long", message))
    if about and about not in subjects:
        message = "This report has no such goal or KPI. Choose one from the list."
        problems.append(Problem("about", "unknown", message))
    return problems


def _count_others(run: ScoreRun, scope: Scope, public_id: str) -> int:
    others = select(func.count(ReportNote.id)).where(
        ReportNote.run_id == run.id,
        ReportNote.scope_type == scope.type,
        ReportNote.scope_id == scope.id,
        ReportNote.withdrawn_at.is_(None),
        ReportNote.public_id != public_id,
    )
    return db.session.scalar(others) or 0
