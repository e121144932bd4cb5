"""Answers for the command line: whoever may run it sees everything. Loads pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import current_app

from survey_app.config import Settings
from survey_app.domain.problems import SoundingsError
from survey_app.report.answers.choosing import Choice, questionnaire_by_key, versions_of
from survey_app.report.answers.copies import answers_folder
from survey_app.report.answers.downloading import stream_answers
from survey_app.report.answers.preparing import bring_up_to_date, make_rules


def answer_pieces(key: str, now: datetime, **chosen: Any) -> Iterator[bytes]:
    """The bytes of a download in pieces, its copies brought up to date before.

    What goes on record is in the session when the first piece is there; the edge commits it.
    """
    choice = Choice(key, **chosen)
    if problems := choice.problems():
        raise SoundingsError(" ".join(problem.message for problem in problems), 422)
    title = questionnaire_by_key(key).title
    numbers = [version.number for version in versions_of(key, choice.versions)]
    bring_up_to_date(key, numbers, now)
    settings: Settings = current_app.config["SETTINGS"]
    return stream_answers(make_rules(choice, None, now), answers_folder(settings), title)
