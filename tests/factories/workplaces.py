"""A small organisation with a process and measures, for tests; all inside an app context."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.figures.defining import define_measure
from survey_app.figures.models import Measure
from survey_app.organisation.arranging import add_representative, add_unit, grant_sight
from survey_app.organisation.models import Representative, Unit
from survey_app.visits.arranging import define_process
from survey_app.visits.models import Process, Visit
from survey_app.visits.timing import start_visit

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
STAGES = [("arrived", "Arrived"), ("answered", "Questions answered"), ("shown", "Product shown")]


@dataclass(frozen=True)
class Workplace:
    """A company with two units, each with one representative."""

    company: Unit
    leasing: Unit
    credit: Unit
    anna: Representative
    bruno: Representative


def make_workplace() -> Workplace:
    """Add the company and all that is in it."""
    company, _ = add_unit("company", "Company", None)
    assert company is not None
    leasing, _ = add_unit("leasing", "Leasing", company)
    credit, _ = add_unit("credit", "Credit", company)
    assert leasing is not None
    assert credit is not None
    anna, _ = add_representative("anna", "Anna", leasing)
    bruno, _ = add_representative("bruno", "Bruno", credit)
    assert anna is not None
    assert bruno is not None
    return Workplace(company, leasing, credit, anna, bruno)


def make_process(key: str = "sales_visit", stages: list[tuple[str, str]] = STAGES) -> Process:
    """Define a process."""
    process, problems = define_process(key, key.replace("_", " ").title(), stages)
    assert process is not None, problems
    return process


def make_visit(
    process: Process,
    unit: Unit,
    representative: Representative | None = None,
    customer: str = "",
    now: datetime = NOW,
) -> Visit:
    """Start a visit."""
    visit, problems = start_visit(process, unit, representative, customer, str(uuid4()), None, now)
    assert visit is not None, problems
    return visit


def make_measure(key: str = "contracts", kind: str = "flow") -> Measure:
    """Define a measure."""
    measure, problems = define_measure(key, key.title(), "pieces", kind)
    assert measure is not None, problems
    return measure


def let_see(email: str, unit_key: str) -> None:
    """Let a user see a unit and all below it."""
    user = db.session.query(User).filter_by(email=email).one()
    grant_sight(user, db.session.query(Unit).filter_by(key=unit_key).one())


def let_sign_in(person_key: str, email: str) -> None:
    """Make the user the one as whom a representative signs in."""
    user = db.session.query(User).filter_by(email=email).one()
    db.session.query(Representative).filter_by(key=person_key).one().user = user
