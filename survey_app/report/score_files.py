"""The stored scores of a run as files to take away: CSV, Parquet, workbook, package.

All of them are made while they are sent, from stored rows, within somebody's sight: whoever sees
the same gets the same bytes, however often and whenever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import func, select

from analysis.about import About
from analysis.definition_tables import DefinitionTables
from analysis.export import COLUMNS
from analysis.fields import names_of
from analysis.goal_fields import GOAL_FIELDS, goal_fields
from analysis.kpi import read_scorebook
from analysis.packaging import MANY_ROWS, ScoredTables, csv_chunks, package_chunks
from analysis.score_fields import score_fields
from survey_app.db import db
from survey_app.domain.problems import Conflict
from survey_app.report.models import GoalRow, ScoreRow, ScoreRun
from survey_app.report.queries import ROWS_AT_ONCE, SeenResults, stream_rows
from survey_app.report.running import code_version
from survey_app.report.seen_book import limit_book

MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def write_scores(run: ScoreRun, sight: SeenResults, format: str, stream: BinaryIO) -> None:
    """Write the scores of a run in sight as `format` (a key of MEDIA_TYPES) to a binary stream.

    Raises Conflict for a run that is not done, and for a workbook that is too long.
    """
    for chunk in stream_scores(run, sight, format):
        stream.write(chunk)


def stream_scores(
    run: ScoreRun, sight: SeenResults, format: str, bom: bool = False
) -> Iterator[bytes]:
    """The scores of a run in sight, in pieces; `bom` is for the CSV that spreadsheets open.

    Raises Conflict, at once and not when the pieces are asked for, as `write_scores` does.
    """
    require_done(run)
    fields = score_fields(_names_in(run, ScoreRow) or COLUMNS)
    if format == "csv":
        return csv_chunks(fields, stream_rows(run.id, sight), bom)
    if format == "parquet":
        from analysis.parquet_files import parquet_chunks

        return parquet_chunks(fields, stream_rows(run.id, sight))
    if format == "zip":
        return package_chunks(_tables_of(run, sight))
    from analysis.workbooks import MOST_ROWS, workbook_of

    if _count(run, sight) > MOST_ROWS:
        raise Conflict(
            f"A workbook holds {MOST_ROWS:,} rows, and this run has more. Take Parquet or CSV."
        )
    return workbook_of(_tables_of(run, sight))


def stream_goals(run: ScoreRun, sight: SeenResults, bom: bool = False) -> Iterator[bytes]:
    """The scores of the run's goals in sight as CSV, in pieces; raises Conflict as above."""
    require_done(run)
    fields = goal_fields(_names_in(run, GoalRow) or names_of(GOAL_FIELDS))
    return csv_chunks(fields, _stream_goal_rows(run.id, sight), bom)


def tag_file(run: ScoreRun, sight: SeenResults, name: str) -> str:
    """What changes where the bytes of the file might: an entity tag, without quotation marks."""
    labels = ["everything"] if sight.everything else sorted(one.label for one in sight.scopes)
    told = json.dumps([run.public_id, name, code_version(), labels])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def name_file(run: ScoreRun, what: str, ending: str) -> str:
    """A name that tells files of several runs apart: 'scores_2026-07_3f1c9a02.csv'."""
    return f"{what}_{run.period_label}_{run.public_id[:8]}.{ending}"


def require_done(run: ScoreRun) -> None:
    """Raise Conflict for a run that has no scores."""
    if run.state != "done":
        raise Conflict("This run is not done, so there is nothing to download yet.")


def _tables_of(run: ScoreRun, sight: SeenResults) -> ScoredTables:
    seen = None if sight.everything else {(scope.type, scope.id) for scope in sight.scopes}
    book = read_scorebook(run.scorebook, "the run's scorebook")
    return ScoredTables(
        About(
            run_id=run.public_id,
            period_label=run.period_label,
            period_start=run.period_start,
            period_end=run.period_end,
            computed_at=_computed_at(run),
            time_zone=book.time_zone,
            engine=run.engine,
            seed=run.seed,
            code_version=run.code_version,
            facts_hash=run.facts_hash,
        ),
        score_fields(_names_in(run, ScoreRow) or COLUMNS),
        stream_rows(run.id, sight),
        goal_fields(_names_in(run, GoalRow) or names_of(GOAL_FIELDS)),
        _stream_goal_rows(run.id, sight),
        DefinitionTables.of(limit_book(book, seen)),
        large=_count(run, sight) > MANY_ROWS,
    )


def _names_in(run: ScoreRun, table: type[ScoreRow | GoalRow]) -> tuple[str, ...]:
    """The columns of the run's rows, whoever asks: all have those of the first; () without rows."""
    return tuple(_first(run, table))


def _computed_at(run: ScoreRun) -> datetime:
    first = _first(run, ScoreRow)
    assert run.finished_at is not None
    return datetime.fromisoformat(first["computed_at"]) if first else run.finished_at


def _first(run: ScoreRun, table: type[ScoreRow | GoalRow]) -> dict[str, Any]:
    found = db.session.scalar(
        select(table.document).where(table.run_id == run.id).order_by(table.position).limit(1)
    )
    return found or {}


def _count(run: ScoreRun, sight: SeenResults) -> int:
    counted = select(func.count()).where(ScoreRow.run_id == run.id, sight.condition())
    return db.session.scalar(counted) or 0


def _stream_goal_rows(run_id: int, sight: SeenResults) -> Iterator[dict[str, Any]]:
    """All rows of the run's goals that are in sight, in order, a few held at a time."""
    yield from db.session.scalars(
        select(GoalRow.document)
        .where(GoalRow.run_id == run_id, sight.condition(GoalRow))
        .order_by(GoalRow.position)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
