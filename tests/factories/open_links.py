"""Open links and their campaigns, for tests; inside an app context."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite.models import Campaign, OpenLink
from tests.factories.questionnaires import NOW, add_version, definition

KEY = "abcdefghjkmn"


def add_open_link(
    version: QuestionnaireVersion | None = None,
    key: str = KEY,
    kind: str = "public",
    launched_at: datetime | None = NOW,
    **named: Any,
) -> OpenLink:
    """A link of a campaign of its own, which takes answers unless told otherwise.

    `opens_at`, `closes_at`, `quotas` and `answers_may_change` are the campaign's.
    """
    version = version or add_version(definition())
    campaign = Campaign(
        name=f"Campaign of {key}",
        questionnaire_key=version.questionnaire_key,
        version_number=version.number,
        subject="",
        message="",
        created_at=NOW,
        launched_at=launched_at,
        opens_at=named.pop("opens_at", None),
        closes_at=named.pop("closes_at", None),
        answers_may_change=named.pop("answers_may_change", False),
        quotas=named.pop("quotas", []),
    )
    db.session.add(campaign)
    db.session.flush()
    fields = {"attributes": {"place": "door"}, "most_an_hour": 60, "label": "Door"}
    link = OpenLink(campaign_id=campaign.id, key=key, kind=kind, created_at=NOW, **fields | named)
    db.session.add(link)
    db.session.flush()
    return link
