"""Looking at a campaign's mail before it leaves: on the page, and as a mail to oneself."""

from __future__ import annotations

from calendar import day_name
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

from survey_app.config import Settings
from survey_app.domain.problems import Problem
from survey_app.invite.campaigning import DAY
from survey_app.invite.composing import Letter
from survey_app.invite.contact_models import Contact
from survey_app.invite.delivering import Deferred, Refused, Unreachable, open_post
from survey_app.invite.encoding import make_writer
from survey_app.invite.models import Campaign
from survey_app.invite.preselecting import first_question
from survey_app.invite.tokens import personal_link, unsubscribe_link

# As long as a token, and none: a preview must not make a link that works.
SAMPLE_TOKEN = "made-when-mail-is-sent"


def sample_letter(campaign: Campaign, contact: Contact | None, reminds: bool = False) -> Letter:
    """The mail as this contact would get it, with links that lead nowhere."""
    question = first_question(campaign)
    asked = question.in_language(contact.language if contact else "") if question else None
    link = personal_link(SAMPLE_TOKEN)
    return Letter(
        to_name=contact.name if contact else "",
        to_address=contact.email if contact else "",
        subject=(campaign.reminder_subject if reminds else "") or campaign.subject,
        message=(campaign.reminder_message if reminds else "") or campaign.message,
        link=link,
        unsubscribe=unsubscribe_link(SAMPLE_TOKEN),
        language=(contact.language if contact else "") or "en",
        question=asked.text if asked else "",
        choices=asked.choices(link) if asked else (),
    )


def send_test(letter: Letter, settings: Settings, now: datetime) -> list[Problem]:
    """Send a letter at once; the problem is why it did not leave."""
    try:
        with closing(open_post(settings)) as post:
            post.send(make_writer(settings).write(letter, now))
    except (Unreachable, Deferred, Refused) as trouble:
        return [Problem("test mail", "not_sent", f"The test mail did not leave. {trouble.message}")]
    except (ValueError, LookupError) as trouble:
        text = f"The test mail could not be written: {trouble}"
        return [Problem("test mail", "not_written", text)]
    return []


def hours_of(campaign: Campaign, zone: ZoneInfo) -> str:
    """When a campaign's mails leave, in words."""
    days = [name for name, on in zip(day_name, campaign.send_days, strict=True) if on == "1"]
    start, end = campaign.send_from, campaign.send_until
    on_days = "on every day" if len(days) == 7 else f"on {', '.join(days)}"
    if (start, end) == (0, DAY):
        return on_days
    clock = f"{start // 60:02}:{start % 60:02} to {end // 60:02}:{end % 60:02}"
    return f"{on_days}, {clock} ({zone.key})"
