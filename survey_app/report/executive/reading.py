"""What an executive report needs from the tables: the run, its rows, its state and its notes."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from survey_app.config import Settings
from survey_app.db import db
from survey_app.domain.problems import Conflict
from survey_app.marks import show_moment, show_period
from survey_app.report.executive.composing import compose_report
from survey_app.report.executive.models import ReportNote
from survey_app.report.executive.report import ExecutiveReport, Note, Subject
from survey_app.report.late_sources import find_late_sources
from survey_app.report.models import ScoreRun
from survey_app.report.queries import (
    Scope,
    closing_of,
    goals_of_scope,
    newest_runs,
    rows_of_scope,
)
from survey_app.report.run_card import card_of


def read_report(run: ScoreRun, scope: Scope, settings: Settings) -> ExecutiveReport:
    """The report of a scope in a run; raises Conflict while the run is not done."""
    if run.state != "done":
        raise Conflict("This run is not done, so there is no report on it yet.")
    card = card_of(run)
    names = {("goal", goal["id"]): goal["name"] for goal in card["goals"]}
    names |= {("kpi", id_): kpi["definition"]["name"] for id_, kpi in card["kpis"].items()}
    notes = [_read_note(one, names) for one in notes_on(run, scope)]
    return compose_report(
        _subject(run, scope, settings),
        card,
        rows_of_scope(run, scope),
        goals_of_scope(run, scope),
        notes,
    )


def notes_on(run: ScoreRun, scope: Scope, withdrawn: bool = False) -> list[ReportNote]:
    """The notes on a scope in a run that stand, or those that were withdrawn; the oldest first."""
    stands = (
        ReportNote.withdrawn_at.is_not(None) if withdrawn else ReportNote.withdrawn_at.is_(None)
    )
    return list(
        db.session.scalars(
            select(ReportNote)
            .where(
                ReportNote.run_id == run.id,
                ReportNote.scope_type == scope.type,
                ReportNote.scope_id == scope.id,
                stands,
            )
            .order_by(ReportNote.id)
        )
    )


def subjects_of(run: ScoreRun, scope: Scope) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The goals and the KPIs of a scope in a run that a note can be about: id and name."""
    measured = {
        row["kpi_id"]: (row["kpi_name"], row["goal_id"]) for row in rows_of_scope(run, scope)
    }
    goals = {goal_id for _name, goal_id in measured.values()}
    return (
        [(goal["id"], goal["name"]) for goal in card_of(run)["goals"] if goal["id"] in goals],
        [(kpi_id, name) for kpi_id, (name, _goal) in measured.items()],
    )


def _read_note(note: ReportNote, names: dict[tuple[str, str], str]) -> Note:
    about = names.get((note.about, note.about_id), note.about_id)
    return Note(note.id, about, note.text, note.author_name, show_moment(note.written_at))


def _subject(run: ScoreRun, scope: Scope, settings: Settings) -> Subject:
    assert run.finished_at is not None
    return Subject(
        organisation=settings.organisation,
        scope_name=scope.name,
        scope_label=scope.label,
        period_label=run.period_label,
        period_type=run.period_type,
        period_words=show_period(run.period_label),
        run_id=run.public_id,
        scored_at=int(run.finished_at.timestamp()),
        state=_say_state(run, scope, settings),
        made_with=(
            ("Period", f"{run.period_label}: {run.period_start} to before {run.period_end}"),
            ("Scored", show_moment(run.finished_at)),
            ("Run", run.public_id),
            ("Facts (SHA-256)", run.facts_hash),
            (
                "Definitions and targets (SHA-256)",
                hashlib.sha256(run.scorebook.encode()).hexdigest(),
            ),
            ("Program", run.code_version),
            ("Engine", run.engine),
            ("Seed", str(run.seed)),
        ),
    )


def _say_state(run: ScoreRun, scope: Scope, settings: Settings) -> tuple[str, ...]:
    """Whether these numbers are the ones that count, and what they lack."""
    label, closing = show_period(run.period_label), closing_of(run)
    if closing is not None and closing.run_id == run.id:
        told = [
            f"{label} is closed since {show_moment(closing.closed_at)}: these numbers count and "
            "stay as they are."
        ]
        if closing.note:
            told.append(f"At closing: {closing.note}")
    elif closing is not None:
        told = [f"{label} is closed with another run, whose numbers count instead of these."]
    elif run.id not in {one.id for one in newest_runs()}:
        told = [f"{label} was scored again since; its newest run has the numbers that count."]
    else:
        told = [f"{label} is not closed: when it is scored again, its numbers may change."]
    if late := find_late_sources(run, settings.zone, scope):
        words = late.say(1 if scope.type == "all" else card_of(run)["minimum_n"])
        told.append(f"Late, or changed since it was scored, and not in it: {words}.")
    return tuple(told)
