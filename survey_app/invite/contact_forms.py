"""Forms for contacts and what holds for them. They carry what was typed; the steps judge it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    Field,
    FloatField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from survey_app.forms import FlaskForm
from survey_app.invite.contact_fields import FIELDS
from survey_app.invite.contact_models import AskingRules, Contact, ContactAttribute
from survey_app.invite.declared import Declared, declared_attributes
from survey_app.invite.declaring import KINDS
from survey_app.invite.forms import units_offered
from survey_app.invite.ruling import Ruling
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import keys_to_representatives
from survey_app.organisation.sight import Sight

ATTRIBUTE = "attribute: "


class ImportForm(FlaskForm):
    """A file of contacts."""

    file = FileField(
        "CSV file or workbook (XLSX)",
        [FileRequired("Choose a file.")],
        render_kw={"accept": ".csv,.xlsx"},
    )
    key = SelectField(
        "Contacts are known by",
        choices=[
            SelectChoice("email", "their e-mail address"),
            SelectChoice("external_id", "their external id; the address may be a new one"),
        ],
        default="email",
    )
    submit = SubmitField("Look at the file")


class ContactForm(FlaskForm):
    """One contact; `contact_form` adds a field for each attribute."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    email = StringField("E-mail", [DataRequired(), Length(max=254)], render_kw={"type": "email"})
    name = StringField(
        "Name", description="As the mail is to address the person, such as Ms Weber."
    )
    unit = SelectField("Unit", description="Empty: the unit of the representative, if any.")
    representative = SelectField("Representative")
    external_id = StringField(
        "External id", description="The customer's number in your other systems."
    )
    language = StringField("Language", description='A code such as "en" or "de-CH".')
    consent = StringField(
        "Agrees to be asked since",
        description="A date like 2026-07-31, or a moment like 2026-07-31 14:05.",
    )
    consent_source = StringField(
        "Known from", description="Where the person agreed, such as a form or a contract."
    )

    def __init__(self, within: Sight, kept: Representative | None = None, **named: object) -> None:
        super().__init__(**named)
        known = keys_to_representatives(within)
        if kept is not None:
            # Saving a contact must not take away a representative who works out of sight.
            known.setdefault(kept.key, kept)
        people = sorted(known.values(), key=lambda person: person.name)
        nobody = SelectChoice("", "–")
        self.unit.choices = [nobody, *units_offered(within)]
        self.representative.choices = [
            nobody,
            *(SelectChoice(person.key, person.name) for person in people),
        ]

    def cells(self) -> dict[str, str]:
        """The fields and attributes as a row of an import has them."""
        told = {field: self[field].data or "" for field in FIELDS}
        attributes = {
            field.name.removeprefix(ATTRIBUTE): field.data or ""
            for field in self
            if field.name.startswith(ATTRIBUTE)
        }
        return attributes | told


def contact_form(
    within: Sight, contact: Contact | None = None, zone: ZoneInfo | None = None, seen: str = ""
) -> ContactForm:
    """The form of a contact, or of a new one: its fields, the declared attributes, and those that
    only this contact has, as text."""
    declared = declared_attributes()
    present = contact.attributes if contact is not None else {}
    others = {name: Declared(name, "text", ()) for name in sorted(present.keys() - declared.keys())}
    fields = {
        f"{ATTRIBUTE}{key}": _attribute_field(number, one, present.get(key, ""))
        for number, (key, one) in enumerate((declared | others).items())
    }
    # The button stands last, so it is added last.
    made = type(
        "ContactForm", (ContactForm,), {**fields, "submit": SubmitField("Save the contact")}
    )
    if contact is None:
        form: ContactForm = made(within)
        return form
    data = contact_data(contact, zone or ZoneInfo("UTC")) | {"seen": seen}
    form = made(within, contact.representative, data=data)
    return form


def _attribute_field(number: int, declared: Declared, value: str) -> Field:
    named = {"id": f"attribute_{number}", "default": value}
    if declared.kind != "choice":
        words = "" if declared.kind == "text" else f"{KINDS[declared.kind].capitalize()}."
        return StringField(declared.label, description=words, **named)
    values = dict.fromkeys(("", *declared.choices, value))
    choices = [SelectChoice(one, one or "–") for one in values]
    return SelectField(declared.label, choices=choices, **named)


def contact_data(contact: Contact, zone: ZoneInfo) -> dict[str, str]:
    """A contact as the fields of its form show it."""
    return {
        "email": contact.email,
        "name": contact.name,
        "external_id": contact.external_id or "",
        "unit": contact.unit.key if contact.unit else "",
        "representative": contact.representative.key if contact.representative else "",
        "language": contact.language,
        "consent": shown_consent(contact.consent_at, zone),
        "consent_source": contact.consent_source,
    }


def shown_consent(at: datetime | None, zone: ZoneInfo) -> str:
    """A moment as the form takes it back unchanged: a day alone where it is the day's beginning."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return local.date().isoformat()
    return local.isoformat(" ", "auto")


class AttributeForm(FlaskForm):
    """What an attribute of contacts is."""

    name = StringField(
        "Name of the column",
        description="As files and questionnaires have it, such as segment.",
    )
    label = StringField(
        "Label", [Length(max=200)], description="As pages show it; empty: the column's name."
    )
    kind = SelectField("Its values are", choices=[SelectChoice(*one) for one in KINDS.items()])
    values = TextAreaField(
        "Values to choose from",
        description="One a line; only for one of some values.",
        render_kw={"rows": 5},
    )
    submit = SubmitField("Save the attribute")

    def declared(self) -> Declared:
        """What was typed."""
        values = tuple((self.values.data or "").splitlines())
        return Declared(self.label.data or "", self.kind.data, values)


def attribute_data(attribute: ContactAttribute) -> dict[str, str]:
    """A declared attribute as its form shows it."""
    return {
        "name": attribute.key,
        "label": attribute.label,
        "kind": attribute.kind,
        "values": "\n".join(attribute.choices),
    }


class SuppressForm(FlaskForm):
    """Addresses that are never invited any more."""

    addresses = TextAreaField(
        "Addresses", [DataRequired()], description="One a line.", render_kw={"rows": 6}
    )
    note = StringField("Note", description="Why, or who asked for it.")
    submit = SubmitField("Never invite these")


class RulesForm(FlaskForm):
    """The rules for all campaigns."""

    # What was opened, so that nobody else's change is lost.
    seen = HiddenField()
    fatigue_days = IntegerField(
        "Days between two invitations of one contact",
        [InputRequired()],
        description="0: there is no such rule. Reminders are not counted.",
    )
    needs_consent = BooleanField("Only those of whom it is known that they agree are asked")
    bounce_limit = FloatField(
        "Share of bounced mails, in percent, over which a campaign pauses", [InputRequired()]
    )
    soft_bounces = IntegerField(
        "Soft bounces after which an address is not invited any more",
        [InputRequired()],
        description="So many without a delivered mail between them, such as full mailboxes.",
    )
    submit = SubmitField("Save the rules")

    def ruling(self) -> Ruling:
        """What was typed."""
        return Ruling(
            self.fatigue_days.data,
            self.needs_consent.data,
            self.bounce_limit.data,
            self.soft_bounces.data,
        )


def rules_data(rules: AskingRules) -> Mapping[str, object]:
    """The rules as their form shows them."""
    return {
        "fatigue_days": rules.fatigue_days,
        "needs_consent": rules.needs_consent,
        "bounce_limit": rules.bounce_limit,
        "soft_bounces": rules.soft_bounces,
    }
