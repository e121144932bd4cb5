"""Make the simulated data of this example: python examples/sales_visits/generate.py [FOLDER]

Everything is invented; nothing describes real people, customers or sales. The same seed gives the
same bytes: only `random()` of Python's generator is used, whose sequence is promised to stay the
same from version to version, and all distributions are made from it here.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import TypeVar

SEED = 20261101
# Of its own, so that what was there before stays as it is.
DEMAND_SEED = 20261103
FIRST_DAY, CUT_OFF = date(2026, 1, 5), datetime(2026, 11, 1)
MONTHS = [f"2026-{month:02d}" for month in range(1, 11)]
CONTACTS, VISITS = 260, 900
STAGES = ("arrived", "walked_through", "questions_answered", "product_shown")
OPENS, CLOSES = 8, 18  # working hours of a working day, Monday to Friday

NORMAL = NormalDist()
T = TypeVar("T")
Row = dict[str, object]


@dataclass(frozen=True)
class Person:
    """A representative, with what makes a small difference to the customers."""

    key: str
    unit: str
    visits: float  # share of all visits
    pace: float  # factor on all times
    warmth: float  # shift of the ratings
    clients: float  # new clients a month, on average


PEOPLE = (
    Person("anna", "leasing", 0.20, 0.85, 0.30, 5.6),
    Person("luca", "leasing", 0.17, 1.00, 0.00, 4.4),
    Person("nadia", "leasing", 0.15, 1.05, 0.15, 4.0),
    Person("tomasz", "fleet_sales", 0.18, 1.10, -0.20, 4.6),
    Person("mei", "fleet_sales", 0.16, 0.95, 0.20, 5.0),
    Person("david", "fleet_sales", 0.14, 1.25, -0.05, 3.4),
)

FIRST_NAMES = ("Aisha", "Bruno", "Chloe", "Emil", "Grace", "Igor", "Jana", "Kofi", "Linh", "Omar")
LAST_NAMES = ("Adeyemi", "Costa", "Dubois", "Fischer", "Horvat", "Jensen", "Kaya", "Rossi", "Wolf")
SEGMENTS = (("small", 0.5), ("medium", 0.35), ("large", 0.15))
REASONS = (("new_contract", 0.4), ("renewal", 0.25), ("advice", 0.25), ("complaint", 0.1))
PRAISE = (
    "Friendly and well prepared.",
    "All my questions were answered on the spot.",
    "The walk through the models was just what I needed.",
)
BLAME = (
    "I waited for days until somebody showed me the car.",
    "I had to call twice before anything happened.",
    "Nobody could tell me the final rate.",
)
# Rating questions, with how much better or worse each is answered than the mood of the customer.
RATINGS = {
    "welcome": 0.35,
    "time": 0.2,
    "walk_through": 0.1,
    "answers": 0.1,
    "product": 0.0,
    "services": -0.35,
}


class Dice:
    """Draws from distributions, each by inverting uniform numbers."""

    def __init__(self, seed: int) -> None:
        self.uniform = Random(seed).random

    def chance(self, share: float) -> bool:
        return self.uniform() < share

    def whole(self, least: int, most: int) -> int:
        return least + int(self.uniform() * (most - least + 1))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.whole(0, len(options) - 1)]

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        reached, at = 0.0, self.uniform() * sum(weight for _, weight in options)
        for option, weight in options:
            reached += weight
            if at < reached:
                return option
        return options[-1][0]

    def normal(self, mean: float, spread: float) -> float:
        # random() may be 0, where the inverse has no value.
        return mean + spread * NORMAL.inv_cdf(max(self.uniform(), 1e-12))

    def rating(self, mean: float, spread: float, lowest: int, highest: int) -> int:
        return min(highest, max(lowest, round(self.normal(mean, spread))))

    def skewed(self, median: float, spread: float) -> float:
        """Log-normal: never negative, with a long tail."""
        return median * math.exp(self.normal(0, spread))

    def waiting(self, mean: float) -> float:
        """Exponential: the time until something that may happen at any moment."""
        return -mean * math.log(1 - self.uniform())

    def count(self, mean: float) -> int:
        """Poisson, by counting events in one unit of time."""
        events, passed = 0, self.waiting(1 / mean)
        while passed < 1:
            events, passed = events + 1, passed + self.waiting(1 / mean)
        return events


@dataclass(frozen=True)
class Visit:
    """One visit as it went; moments are UTC, to the minute."""

    contact: Row
    person: Person
    started: datetime
    reached: dict[str, datetime]
    ended: datetime | None
    outcome: str


def make_contacts(dice: Dice) -> list[Row]:
    """Fictional customers, all at example.org, each with their representative."""
    contacts: list[Row] = []
    for number in range(1, CONTACTS + 1):
        first, last = dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)
        person = dice.weighted([(person, person.visits) for person in PEOPLE])
        contacts.append(
            {
                "email": f"{first}.{last}.{number:03d}@example.org".lower(),
                "name": f"{first} {last}",
                "external_id": f"C{number:04d}",
                "unit": person.unit,
                "representative": person.key,
                "language": "en",
                "segment": dice.weighted(SEGMENTS),
            }
        )
    return contacts


def make_visits(dice: Dice, contacts: Sequence[Row]) -> list[Visit]:
    """Visits on working days, in the order of their start."""
    people = {person.key: person for person in PEOPLE}
    days = [FIRST_DAY + timedelta(days=n) for n in range((CUT_OFF.date() - FIRST_DAY).days)]
    working_days = [day for day in days if day.weekday() < 5]
    starts = sorted(
        datetime.combine(dice.pick(working_days), time(OPENS))
        + timedelta(minutes=dice.whole(0, 60 * (CLOSES - OPENS) - 60))
        for _ in range(VISITS)
    )
    visits = []
    for started in starts:
        contact = dice.pick(contacts)
        visits.append(make_visit(dice, contact, people[str(contact["representative"])], started))
    return visits


def make_visit(dice: Dice, contact: Row, person: Person, started: datetime) -> Visit:
    """Stage after stage in working minutes, until the customer calls, leaves or has seen it all."""
    steps = (0.0, dice.skewed(50, 0.5), dice.skewed(330, 0.8), dice.skewed(720, 0.7))
    ends = {"called_back": dice.waiting(7000), "left": dice.waiting(40000)}
    outcome = min(ends, key=lambda name: ends[name])
    reached, passed = {}, 0.0
    for stage, step in zip(STAGES, steps, strict=True):
        passed += step * person.pace
        if passed >= ends[outcome]:
            break
        reached[stage] = later(started, passed)
    else:
        outcome = "completed"
    ended = reached[STAGES[-1]] if outcome == "completed" else later(started, ends[outcome])
    if ended < CUT_OFF:
        return Visit(contact, person, started, reached, ended, outcome)
    seen = {stage: moment for stage, moment in reached.items() if moment < CUT_OFF}
    return Visit(contact, person, started, seen, None, "")


def later(moment: datetime, minutes: float) -> datetime:
    """The moment that many working minutes later, to the minute."""
    left = round(minutes)
    while left > 0:
        closing = moment.replace(hour=CLOSES, minute=0)
        today = min(left, int((closing - moment).total_seconds()) // 60)
        moment, left = moment + timedelta(minutes=today), left - today
        if left:
            moment = datetime.combine(moment.date() + timedelta(days=1), time(OPENS))
            moment += timedelta(days=max(0, 7 - moment.weekday()) if moment.weekday() > 4 else 0)
    return moment


def make_answers(dice: Dice, visits: Sequence[Visit]) -> list[Row]:
    """Answers of about four in five customers whose visit has ended, some days after its end."""
    answers: list[Row] = []
    for visit in visits:
        if visit.ended is None or not dice.chance(0.8):
            continue
        answered = visit.ended + timedelta(minutes=round(dice.waiting(2200)) + 30)
        if answered < CUT_OFF:
            answers.append(
                {
                    "respondent": f"R{len(answers) + 1:04d}",
                    "answered_at": stamp(answered),
                    "unit": visit.person.unit,
                    "representative": visit.person.key,
                    "customer": visit.contact["external_id"],
                    "segment": visit.contact["segment"],
                    **make_answer(dice, visit),
                }
            )
    return answers


def make_answer(dice: Dice, visit: Visit) -> Row:
    """One customer's answers: a mood of their own, moved by how the visit went."""
    mood = dice.normal(3.95 + visit.person.warmth, 0.55)
    mood -= {"completed": 0.0, "called_back": 0.45, "left": 1.0}[visit.outcome]
    answer: Row = {}
    for question, shift in RATINGS.items():
        answer[question] = dice.rating(mood + shift, 0.7, 1, 5)
    answer["reason"] = dice.weighted(REASONS)
    answer["wait"] = round(dice.skewed(6, 0.8))
    answer["recommend"] = dice.rating(2 * mood + 0.4, 1.3, 0, 10)
    answer["comment"] = dice.pick(PRAISE if mood > 3.8 else BLAME) if dice.chance(0.22) else ""
    for question in answer:
        if question != "comment" and dice.chance(0.03):
            answer[question] = ""  # shown and left unanswered
    gaps: Row = {"product_missing": "", "services_missing": "", "recommend_missing": ""}
    if "product_shown" not in visit.reached:
        answer["product"], gaps["product_missing"] = "", "not_applicable"
    for question, share in (("services", 0.12), ("recommend", 0.04)):
        if dice.chance(share):
            answer[question], gaps[f"{question}_missing"] = "", "dont_know"
    return answer | gaps


def make_figures(dice: Dice) -> list[Row]:
    """Monthly figures of representatives and units, in the columns of our own import."""
    rows: list[tuple[object, ...]] = []
    for month in MONTHS:
        rows += [
            ("new_clients", person.unit, person.key, month, dice.count(person.clients))
            for person in PEOPLE
        ]
        for unit, profit, orders, share in (
            ("leasing", 4200.0, 82.0, 0.94),
            ("fleet_sales", 2400.0, 64.0, 0.88),
        ):
            received = dice.count(orders)
            filled = sum(dice.chance(share) for _ in range(received))
            gained = dice.normal(profit, 800)
            if (unit, month) == ("fleet_sales", "2026-05"):
                gained -= 4500  # referral fees of cancelled contracts are paid back
            rows += [
                ("referral_profit", unit, "", month, f"{gained:.2f}"),
                ("orders_received", unit, "", month, received),
                ("orders_filled", unit, "", month, filled),
            ]
    columns = ("measure", "unit", "representative", "period", "value")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def make_demand(dice: Dice) -> list[Row]:
    """The index of regional demand of each unit: 100 in January, then some per cent up or down."""
    rows: list[Row] = []
    levels = {"leasing": 100.0, "fleet_sales": 100.0}
    for month in MONTHS:
        for unit, drift in (("leasing", 1.5), ("fleet_sales", -1.0)):
            if month != MONTHS[0]:
                levels[unit] *= 1 + dice.normal(drift, 2.0) / 100
            rows.append(
                {
                    "measure": "regional_demand",
                    "unit": unit,
                    "representative": "",
                    "period": month,
                    "value": f"{levels[unit]:.1f}",
                }
            )
    return rows


def visit_row(number: int, visit: Visit) -> Row:
    """One row of visits.csv; an open visit was last seen at the cut-off."""
    return {
        "external_id": f"V{number:04d}",
        "started_at": stamp(visit.started),
        **{stage: stamp(visit.reached.get(stage)) for stage in STAGES},
        "ended_at": stamp(visit.ended),
        "outcome": visit.outcome,
        "observed_until": "" if visit.ended else stamp(CUT_OFF),
        "unit": visit.person.unit,
        "representative": visit.person.key,
        "customer": visit.contact["external_id"],
    }


def stamp(moment: datetime | None) -> str:
    """A moment with its offset, so that it is the same in any organisation's time zone."""
    return f"{moment.isoformat()}Z" if moment else ""


def generate(folder: Path) -> None:
    """Write the four tables into the folder."""
    dice = Dice(SEED)
    contacts = make_contacts(dice)
    visits = make_visits(dice, contacts)
    tables: dict[str, list[Row]] = {
        "contacts.csv": contacts,
        "visits.csv": [visit_row(number, visit) for number, visit in enumerate(visits, start=1)],
        "answers.csv": make_answers(dice, visits),
        "figures.csv": [*make_figures(dice), *make_demand(Dice(DEMAND_SEED))],
    }
    for name, rows in tables.items():
        with open(folder / name, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
