"""Contacts and campaigns for machines, within the sight of the token's user."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from survey_app.api.etags import check_match
from survey_app.api.paging import Page, PageQuery, page_of, read_page
from survey_app.api.resources import Resources, accept, refuse
from survey_app.db import db, mark_of, utc_now
from survey_app.domain.problems import Problem, quoted
from survey_app.invite import queries
from survey_app.invite.audience import count_audience
from survey_app.invite.campaigning import Plan, add_campaign
from survey_app.invite.contact_fields import column_problems
from survey_app.invite.contact_models import Contact
from survey_app.invite.contact_queries import contact_by_id
from survey_app.invite.importing import Imported, import_contacts
from survey_app.invite.inviting import launch
from survey_app.invite.lines import attribute_problems
from survey_app.invite.models import Campaign
from survey_app.invite.registering import add_contact, revise_contact
from survey_app.invite.schemas import (
    CampaignSchema,
    ContactChange,
    ContactSchema,
    ImportedContacts,
    Launch,
    WantedCampaign,
    WantedContact,
    WantedContacts,
)
from survey_app.organisation.models import Unit
from survey_app.organisation.queries import keys_to_units
from survey_app.organisation.sight import Sight, is_in_sight, sight_of

resources = Resources("invitations", "Contacts, and campaigns that invite them to answer.")


@resources.operation(
    "GET", "/campaigns", "campaigns:read", page_of(CampaignSchema), query=PageQuery
)
def list_campaigns(query: dict[str, Any]) -> Page:
    """List campaigns, the newest first."""
    rows = (
        select(Campaign)
        .where(is_in_sight(Campaign.audience_unit_id, sight_of(current_user)))
        .options(joinedload(Campaign.audience_unit))
    )
    page = read_page(rows, Campaign.id, query, newest_first=True)
    return Page(_with_counts(page.items), page.next)


@resources.operation(
    "POST", "/campaigns", "campaigns:write", CampaignSchema, status=201, body=WantedCampaign
)
def new_campaign(body: dict[str, Any]) -> Any:
    """Write a campaign; it is sent by its launch."""
    refuse(attribute_problems(body["audience_filter"], body["quotas"]))
    plan = Plan(
        questionnaire_key=body.pop("questionnaire"),
        version_number=body.pop("version"),
        audience=_read_audience(body.pop("audience"), sight_of(current_user)),
        **body,
    )
    made = accept(add_campaign(plan, utc_now()))
    address = url_for("invitations_api.show_campaign", campaign_id=made.id)
    return _with_counts([made])[0], address


@resources.operation("GET", "/campaigns/<int:campaign_id>", "campaigns:read", CampaignSchema)
def show_campaign(campaign_id: int) -> dict[str, Any]:
    """Read a campaign, and how far its mails are."""
    return _with_counts([queries.campaign_by_id(campaign_id, sight_of(current_user))])[0]


@resources.operation(
    "POST", "/campaigns/<int:campaign_id>/launch", "campaigns:write", CampaignSchema, body=Launch
)
def launch_campaign(body: dict[str, Any], campaign_id: int) -> dict[str, Any]:
    """Send a campaign, once."""
    campaign = queries.campaign_by_id(campaign_id, sight_of(current_user))
    accept(launch(campaign, utc_now(), body["recipients"]))
    return _with_counts([campaign])[0]


@resources.operation("GET", "/contacts", "contacts:read", page_of(ContactSchema), query=PageQuery)
def list_contacts(query: dict[str, Any]) -> Page:
    """List contacts."""
    rows = (
        select(Contact)
        .where(is_in_sight(Contact.unit_id, sight_of(current_user)))
        .options(
            joinedload(Contact.unit),
            joinedload(Contact.representative),
            joinedload(Contact.suppression),
        )
    )
    return read_page(rows, Contact.id, query)


@resources.operation(
    "POST", "/contacts", "contacts:write", ContactSchema, status=201, body=WantedContact
)
def new_contact(body: dict[str, Any]) -> Any:
    """Add a contact."""
    made = accept(add_contact(_cells(body), utc_now(), sight_of(current_user)))
    return made, url_for("invitations_api.show_contact", contact_id=made.id)


@resources.operation("GET", "/contacts/<int:contact_id>", "contacts:read", ContactSchema)
def show_contact(contact_id: int) -> Contact:
    """Read a contact."""
    return contact_by_id(contact_id, sight_of(current_user))


@resources.operation(
    "PATCH",
    "/contacts/<int:contact_id>",
    "contacts:write",
    ContactSchema,
    body=ContactChange,
    matched=True,
)
def change_contact(body: dict[str, Any], contact_id: int) -> Contact:
    """Change a contact; what is not named stays as it is."""
    within = sight_of(current_user)
    contact = contact_by_id(contact_id, within)
    check_match(ContactSchema().dump(contact))
    changed = accept(revise_contact(contact, _cells(body), within, mark_of(contact)))
    # The step sets ids; the rows that they name are looked up anew.
    db.session.expire(changed)
    return changed


@resources.operation(
    "POST", "/contacts/imports", "contacts:write", ImportedContacts, body=WantedContacts
)
def import_file(body: dict[str, Any]) -> Imported:
    """Import a CSV file of contacts: all of its rows, or none."""
    within = sight_of(current_user)
    return accept(
        import_contacts(
            body["csv"].encode(), body["filename"], utc_now(), within, body["key"], body["dry_run"]
        )
    )


def _with_counts(campaigns: Any) -> list[dict[str, Any]]:
    """Campaigns with how far their mails are, and of those not sent how many they would invite."""
    counts = queries.mail_counts([campaign.id for campaign in campaigns])
    invited = queries.invited_counts([campaign.id for campaign in campaigns])
    told = []
    now = utc_now()
    for campaign in campaigns:
        mails = counts[campaign.id]
        recipients = (
            invited.get(campaign.id, 0)
            if campaign.launched_at
            else count_audience(campaign, now).invited
        )
        columns = {column: getattr(campaign, column) for column in _CAMPAIGN_COLUMNS}
        told.append(columns | {"recipients": recipients, "mails": asdict(mails)})
    return told


_CAMPAIGN_COLUMNS = (
    *("id", "name", "questionnaire_key", "version_number", "mode", "audience_unit"),
    *("audience_filter", "sample_size", "subject", "message", "first_question", "opens_at"),
    *("closes_at", "send_from", "send_until", "send_days", "pace", "reminders", "reminder_days"),
    *("reminder_subject", "reminder_message", "enough", "quotas", "answers_may_change"),
    *("created_at", "launched_at", "paused_at"),
)


def _read_audience(key: str | None, within: Sight) -> Unit | None:
    if key is None and within is None:
        return None
    unit = keys_to_units(within).get(key or "")
    if unit is None:
        message = (
            f"You see no unit with the key {quoted(key or '')}. Name one whose contacts to ask."
        )
        refuse([Problem("audience", "unknown", message)])
    return unit


def _cells(body: dict[str, Any]) -> dict[str, str]:
    """A contact as a row of an import has it."""
    fields = dict(body)
    attributes: dict[str, str] = fields.pop("attributes")
    refuse(column_problems(attributes))
    return attributes | fields
