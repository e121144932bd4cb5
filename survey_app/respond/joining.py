"""Coming in by an open link: whoever sends its page becomes an invitation without a contact.

Nothing is stored before somebody sends something that is kept. Why it goes this way, and what is
done about robots, is told in docs/decisions/0027-open-links.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import bindparam, delete, select, update

from survey_app.db import db
from survey_app.domain.problems import Gone, NotFound, Problem
from survey_app.domain.question_types.file import File
from survey_app.driver import read_row
from survey_app.invite.models import Campaign, Invitation, InvitationToken, OpenLink
from survey_app.invite.opening import KIOSK, PUBLIC
from survey_app.invite.quotas import Quota, full_quota
from survey_app.invite.tokens import hash_of, issue_token, token_of_form
from survey_app.respond.answering import answer
from survey_app.respond.entering import NOBODY, Invited, find_invitation
from survey_app.respond.limiting import AddressLimit, wait_for_link
from survey_app.respond.models import ResponseDraft
from survey_app.respond.outcomes import SPEAK, Clash, Enough, Outcome, Sent, Shown
from survey_app.respond.stamps import Stamp, read_stamp
from survey_app.respond.uploading import clear_unnamed
from survey_app.respond.versions import Version, version_of

# Fields of the entrance's page: its stamp, and one that people do not see.
STAMP, TRAP = "_stamp", "_subject"
# What the button to begin sends in the place of a page.
START = "_start"
# Nobody reads a page, chooses an answer and sends it in less; see the decision.
FASTEST = {PUBLIC: timedelta(seconds=2), KIOSK: timedelta(seconds=1)}
# On a kiosk a page that is left goes back to the start after two minutes; by then nobody is there.
DRAFT_LEFT = timedelta(minutes=10)
# Longer than anybody stays at a kiosk.
LINK_LEFT = timedelta(hours=1)
EVER = datetime.max.replace(tzinfo=UTC)


class Entrance(NamedTuple):
    """An open link as whoever opens it meets it, with what its campaign says."""

    link_id: int
    key: str
    kind: str
    unit_id: int | None
    representative_id: int | None
    attributes: dict[str, str]
    most_an_hour: int
    revoked_at: datetime | None
    campaign_id: int
    questionnaire_key: str
    version_number: int
    launched_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None
    quotas: list[Quota]

    @property
    def invited(self) -> Invited:
        """Somebody who has come and of whom nothing is stored: nobody's invitation."""
        return Invited._make([None] * len(Invited._fields))._replace(
            invitation_id=NOBODY,
            questionnaire_key=self.questionnaire_key,
            version_number=self.version_number,
            attributes=self.attributes,
            closes_at=self.closes_at,
            answers_may_change=False,
            open_key=self.key,
            open_kind=self.kind,
        )


@dataclass(frozen=True)
class Joined:
    """Somebody has an invitation now, or had one of this very page; `outcome` None says that
    somebody else saved in this moment."""

    token: str
    invited: Invited
    outcome: Outcome | None


@dataclass(frozen=True)
class Trapped:
    """A robot: it is thanked, and nothing is stored."""


@dataclass(frozen=True)
class Crowded:
    """Too many have begun within the hour; in so many seconds there is room again."""

    shown: Shown
    seconds: int


_link, _campaign = OpenLink.__table__, Campaign.__table__
FIND_ENTRANCE = (
    select(
        _link.c.id,
        _link.c.key,
        _link.c.kind,
        _link.c.unit_id,
        _link.c.representative_id,
        _link.c.attributes,
        _link.c.most_an_hour,
        _link.c.revoked_at,
        _campaign.c.id,
        _campaign.c.questionnaire_key,
        _campaign.c.version_number,
        _campaign.c.launched_at,
        _campaign.c.opens_at,
        _campaign.c.closes_at,
        _campaign.c.quotas,
    )
    .join_from(_link, _campaign, _campaign.c.id == _link.c.campaign_id)
    .where(_link.c.key == bindparam("key"))
)


def read_entrance(key: str) -> Entrance:
    """The open link with this key. Raises NotFound for an unknown one."""
    # Who types a key from paper may type capitals.
    # No key has a NUL, which a database cannot even look for.
    can_be_one = "\0" not in key
    row: Sequence[Any] | None = (
        read_row(FIND_ENTRANCE, {"key": key.lower()}) if can_be_one else None
    )
    if row is None:
        raise NotFound("There is no such link.")  # People read the edge's own sentence for it.
    return Entrance(*row)


def why_shut(entrance: Entrance, now: datetime) -> str:
    """Why nobody can begin by an open link now; '' where they can."""
    if entrance.revoked_at is not None:
        return gettext("This address was withdrawn and takes no answers any more.")
    if entrance.closes_at is not None and entrance.closes_at <= now:
        return gettext("This survey has ended and takes no more answers. Thank you for coming by.")
    if entrance.launched_at is None or (entrance.opens_at or now) > now:
        return gettext("This survey has not begun yet. Please come back later.")
    return ""


def has_enough(entrance: Entrance) -> bool:
    """Whether a quota is full that all who come by this link fall under."""
    return (
        bool(entrance.quotas)
        and full_quota(OpenLink, entrance.link_id, entrance.quotas) is not None
    )


def join(
    entrance: Entrance,
    own: Mapping[str, Sequence[str]],
    sent: Sent,
    language: str,
    address: str | None,
    now: datetime,
) -> Joined | Shown | Trapped | Crowded:
    """Do what the entrance's page asks for, as its holder's link does; see `answering.answer`.

    `own` are the fields of the form, `address` is where it comes from. Shown is a page again, with
    nothing stored: what was sent has problems, another language was wished, or the page is none of
    this link's.

    Raises Gone where nobody can begin any more; a page that has begun is found all the same.
    """
    stamp = read_stamp(entrance.key, next(iter(own.get(STAMP, ())), ""))
    if (reason := why_shut(entrance, now)) and not _has_begun(stamp):
        raise Gone(reason)
    version = version_of(entrance.questionnaire_key, entrance.version_number)
    if _is_robot(entrance, own, sent, stamp, now):
        _turn_away(entrance)
        return Trapped()
    if stamp is None:
        return _shown(version, sent, language, [STALE])
    if sent.page not in {page.id for page in version.questionnaire.pages}:
        # Where people see different orders there is no page before there is a person: they begin
        # with a button. Elsewhere it is a page that we never gave out.
        if not version.is_random or sent.action.startswith(SPEAK):
            return _shown(version, sent, language, [])
        sent = replace(sent, page=START)
    # One at a time: of two clicks the second finds what the first has made, and nobody slips in
    # when the hour is full.
    db.session.execute(
        select(OpenLink.id).where(OpenLink.id == entrance.link_id).with_for_update()
    ).one()
    token = token_of_form(stamp.number)
    if _has_begun(stamp):
        connection = db.session.connection()
        invited = find_invitation(connection, token, now)
        return Joined(token, invited, answer(connection, invited, sent, language, now))
    limit = AddressLimit(
        entrance.key, entrance.most_an_hour, address if entrance.kind == PUBLIC else None, now
    )
    seconds = max(wait_for_link(entrance.link_id, entrance.most_an_hour, now), limit.wait(now))
    if seconds:
        return Crowded(_shown(version, sent, language, []), seconds)
    result = _begin(entrance, version, token, sent, language, now)
    if isinstance(result, Joined):
        limit.count()
        if entrance.kind == KIOSK:
            _drop_left(entrance, now)
    return result


STALE = Problem.told(
    "", "stale_page", "This page was made anew since you opened it. Please send your answers again."
)


def _is_robot(
    entrance: Entrance,
    own: Mapping[str, Sequence[str]],
    sent: Sent,
    stamp: Stamp | None,
    now: datetime,
) -> bool:
    if any(own.get(TRAP, ())):
        return True
    is_answer = not sent.action.startswith(SPEAK)
    return is_answer and stamp is not None and now - stamp.made_at < FASTEST[entrance.kind]


def _has_begun(stamp: Stamp | None) -> bool:
    """Whether the page with this stamp was sent before, and somebody has an invitation of it."""
    if stamp is None:
        return False
    token_hash = hash_of(token_of_form(stamp.number))
    return db.session.get(InvitationToken, token_hash) is not None


def _turn_away(entrance: Entrance) -> None:
    db.session.execute(
        update(OpenLink)
        .where(OpenLink.id == entrance.link_id)
        .values(turned_away=OpenLink.turned_away + 1)
    )


def _begin(
    entrance: Entrance, version: Version, token: str, sent: Sent, language: str, now: datetime
) -> Joined | Shown:
    """Make the invitation and answer for it; where nothing is kept of that, leave nothing."""
    with db.session.begin_nested() as attempt:
        invitation = _invite(entrance, now)
        issue_token(invitation.id, now, token)
        db.session.flush()
        connection = db.session.connection()
        invited = find_invitation(connection, token, now)
        outcome = answer(connection, invited, sent, language, now)
        if not _is_kept(outcome):
            attempt.rollback()
    if _is_kept(outcome) or isinstance(outcome, Enough):
        return Joined(token, invited, outcome)
    if sent.uploads:
        clear_unnamed({invited.invitation_id: set()}, EVER)
    if isinstance(outcome, Shown):
        return _without_files(version, outcome)
    return _shown(version, sent, language, [])


def _is_kept(outcome: Outcome | None) -> bool:
    """Whether there was more to it than a page to be shown again."""
    return outcome is not None and not isinstance(outcome, Shown | Clash | Enough)


def _invite(entrance: Entrance, now: datetime) -> Invitation:
    invitation = Invitation(
        campaign_id=entrance.campaign_id,
        open_link_id=entrance.link_id,
        questionnaire_key=entrance.questionnaire_key,
        version_number=entrance.version_number,
        unit_id=entrance.unit_id,
        representative_id=entrance.representative_id,
        attributes=entrance.attributes,
        created_at=now,
        expires_at=entrance.closes_at,
    )
    db.session.add(invitation)
    db.session.flush()
    return invitation


def _drop_left(entrance: Entrance, now: datetime) -> None:
    """Forget what earlier people have left unfinished on the kiosk."""
    of_link = select(Invitation.id).where(Invitation.open_link_id == entrance.link_id)
    db.session.execute(
        delete(ResponseDraft)
        .where(ResponseDraft.updated_at < now - DRAFT_LEFT)
        .where(ResponseDraft.invitation_id.in_(of_link)),
        execution_options={"synchronize_session": False},
    )
    # Nothing leads to the draft of an anonymous campaign but its link, which a browser's way back
    # may still open: so links that nobody can be using any more open nothing.
    abandoned = of_link.where(Invitation.created_at < now - LINK_LEFT, ~Invitation.answered)
    db.session.execute(
        delete(InvitationToken).where(InvitationToken.invitation_id.in_(abandoned)),
        execution_options={"synchronize_session": False},
    )


def _shown(version: Version, sent: Sent, language: str, problems: list[Problem]) -> Shown:
    """The page again as it was sent; the first one, where it was none."""
    pages = [page.id for page in version.questionnaire.pages]
    page = sent.page if sent.page in pages else pages[0]
    return _without_files(version, Shown(page, language, 0, sent.answers, {}, problems))


def _without_files(version: Version, shown: Shown) -> Shown:
    """A file has to be chosen again: it was kept for an invitation that is none."""
    files = {one.id for one in version.questionnaire.questions if isinstance(one, File)}
    typed = {name: values for name, values in shown.typed.items() if name not in files}
    known = {name: one for name, one in shown.known.items() if name not in files}
    return replace(shown, typed=typed, known=known)
