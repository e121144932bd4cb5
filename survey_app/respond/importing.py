"""Taking over the answers of an existing survey: all rows of a file, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.design.queries import read_definition
from survey_app.domain.imported_answers import read_imported
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.questionnaire import NOT_SHOWN, Questionnaire
from survey_app.domain.tables import MOST_BAD_ROWS, Row, read_csv, read_moment
from survey_app.organisation.models import Representative, Unit
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.organisation.sight import Sight, in_sight
from survey_app.respond.answer_mapping import AnswerMapping, Source, read_mapping
from survey_app.respond.models import AnswerBatch, Response

LONGEST_NAME = 200


def import_answers(
    version: QuestionnaireVersion,
    data: bytes,
    mapping: Mapping[str, Any],
    filename: str,
    now: datetime,
    zone: ZoneInfo,
    within: Sight = None,
) -> tuple[AnswerBatch | None, list[Problem]]:
    """Import a CSV file as responses to a published version.

    `mapping` says which column is what (see `answer_mapping`); times without an offset are local
    in `zone`. `within` are the ids of the units for which answers may be imported, None for all;
    units and representatives beyond them are not known here. A respondent answers a questionnaire
    once, also over several files. With any problem nothing is stored.
    """
    questionnaire = read_definition(version.definition)
    read, problems = read_mapping(mapping, questionnaire)
    if read is None:
        return None, problems
    digest = sha256(data).hexdigest()
    if problem := _imported_before(version.questionnaire_key, digest):
        return None, [problem]
    rows, problems = read_csv(data, read.columns, None)
    if problems:
        return None, problems
    responses, problems = _Import(version, questionnaire, read, now, zone, within).read(rows)
    if problems:
        return None, problems
    batch = AnswerBatch(
        questionnaire_key=version.questionnaire_key,
        filename=filename.replace("\0", "")[:255],
        sha256=digest,
        row_count=len(responses),
        imported_at=now,
        imported_by_id=acting_user_id(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(batch)
            db.session.flush()
            db.session.execute(insert(Response), [{**r, "batch_id": batch.id} for r in responses])
    except IntegrityError:
        message = "Somebody else imported some of these answers just now. Nothing was stored."
        return None, [Problem("file", "conflict", message)]
    subject = f"{version.questionnaire_key} {version.number}, {batch.filename}"
    record("answers imported", subject[:200], now, batch=batch.id, mapping=dict(mapping))
    return batch, []


def _imported_before(questionnaire_key: str, digest: str) -> Problem | None:
    earlier = db.session.scalar(
        select(AnswerBatch)
        .where(AnswerBatch.questionnaire_key == questionnaire_key, AnswerBatch.sha256 == digest)
        .limit(1)
    )
    if earlier is None:
        return None
    day = earlier.imported_at.date().isoformat()
    message = f"This very file was imported on {day} ({quoted(earlier.filename)}). Choose another."
    return Problem("file", "imported_before", message)


@dataclass
class _Known:
    """What rows may name, looked up once for the whole file."""

    units: dict[str, Unit]
    people: dict[str, Representative]
    respondents: dict[str, int]  # source_id -> row number; 0 = of an earlier import


class _Import:
    """One file on its way in."""

    def __init__(
        self,
        version: QuestionnaireVersion,
        questionnaire: Questionnaire,
        mapping: AnswerMapping,
        now: datetime,
        zone: ZoneInfo,
        within: Sight,
    ) -> None:
        self.key = version.questionnaire_key
        self.number = version.number
        self.questionnaire = questionnaire
        self.mapping = mapping
        self.now = now
        self.zone = zone
        self.not_asked = {
            item.id: NOT_SHOWN for item in questionnaire.items if item.id not in mapping.questions
        }
        earlier = db.session.scalars(
            select(Response.source_id).where(
                Response.source == "import", Response.questionnaire_key == self.key
            )
        )
        self.within = within
        self.known = _Known(
            keys_to_units(within), keys_to_representatives(within), dict.fromkeys(earlier, 0)
        )
        self.moments: dict[str, datetime | Problem] = {}

    def read(self, rows: list[Row]) -> tuple[list[dict[str, Any]], list[Problem]]:
        """All rows as columns of `response`, and what is wrong; stops after 100 problems."""
        responses = []
        problems: list[Problem] = []
        for row in rows:
            responses.append(self.read_row(row, problems))
            if len(problems) >= MOST_BAD_ROWS:
                message = f"Reading stopped here after {len(problems)} problems. Mend these first."
                problems.append(Problem(f"row {row.number}", "too_many_problems", message))
                break
        return responses, problems

    def read_row(self, row: Row, problems: list[Problem]) -> dict[str, Any]:
        unit = self.look_up(row, "unit", self.mapping.unit, self.known.units, problems)
        person = self.look_up(
            row, "representative", self.mapping.representative, self.known.people, problems
        )
        unit_id = unit.id if unit else None
        if person is not None and unit_id is None:
            unit_id = person.unit_id
        if unit_id is None and not in_sight(None, self.within) and not problems:
            message = (
                "Answers that belong to no unit count for the whole company, and you see a part of "
                "it. Let the mapping name a unit that you see."
            )
            problems.append(Problem(_place(row, "unit", self.mapping.unit), "no_unit", message))
        return {
            "source": "import",
            "source_id": self.respondent(row, problems),
            "questionnaire_key": self.key,
            "version_number": self.number,
            "answers": self.answers(row, problems),
            "unit_id": unit_id,
            "representative_id": person.id if person else None,
            "customer": self.customer(row, problems),
            "attributes": {name: row.cells[name] for name in self.mapping.attributes},
            "submitted_at": self.moment(row, problems),
            "stored_at": self.now,
        }

    def respondent(self, row: Row, problems: list[Problem]) -> str:
        columns = self.mapping.respondent
        cells = [row.cells[column] for column in columns]
        place = row.place(" and ".join(columns))
        name = "/".join(cells)
        source_id = f"{self.key}/{name}"
        if not all(cells):
            message = "The row does not say who answered. Fill in the cell, or delete the row."
            problems.append(Problem(place, "empty", message))
        elif len(name) > LONGEST_NAME:
            message = f"The name of a respondent has at most {LONGEST_NAME} characters. Shorten it."
            problems.append(Problem(place, "too_long", message))
        elif (first := self.known.respondents.get(source_id)) is not None:
            where = f"row {first}" if first else "an earlier import of this questionnaire"
            message = f"{quoted(name)} has answered in {where} already. Keep one of the two."
            problems.append(Problem(place, "duplicate_respondent", message))
        self.known.respondents.setdefault(source_id, row.number)
        return source_id

    def answers(self, row: Row, problems: list[Problem]) -> dict[str, dict[str, Any]]:
        values = {}
        missing = dict(self.not_asked)
        for question, source in self.mapping.questions.items():
            values[question] = row.cells[source.column]
            if code := source.missing_code(row.cells):
                missing[question] = code
        document, found = read_imported(self.questionnaire, values, missing)
        for problem in found:
            place = row.place(self.mapping.questions[problem.place].column)
            problems.append(Problem(place, problem.code, problem.message))
        return document

    def moment(self, row: Row, problems: list[Problem]) -> datetime | None:
        source = self.mapping.answered_at
        cell = source.read(row.cells)
        # Many rows share a moment (all of them, where it is a constant).
        moment = self.moments.get(cell)
        if moment is None:
            moment = self.moments[cell] = self.read_moment(cell)
        if isinstance(moment, Problem):
            problems.append(moment.within(_place(row, "answered_at", source)))
            return None
        return moment

    def read_moment(self, cell: str) -> datetime | Problem:
        moment = read_moment(cell, "", self.zone)
        if isinstance(moment, datetime) and moment > self.now:
            return Problem("", "in_the_future", f"{quoted(cell)} is yet to come. Correct it.")
        return moment

    def customer(self, row: Row, problems: list[Problem]) -> str:
        source = self.mapping.customer
        customer = source.read(row.cells)
        if len(customer) > LONGEST_NAME:
            message = f"A customer has at most {LONGEST_NAME} characters. Shorten it."
            problems.append(Problem(_place(row, "customer", source), "too_long", message))
        return customer

    def look_up(
        self, row: Row, what: str, source: Source, known: Mapping[str, Any], problems: list[Problem]
    ) -> Any:
        key = source.read(row.cells)
        if not key:
            return None
        if key not in known:
            message = (
                f"You see no {what} with the key {quoted(key)}. Have it added to the organisation, "
                "or name the right one under `names` in the mapping."
            )
            problems.append(Problem(_place(row, what, source), f"unknown_{what}", message))
        return known.get(key)


def _place(row: Row, key: str, source: Source) -> str:
    return row.place(source.column) if source.column else f"mapping, {key}"
