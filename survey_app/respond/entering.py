"""Who holds a link, what they have answered so far, and whether it still takes answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import Connection, bindparam, func, literal_column, select

from survey_app.domain.answers import Document
from survey_app.domain.problems import Gone, NotFound
from survey_app.driver import find_row, read_row
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import ANONYMOUS, Campaign, Invitation, InvitationToken, OpenLink
from survey_app.invite.opening import KIOSK
from survey_app.invite.quotas import full_quota
from survey_app.invite.tokens import hash_of
from survey_app.respond.models import AnonymousDraft, Response, ResponseDraft


class Opened(NamedTuple):
    """The open link by which somebody came: its key, whether it is a kiosk's, and whether the page
    is the link's own, on which nobody has an invitation yet.
    """

    key: str
    is_kiosk: bool
    is_entrance: bool


class Invited(NamedTuple):
    """An invitation as the holder of its link meets it.

    `response_id` and `response_revision` are of the newest revision of their response, None before
    they have sent one and in an anonymous campaign always; `draft_answers` and what follows are of
    what they have saved and not sent. `contact_name` and `contact_id` are None of who came by an
    open link. `ballot` is the key of an anonymous draft, which only this link's token leads to.
    """

    invitation_id: int
    contact_id: int | None
    questionnaire_key: str
    version_number: int
    attributes: dict[str, str]
    started: bool
    answered: bool
    mode: str
    quotas: list[dict[str, Any]]
    revoked_at: datetime | None
    expires_at: datetime | None
    closes_at: datetime | None
    answers_may_change: bool
    contact_name: str | None
    contact_language: str | None
    open_key: str | None
    open_kind: str | None
    draft_revision: int | None
    draft_answers: Document | None
    draft_language: str | None
    base_revision: int | None
    response_id: int | None
    response_revision: int | None
    ballot: str

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing that is kept may lead from this person to what they answered."""
        return self.mode == ANONYMOUS

    @property
    def has_sent(self) -> bool:
        """Whether a response has arrived, wherever it is kept."""
        return self.response_id is not None or self.answered

    @property
    def is_answering(self) -> bool:
        """Whether questions are shown: nothing was sent yet, or what was sent is being changed."""
        return not self.has_sent or (
            self.base_revision is not None and self.base_revision == self.response_revision
        )

    @property
    def answers(self) -> Document:
        """What was saved so far."""
        return self.draft_answers or {}

    @property
    def contact(self) -> dict[str, str]:
        """What texts and conditions may know of the person."""
        return {**self.attributes, "name": self.contact_name or ""}

    @property
    def seed(self) -> str:
        """What this person's random orders are drawn from, 16 hexadecimal digits."""
        drawn_from = self.ballot if self.is_anonymous else self.invitation_id
        return sha256(f"order/{drawn_from}".encode()).hexdigest()[:16]

    @property
    def opened(self) -> Opened | None:
        """The open link by which they came, None for who was invited."""
        if self.open_key is None:
            return None
        return Opened(self.open_key, self.open_kind == KIOSK, self.invitation_id == NOBODY)

    def takes_changes(self, now: datetime) -> bool:
        """Whether answers that were sent may still be changed.

        Anonymous ones are nobody's, and who came by an open link has nothing by which to come back.
        """
        return (
            self.answers_may_change
            and not self.is_anonymous
            and self.open_key is None
            and not self.has_ended(now)
            and self.revoked_at is None
        )

    def has_ended(self, now: datetime) -> bool:
        """Whether the time to answer is over."""
        ends = [moment for moment in (self.expires_at, self.closes_at) if moment is not None]
        return bool(ends) and min(ends) <= now


# The id of the invitation of whoever looks at an open link and has none yet.
NOBODY = 0

# The statement of every request, built once, since building one takes longer than running it; of
# tables and not of mapped classes, since the ORM's bookkeeping would take as long again.
_token, _invitation, _campaign, _contact, _link, _draft, _anonymous, _response = (
    model.__table__
    for model in (
        InvitationToken,
        Invitation,
        Campaign,
        Contact,
        OpenLink,
        ResponseDraft,
        AnonymousDraft,
        Response,
    )
)
FIND_INVITATION = (
    select(
        _invitation.c.id,
        _invitation.c.contact_id,
        _invitation.c.questionnaire_key,
        _invitation.c.version_number,
        _invitation.c.attributes,
        _invitation.c.started,
        _invitation.c.answered,
        _campaign.c.mode,
        _campaign.c.quotas,
        _invitation.c.revoked_at,
        _invitation.c.expires_at,
        _campaign.c.closes_at,
        _campaign.c.answers_may_change,
        _contact.c.name,
        _contact.c.language,
        _link.c.key,
        _link.c.kind,
        # An anonymous campaign has drafts of the one kind, all others those of the other.
        func.coalesce(_draft.c.revision, _anonymous.c.revision),
        func.coalesce(_draft.c.answers, _anonymous.c.answers),
        func.coalesce(_draft.c.language, _anonymous.c.language),
        _draft.c.base_revision,
        _response.c.id,
        _response.c.revision,
    )
    .join_from(_token, _invitation, _token.c.invitation_id == _invitation.c.id)
    .join(_campaign, _campaign.c.id == _invitation.c.campaign_id)
    .outerjoin(_contact, _contact.c.id == _invitation.c.contact_id)
    .outerjoin(_link, _link.c.id == _invitation.c.open_link_id)
    .outerjoin(_draft, _draft.c.invitation_id == _invitation.c.id)
    .outerjoin(_anonymous, _anonymous.c.key == bindparam("ballot"))
    .outerjoin(_response, _response.c.invitation_id == _invitation.c.id)
    .where(_token.c.token_hash == bindparam("token_hash"))
    .order_by(_response.c.revision.desc())
    # Written out: a parameter of the statement is looked up and bound at every use.
    .limit(literal_column("1"))
    .offset(literal_column("0"))
)


def ballot_of(token: str) -> str:
    """The key of what is saved through the link of an anonymous campaign.

    It is worked out from the token alone, which stands in the mail and in no table: neither the
    token's own hash nor the invitation leads to it.
    """
    return sha256(f"ballot/{token}".encode()).hexdigest()


def read_invitation(token: str, now: datetime) -> Invited:
    """`find_invitation` for a page that only reads."""
    ballot = ballot_of(token)
    row = read_row(FIND_INVITATION, {"token_hash": hash_of(token), "ballot": ballot})
    return _admit(row, ballot, now)


def find_invitation(connection: Connection, token: str, now: datetime) -> Invited:
    """The invitation of a link that takes answers, or took this person's.

    Raises NotFound for an unknown link, Gone for one that takes no answers any more.
    """
    ballot = ballot_of(token)
    wanted = {"token_hash": hash_of(token), "ballot": ballot}
    return _admit(find_row(connection, FIND_INVITATION, wanted), ballot, now)


def is_enough(invited: Invited) -> bool:
    """Whether a quota is full that this person falls under; who has begun may finish."""
    return (
        bool(invited.quotas)
        and not (invited.has_sent or invited.started)
        and full_quota(Invitation, invited.invitation_id, invited.quotas) is not None
    )


def _admit(row: Sequence[Any] | None, ballot: str, now: datetime) -> Invited:
    if row is None:
        raise NotFound("There is no such link.")  # People read the edge's own sentence for it.
    invited = Invited(*row, ballot)
    if not invited.has_sent:
        _refuse_ended(invited, now)
    elif invited.base_revision is not None and not invited.takes_changes(now):
        # A change that was begun and not sent in time leaves the answers as they are.
        return invited._replace(base_revision=None)
    return invited


def _refuse_ended(invited: Invited, now: datetime) -> None:
    if invited.revoked_at is not None:
        raise Gone(
            gettext("This invitation was withdrawn, so there is nothing left for you to do.")
        )
    if invited.has_ended(now):
        raise Gone(
            gettext("This survey has ended and takes no more answers. Thank you for coming by.")
        )
