"""Defining processes and their stages; once visits went through one, its sequence is frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.organisation.arranging import key_problems
from survey_app.visits.models import Process, ProcessStage, Visit

LONGEST_NAME = 120
MOST_STAGES = 30
# Columns of an import beside the stages, what corrections tell beside them, and the name of the
# whole visit's end in durations.
RESERVED_KEYS = frozenset(
    {
        "end",
        "external_id",
        "started_at",
        "ended_at",
        "outcome",
        "observed_until",
        "unit",
        "representative",
        "customer",
        "idle_seconds",
        "void",
    }
)


def define_process(
    key: str, name: str, stages: Sequence[tuple[str, str]]
) -> tuple[Process | None, list[Problem]]:
    """Define a process with its stages (key, name) in their order."""
    problems = key_problems(key) + _name_problems("name", name) + _stage_problems(stages)
    if problems:
        return None, problems
    process = Process(key=key, name=name.strip(), stages=_new_stages(stages))
    try:
        with db.session.begin_nested():
            db.session.add(process)
            db.session.flush()
    except IntegrityError:
        return None, [Problem("key", "taken", f"The key {key!r} is taken; choose another.")]
    return process, []


def change_process(
    process: Process, name: str, stages: Sequence[tuple[str, str]]
) -> tuple[Process | None, list[Problem]]:
    """Rename a process or its stages; another sequence only while no visit went through it."""
    problems = _name_problems("name", name) + _stage_problems(stages)
    # Locked: a visit that starts at this moment must find either the old or the new sequence.
    db.session.refresh(process, with_for_update=True)
    same_sequence = [stage.key for stage in process.stages] == [key for key, _ in stages]
    if not same_sequence and has_visits(process):
        problems.append(
            Problem(
                "stages",
                "frozen",
                "Visits have gone through these stages, and another sequence would change what "
                "their times mean. Keep the keys and their order (names may change), or define "
                "a new process.",
            )
        )
    if problems:
        return None, problems
    process.name = name.strip()
    if same_sequence:
        for stage, (_, stage_name) in zip(process.stages, stages, strict=True):
            stage.name = stage_name.strip()
    else:
        process.stages.clear()
        db.session.flush()  # the old positions must be free before the new stages take them
        process.stages.extend(_new_stages(stages))
    db.session.flush()
    return process, []


def has_visits(process: Process) -> bool:
    """Whether any visit went through the process, or is going through it."""
    return bool(db.session.scalar(select(exists().where(Visit.process_id == process.id))))


def _new_stages(stages: Sequence[tuple[str, str]]) -> list[ProcessStage]:
    return [
        ProcessStage(position=position, key=key, name=name.strip())
        for position, (key, name) in enumerate(stages, start=1)
    ]


def _name_problems(place: str, name: str) -> list[Problem]:
    if not name.strip():
        return [Problem(place, "empty", "The name is empty. Say in a few words what it is.")]
    if len(name.strip()) > LONGEST_NAME:
        message = f"The name is too long. Say it in {LONGEST_NAME} characters."
        return [Problem(place, "too_long", message)]
    return []


def _stage_problems(stages: Sequence[tuple[str, str]]) -> list[Problem]:
    if not stages:
        message = "A process has at least one stage. Write one in each line, in their order."
        return [Problem("stages", "empty", message)]
    if len(stages) > MOST_STAGES:
        message = f"These are {len(stages)} stages; at most {MOST_STAGES} can be timed. Join some."
        return [Problem("stages", "too_many", message)]
    problems = []
    for position, (key, name) in enumerate(stages, start=1):
        place = f"stage {position}"
        problems += [problem.within(place) for problem in key_problems(key)]
        problems += [problem.within(place) for problem in _name_problems("name", name)]
        if key in RESERVED_KEYS:
            message = f"The key {key!r} has a meaning of its own in imports; choose another."
            problems.append(Problem(f"{place}, key", "reserved", message))
    problems += [
        Problem("stages", "twice", f"{count} stages have the key {key!r}; give each its own.")
        for key, count in Counter(key for key, _ in stages).items()
        if count > 1
    ]
    return problems
