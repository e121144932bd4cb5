"""What a contact may say of itself: one rule for the import's columns and the form's fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from flask import current_app

from survey_app.config import Settings
from survey_app.domain.cells import DATE, read_date, read_moment, read_number, read_word
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.invite.declared import Declared, declared_attributes
from survey_app.organisation.calendars import day_begins
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import keys_to_representatives, keys_to_units
from survey_app.organisation.sight import Sight

MOST_SHOWN = 20
FIELDS = (
    *("email", "name", "external_id", "unit", "representative", "language"),
    *("consent", "consent_source"),
)
LONGEST = {"name": 200, "external_id": 120, "consent_source": 200}
LONGEST_ATTRIBUTE = 500
# Controls could break a mail's header lines; half of a surrogate pair cannot be stored at all.
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# How RFC 2047 begins a word in code: decoded, it may hold the line breaks refused above.
ENCODED = "=?"
IN_HEADER_LINES = ("email", "name")
LANGUAGE_FORM = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Addresses that need no second look: of a million, nearly all.
_WORD = r"[A-Za-z0-9_+-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
PLAIN_ADDRESS = re.compile(
    rf"(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+([A-Za-z]{{2,63}})"
)
LONGEST_PLAIN = 200
SPECIAL_ENDS = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)


class ContactReader:
    """Reads contacts from text; knows the units and representatives in somebody's sight.

    `kept` is a representative whom a contact has and may keep, also out of sight.
    """

    def __init__(self, within: Sight = None, kept: Representative | None = None) -> None:
        # Ids and no rows: a long import commits between its chunks, and rows would be read anew.
        self.units = {key: unit.id for key, unit in keys_to_units(within).items()}
        people = keys_to_representatives(within)
        if kept is not None:
            people.setdefault(kept.key, kept)
        self.people = {key: person.id for key, person in people.items()}
        self._units_of_people = {person.id: person.unit_id for person in people.values()}
        self.declared: dict[str, Declared] = declared_attributes()
        settings: Settings = current_app.config["SETTINGS"]
        self.zone = settings.zone

    def read(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        """Values for the table `contact`, and problems whose place is the column.

        Only columns that are in `cells` get a value. One that names a representative and leaves the
        unit empty puts the contact into the representative's unit. Columns that are not in FIELDS
        become attributes, which must be what was declared of them.
        """
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for column, cell in cells.items():
            problem = _check_text(column, cell) or self._read_cell(column, cell, values)
            if problem:
                problems.append(problem)
        if values.get("unit_id", ...) is None:
            self._follow_representative(values)
        values["attributes"] = {
            column: cell for column, cell in cells.items() if column not in FIELDS
        }
        return values, problems

    def place_new(self, values: dict[str, Any]) -> None:
        """Put a new contact of which no unit was told into its representative's unit."""
        if "unit_id" not in values:
            self._follow_representative(values)

    def _follow_representative(self, values: dict[str, Any]) -> None:
        if (person_id := values.get("representative_id")) is not None:
            values["unit_id"] = self._units_of_people[person_id]

    def _read_cell(self, column: str, cell: str, values: dict[str, Any]) -> Problem | None:
        match column:
            case "email":
                return _read_address(cell, values)
            case "name":
                values["name"] = cell
            case "external_id":
                values["external_id"] = cell or None
            case "unit":
                return _read_key(cell, "unit", self.units, values)
            case "representative":
                return _read_key(cell, "representative", self.people, values)
            case "language":
                return _read_language(cell, values)
            case "consent":
                return self._read_consent(cell, values)
            case "consent_source":
                values["consent_source"] = cell
            case _ if cell and column in self.declared:
                return _check_declared(column, cell, self.declared[column])
        return None

    def _read_consent(self, cell: str, values: dict[str, Any]) -> Problem | None:
        values["consent_at"] = None
        if not cell:
            return None
        if DATE.fullmatch(cell):
            day = read_date(cell, "consent")
            found = day if isinstance(day, Problem) else day_begins(day, self.zone)
        else:
            found = read_moment(cell, "consent", self.zone)
        if isinstance(found, Problem):
            return found
        values["consent_at"] = found
        return None


def column_problems(columns: Iterable[str]) -> list[Problem]:
    """Columns that would silently become attributes although a field of ours was meant."""
    return [
        Problem(
            f"column {column}",
            "column_name",
            f"The column {quoted(column)} would be kept as an attribute.{hint} "
            "Write the column's name exactly so.",
        )
        for column in columns
        if column not in FIELDS and (hint := _field_meant(column))
    ]


def _field_meant(column: str) -> str:
    bare = re.sub(r"[ _-]", "", column).casefold()
    meant = [field for field in FIELDS if field.replace("_", "") == bare]
    return did_you_mean(column, meant)


def _check_text(column: str, cell: str) -> Problem | None:
    if UNFIT.search(cell):
        message = f"{quoted(cell)} has a line break or another control character. Remove it."
        return Problem(column, "control", message)
    if column in IN_HEADER_LINES and ENCODED in cell:
        message = (
            f"{quoted(cell)} has {quoted(ENCODED)}, which mail programs take for the beginning of "
            "an encoded text. Write the text itself."
        )
        return Problem(column, "encoded", message)
    longest = LONGEST.get(column, LONGEST_ATTRIBUTE)
    if len(cell) > longest:
        message = f"The text has {len(cell)} characters; shorten it to {longest}."
        return Problem(column, "too_long", message)
    return None


def _check_declared(column: str, cell: str, declared: Declared) -> Problem | None:
    found: object = None
    match declared.kind:
        case "number":
            found = read_number(cell, column)
        case "date":
            found = read_date(cell, column)
        case "choice":
            found = read_word(cell, column, declared.choices)
    return found if isinstance(found, Problem) else None


def read_address(cell: str) -> str | Problem:
    """An e-mail address as it is kept, in lower case."""
    values: dict[str, Any] = {}
    problem = _check_text("email", cell) or _read_address(cell, values)
    return problem or str(values["email"])


def _read_address(cell: str, values: dict[str, Any]) -> Problem | None:
    if not cell:
        return Problem("email", "empty", "The e-mail address is missing. Fill it in.")
    if (plain := plain_address(cell)) is not None:
        values["email"] = plain
        return None
    try:
        # Mail servers without SMTPUTF8 are common: an address that they cannot take is no use.
        found = validate_email(
            cell, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        return Problem("email", "email", f"{quoted(cell)} is no e-mail address. {error}")
    values["email"] = found.normalized.lower()
    return None


def plain_address(cell: str) -> str | None:
    """The address in lower case, where it is so plain that `email_validator` need not be asked."""
    found = PLAIN_ADDRESS.fullmatch(cell) if len(cell) <= LONGEST_PLAIN else None
    if found is None or "--" in cell or found[1].lower() in SPECIAL_ENDS:
        return None
    return cell.lower()


def _known_keys(known: Iterable[str]) -> str:
    keys = sorted(known)
    shown = ", ".join(keys[:MOST_SHOWN]) + (", …" if len(keys) > MOST_SHOWN else "")
    return f"You see {shown}." if keys else "You see none."


def _read_key(
    cell: str, field: str, known: Mapping[str, Any], values: dict[str, Any]
) -> Problem | None:
    if cell and cell not in known:
        return Problem(
            field,
            f"unknown_{field}",
            f"You see no {field} with the key {quoted(cell)}.{did_you_mean(cell, known)} "
            f"{_known_keys(known)} Correct it, or leave the cell empty.",
        )
    values[f"{field}_id"] = known[cell] if cell else None
    return None


def _read_language(cell: str, values: dict[str, Any]) -> Problem | None:
    if cell and not (LANGUAGE_FORM.fullmatch(cell) and len(cell) <= 35):
        message = f'{quoted(cell)} is no language code. Write one such as "en" or "de-CH".'
        return Problem("language", "language", message)
    values["language"] = cell
    return None
