"""What the holder of a link does on their pages, for tests; inside an app context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from survey_app.db import db
from survey_app.respond.answering import answer
from survey_app.respond.entering import find_invitation
from survey_app.respond.outcomes import SEND, Outcome, Sent
from survey_app.respond.uploading import Upload
from tests.factories.questionnaires import NOW


def send(
    token: str,
    answers: Mapping[str, Sequence[str]],
    page: str = "",
    action: str = SEND,
    revision: int = 0,
    taken: Mapping[str, str] | None = None,
    uploads: Mapping[str, Upload] | None = None,
    language: str = "en",
    now: datetime = NOW,
) -> Outcome:
    """Post a page, as of a revision of the draft."""
    sent = Sent(page, revision, language, action, taken or {}, answers, uploads or {})
    connection = db.session.connection()
    return answer(connection, find_invitation(connection, token, now), sent, language, now)
