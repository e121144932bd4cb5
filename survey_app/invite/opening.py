"""Open links of a campaign: making, revising and withdrawing them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from flask import current_app

from survey_app.accounts.auditing import record
from survey_app.config import Settings
from survey_app.db import db
from survey_app.domain.problems import CHANGED_MEANWHILE, Problem, quoted
from survey_app.invite.contact_fields import FIELDS, LONGEST_ATTRIBUTE, UNFIT
from survey_app.invite.models import Campaign, OpenLink
from survey_app.invite.series_queries import is_pattern
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.organisation.sight import Sight, in_sight

PUBLIC, KIOSK = "public", "kiosk"
KINDS = {
    PUBLIC: "public: printed, or on a web page",
    KIOSK: "kiosk: one device that many people use",
}
LONGEST_LABEL = 120
LONGEST_ATTRIBUTE_NAME = 120
MOST_AN_HOUR = 60
MOST_AN_HOUR_EVER = 10_000

# A key is typed from paper at times: no sign that looks like another one. 31 ** 12 are 59 bits.
KEY_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
KEY_LENGTH = 12


@dataclass(frozen=True)
class LinkPlan:
    """What an open link is to be; `unit` and `representative` are keys, '' for none, and
    `attributes` has a line name=value for each."""

    label: str
    kind: str = PUBLIC
    unit: str = ""
    representative: str = ""
    attributes: str = ""
    most_an_hour: int = MOST_AN_HOUR


def make_link(
    campaign: Campaign, plan: LinkPlan, now: datetime, within: Sight
) -> tuple[OpenLink | None, list[Problem]]:
    """Make a link of the campaign that works from now on, if the campaign does."""
    key = "".join(secrets.choice(KEY_SIGNS) for _ in range(KEY_LENGTH))
    link = OpenLink(campaign_id=campaign.id, key=key, created_at=now, turned_away=0)
    if problems := _fill(link, plan, within):
        return None, problems
    db.session.add(link)
    db.session.flush()
    record("open link made", link.label, now, campaign=campaign.name)
    return link, []


def revise_link(
    link: OpenLink, plan: LinkPlan, now: datetime, within: Sight, seen: str | None = None
) -> tuple[OpenLink | None, list[Problem]]:
    """Change a link for those who come from now on; `seen` is the `mark_of` what was opened.

    Who came before keeps the unit, representative and attributes of then.
    """
    db.session.refresh(link, with_for_update=True)
    if link.revoked_at is not None:
        text = "This link was withdrawn and stays as it is. Make another one."
        return None, [Problem("link", "revoked", text)]
    if seen not in (None, mark_for_forms(link)):
        return None, [CHANGED_MEANWHILE]
    if problems := _fill(link, plan, within):
        return None, problems
    db.session.flush()
    record("open link changed", link.label, now, campaign=link.campaign.name)
    return link, []


def revoke_link(link: OpenLink, now: datetime) -> bool:
    """Withdraw a link: nobody begins through it any more; who has begun may finish.

    Gives whether it was this call that did.
    """
    db.session.refresh(link, with_for_update=True)
    if link.revoked_at is not None:
        return False
    link.revoked_at = now
    db.session.flush()
    record("open link withdrawn", link.label, now, campaign=link.campaign.name)
    return True


def open_for_links(campaign: Campaign, now: datetime) -> tuple[Campaign | None, list[Problem]]:
    """Open a campaign for its open links alone: nobody is invited, no mail leaves, now or later."""
    db.session.refresh(campaign, with_for_update=True)
    if campaign.launched_at is not None:
        text = "This campaign was sent or opened already; its open links take answers."
        return None, [Problem("campaign", "launched", text)]
    if is_pattern(campaign.id):
        text = "This campaign is the pattern of a series, which sends copies of it by itself."
        return None, [Problem("campaign", "pattern", text)]
    if campaign.closes_at is not None and campaign.closes_at <= now:
        text = "The last day for answers is over. Change it before you open the campaign."
        return None, [Problem("campaign", "closed", text)]
    campaign.launched_at = now
    db.session.flush()
    record("campaign opened for open links only", campaign.name, now)
    return campaign, []


def mark_for_forms(link: OpenLink) -> str:
    """What changes with a link's settings, and not with the robots that it turns away."""
    told = (link.label, link.kind, link.unit_id, link.representative_id, link.attributes)
    return sha256(repr((*told, link.most_an_hour, link.revoked_at)).encode()).hexdigest()


def address_of(link: OpenLink) -> str:
    """The address that is printed and shown."""
    settings: Settings = current_app.config["SETTINGS"]
    # The path comes from the one place that defines it, in a room that comes later.
    path = current_app.url_map.bind("").build("respond.show_open_page", {"key": link.key})
    return settings.address + path


def lines_of(attributes: dict[str, str]) -> str:
    """Attributes as a form shows them: a line name=value for each."""
    return "\n".join(f"{name}={value}" for name, value in attributes.items())


def _fill(link: OpenLink, plan: LinkPlan, within: Sight) -> list[Problem]:
    """Put the plan into the link, or tell everything that is wrong with it and change nothing."""
    label = plan.label.strip()
    units, people = keys_to_units(within), keys_to_representatives(within)
    unit, person = units.get(plan.unit), people.get(plan.representative)
    attributes, problems = read_attributes(plan.attributes)
    problems += _check_label(label)
    if plan.kind not in KINDS:
        problems.append(Problem("kind", "unknown_kind", "Choose one of the kinds offered."))
    if plan.unit and unit is None:
        text = f"You see no unit with the key {quoted(plan.unit)}. Choose one of those offered."
        problems.append(Problem("unit", "unknown_unit", text))
    if plan.representative and person is None:
        text = f"You see no representative with the key {quoted(plan.representative)}."
        problems.append(Problem("representative", "unknown_representative", text))
    if not 1 <= plan.most_an_hour <= MOST_AN_HOUR_EVER:
        text = f"Write a whole number from 1 to {MOST_AN_HOUR_EVER}."
        problems.append(Problem("most an hour", "out_of_range", text))
    unit_id = unit.id if unit else person.unit_id if person and not plan.unit else None
    if not problems and not in_sight(unit_id, within):
        text = "You see a part of the company. Choose the unit that the answers belong to."
        problems.append(Problem("unit", "out_of_sight", text))
    if problems:
        return problems
    link.label, link.kind, link.attributes = label, plan.kind, attributes
    link.unit_id, link.representative_id = unit_id, person.id if person else None
    link.most_an_hour = plan.most_an_hour
    return []


def _check_label(label: str) -> list[Problem]:
    if not label:
        return [Problem("label", "empty", "Give the link a label, such as the place it hangs at.")]
    if len(label) > LONGEST_LABEL:
        text = f"The label has {len(label)} characters; shorten it to {LONGEST_LABEL}."
        return [Problem("label", "too_long", text)]
    if UNFIT.search(label):
        text = "The label has a line break or another control character. Remove it."
        return [Problem("label", "control", text)]
    return []


def read_attributes(typed: str) -> tuple[dict[str, str], list[Problem]]:
    """Read lines name=value; empty lines say nothing. Problems name the line, counted from 1."""
    attributes: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(typed.replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        wrong = _check_attribute(name, sign, value, attributes)
        if wrong:
            problems.append(Problem(f"attributes, line {number}", *wrong))
        else:
            attributes[name] = value
    return attributes, problems


def _check_attribute(
    name: str, sign: str, value: str, known: dict[str, str]
) -> tuple[str, str] | None:
    if not (sign and name):
        return "no_attribute", "Write the attribute as name=value, such as place=entrance."
    if name in known:
        return "twice", f"{quoted(name)} is there twice. Keep one of the lines."
    if name in FIELDS:
        return "reserved", f"{quoted(name)} is a contact's own field. Choose another name."
    if UNFIT.search(name + value):
        return "control", "The line has a control character. Remove it."
    if len(name) > LONGEST_ATTRIBUTE_NAME or len(value) > LONGEST_ATTRIBUTE:
        return "too_long", (
            f"Shorten the name to {LONGEST_ATTRIBUTE_NAME} characters and the value to "
            f"{LONGEST_ATTRIBUTE}."
        )
    return None
