"""Setting up a new installation, and loading worked examples through the product's own imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from flask import current_app
from sqlalchemy import select

from survey_app.accounts.enrolling import enrol_user, random_password
from survey_app.accounts.models import User
from survey_app.config import Settings, shipped
from survey_app.db import db
from survey_app.design.editing import create_questionnaire
from survey_app.design.models import Questionnaire
from survey_app.design.publishing import publish
from survey_app.design.reading import read_document
from survey_app.domain.problems import NotFound, Problem, SoundingsError
from survey_app.figures.defining import define_measure
from survey_app.figures.importing import import_figures
from survey_app.goals.dimensions import declare_dimensions
from survey_app.goals.exchange import import_scorebook
from survey_app.invite.contact_models import rules
from survey_app.invite.importing import import_contacts
from survey_app.organisation.arranging import add_representative, add_unit, set_sight
from survey_app.organisation.queries import (
    declared_dimensions,
    keys_to_representatives,
    keys_to_units,
    root_unit,
)
from survey_app.report.scoring import request_run
from survey_app.respond.importing import import_answers
from survey_app.visits.arranging import define_process
from survey_app.visits.importing import import_visits
from survey_app.visits.models import Process

FORMAT = "soundings-example/1"
COMPANY = "company"
FATIGUE_DAYS = 30


@dataclass(frozen=True)
class SignIn:
    """Somebody who can sign in, with the password that is shown once."""

    email: str
    name: str
    role: str
    password: str


def set_up(organisation: str, now: datetime) -> list[SignIn]:
    """Make the company and one user for each role that sees all of it."""
    company = _accept(add_unit(COMPANY, organisation, None))
    # Nobody is asked again within a month unless somebody decides so; older installations choose.
    rules().fatigue_days = FATIGUE_DAYS
    sign_ins = []
    for role in ("admin", "manager", "analyst"):
        sign_in, user = _enrol(f"{role}@example.org", role.title(), role)
        set_sight(user, [company])
        sign_ins.append(sign_in)
    return sign_ins


def example_names() -> list[str]:
    """The examples that are shipped, in order."""
    return sorted(path.parent.name for path in shipped("examples").glob("*/example.yaml"))


def load_example(name: str, now: datetime) -> list[SignIn]:
    """Load one example; raises SoundingsError and stores nothing where a part is refused."""
    if name not in example_names():
        known = ", ".join(example_names())
        raise NotFound(f"There is no example {name!r}; there are {known}.")
    folder = shipped("examples") / name
    manifest = yaml.safe_load((folder / "example.yaml").read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        raise SoundingsError(f"{folder / 'example.yaml'} does not begin with format: {FORMAT}.")
    return _Loading(folder, manifest, now).load()


class _Loading:
    """One example on its way in."""

    def __init__(self, folder: Path, manifest: dict[str, Any], now: datetime) -> None:
        self.folder = folder
        self.manifest = manifest
        self.now = now
        settings: Settings = current_app.config["SETTINGS"]
        self.zone = settings.zone

    def load(self) -> list[SignIn]:
        """All parts in the order of the flow."""
        self.load_units()
        sign_ins = self.load_sign_ins()
        self.load_questionnaires()
        self.load_contacts()
        self.load_answers()
        self.load_visits()
        self.load_figures()
        self.load_dimensions()
        self.load_goals()
        self.ask_for_scores()
        return sign_ins

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def parts(self, name: str) -> list[Any]:
        return self.manifest.get(name) or []

    def load_units(self) -> None:
        if root_unit() is None:
            raise SoundingsError("Set up the installation first: soundings run")
        for unit in self.parts("units"):
            _accept(add_unit(unit["key"], unit["name"], keys_to_units()[unit["parent"]]))
        for person in self.parts("representatives"):
            unit = keys_to_units()[person["unit"]]
            _accept(add_representative(person["key"], person["name"], unit))

    def load_sign_ins(self) -> list[SignIn]:
        sign_ins = []
        for person in self.parts("sign_ins"):
            sign_in, user = _enrol(person["email"], person["name"], person["role"])
            sign_ins.append(sign_in)
            if "representative" in person:
                keys_to_representatives()[person["representative"]].user = user
        return sign_ins

    def load_questionnaires(self) -> None:
        for name in self.parts("questionnaires"):
            definition = _accept(read_document(self.read(name)))
            _accept(publish(_accept(create_questionnaire(definition, self.now)), self.now))

    def load_contacts(self) -> None:
        for name in self.parts("contacts"):
            _accept(import_contacts(self.read(name), name, self.now))

    def load_answers(self) -> None:
        for part in self.parts("answers"):
            wanted = select(Questionnaire).where(Questionnaire.key == part["questionnaire"])
            version = db.session.scalars(wanted).one().versions[-1]
            mapping = _accept(read_document(self.read(part["mapping"])))
            data = self.read(part["file"])
            _accept(import_answers(version, data, mapping, part["file"], self.now, self.zone))

    def load_visits(self) -> None:
        for part in self.parts("processes"):
            stages = [(stage["key"], stage["name"]) for stage in part["stages"]]
            _accept(define_process(part["key"], part["name"], stages))
        for part in self.parts("visits"):
            wanted = select(Process).where(Process.key == part["process"])
            process = db.session.scalars(wanted).one()
            data, mapping = self.read(part["file"]), self.mapping(part)
            _accept(import_visits(process, data, part["file"], self.now, self.zone, mapping))

    def load_figures(self) -> None:
        for part in self.parts("measures"):
            _accept(
                define_measure(part["key"], part["name"], part["unit_of_measure"], part["kind"])
            )
        for part in self.parts("figures"):
            data, mapping = self.read(part["file"]), self.mapping(part)
            _accept(import_figures(data, part["file"], self.now, self.zone, False, mapping=mapping))

    def mapping(self, part: dict[str, Any]) -> dict[str, Any] | None:
        """The mapping of a file's columns, where the file does not use the product's names."""
        return _accept(read_document(self.read(part["mapping"]))) if "mapping" in part else None

    def load_dimensions(self) -> None:
        # Those of an example loaded before stay.
        wanted = [*declared_dimensions(), *self.parts("dimensions")]
        _accept(declare_dimensions(wanted, self.now))

    def load_goals(self) -> None:
        name = self.manifest.get("scorebook")
        if name:
            _accept(import_scorebook(self.read(name).decode(), self.now, self.zone))

    def ask_for_scores(self) -> None:
        for period in self.parts("score"):
            _accept(request_run(period, self.now))


def _enrol(email: str, name: str, role: str) -> tuple[SignIn, User]:
    password = random_password()
    user = _accept(enrol_user(email, name, password, [role]))
    return SignIn(user.email, name, role, password), user


def _accept(outcome: tuple[Any, list[Problem]]) -> Any:
    """What a step made; a refusal ends the loading, and the caller stores nothing."""
    made, problems = outcome
    if problems:
        shown = " ".join(f"{one.place}: {one.message}" for one in problems[:5])
        raise SoundingsError(f"This could not be loaded. {shown}")
    return made
