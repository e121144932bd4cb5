"""What a download holds: whose answers, under which names, in how much memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.organisation.models import Unit
from survey_app.report.answers.limits import LEAST_PEOPLE, WITHHELD
from tests.report.answers.answering import FULL, JULY, KEY, make_answered, respond, table, take

TOLD = ["version", "month", "unit", "representative", "language", "attribute.segment"]


@pytest.fixture(autouse=True)
def _answers(app: Flask) -> Iterator[None]:
    """Twelve of Anna's customers in Leasing, three of Bruno's in Credit, one of nobody's."""
    with app.app_context():
        make_answered()
        for number in range(12):
            respond(number, FULL)
        for number in range(20, 23):
            respond(number, FULL, unit="credit", person="bruno")
        respond(30, FULL, unit=None, person=None)
        yield


def test_an_anonymous_file_names_nobody_and_no_moment() -> None:
    content = take()
    header = content.split(b"\r\n")[0].decode().split(",")
    assert header[: len(TOLD) + 1] == ["response", *TOLD]
    for told in (b"customer", b"Anna", b"import/", b"09:00", b"they", b"bill.pdf"):
        assert told not in content
    # 2026-02-28 was answered; its day is left out.
    assert b"2026-02-28" not in content
    assert set(table()["day"]) == {"2026-02-01"}


def test_what_few_people_share_is_withheld_which_is_not_empty() -> None:
    frame = table()
    # Credit's three and the one of no unit together are four, who stay four whatever is withheld.
    assert len(frame) == 12
    assert set(frame["unit"]) == {"leasing"}
    respond(23, FULL, unit="credit", person="bruno")
    frame = table()
    # Now they are five, of whom nobody tells the unit.
    assert len(frame) == 17
    few = frame[frame["unit"] != "leasing"]
    assert few["unit"].tolist() == [WITHHELD] * LEAST_PEOPLE
    assert few["representative"].tolist() == [WITHHELD] * LEAST_PEOPLE


def test_a_contact_without_an_attribute_has_an_empty_cell() -> None:
    for number in range(40, 46):
        respond(number, FULL, attributes={})
    frame = table()
    assert frame["attribute.segment"].isna().sum() == 6
    assert (frame["attribute.segment"] == "gold").sum() == 12


def test_an_attribute_with_a_value_for_everybody_has_no_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from survey_app.report.answers import mixing

    monkeypatch.setattr(mixing, "MOST_VALUES", 3)
    for number in range(50, 55):
        respond(number, FULL, attributes={"segment": "gold", "account": str(number)})
    frame = table()
    assert "attribute.account" not in frame
    assert (frame["attribute.segment"] == "gold").sum() == 17


def test_responses_have_numbers_that_tell_nothing_and_agree_within_one_choice() -> None:
    wide, long = table(), table(shape="long")
    assert sorted(wide["response"]) == list(range(1, 13))
    assert set(long["response"]) == set(wide["response"])
    for number in range(60, 70):
        respond(number, {**FULL, "rate": {"value": 1}}, moment=JULY + timedelta(days=31))
    both = table()
    assert sorted(both["response"]) == list(range(1, 23))
    # In the order of time the bad ones would be the last ten.
    assert set(both[both["rate"] == 1]["response"]) != set(range(13, 23))
    assert both[both["rate"] == 4]["response"].is_monotonic_increasing


def test_nobody_gets_rows_out_of_sight() -> None:
    credit = db.session.query(Unit.id).filter_by(key="credit").scalar()
    frame = table(named=True, within={credit})
    assert set(frame["customer"]) == {"customer-20", "customer-21", "customer-22"}
    assert set(frame["unit"]) == {"credit"}
    assert len(table(named=True, within=set())) == 0
    assert take(within=set()).count(b"\r\n") == 1
    assert len(table(named=True)) == 16


def test_months_are_those_of_the_organisation() -> None:
    respond(70, FULL, moment=JULY + timedelta(days=31))
    assert set(table(named=True, first="2026-08")["customer"]) == {"customer-70"}
    assert "customer-70" not in set(table(named=True, last="2026-07")["customer"])


def test_a_file_without_rows_still_has_its_columns() -> None:
    for format_ in ("csv", "parquet", "sav"):
        assert len(take(first="2030-01", format=format_)) > 100
    assert len(table(first="2030-01", shape="long")) == 0


def test_what_is_personal_goes_on_record_and_nothing_else_does() -> None:
    take()
    assert db.session.query(AuditEntry).count() == 0
    take(named=True, first="2026-07")
    entry = db.session.query(AuditEntry).one()
    assert (entry.action, entry.subject) == ("answers taken away", KEY)
    assert entry.detail["named"] is True
    assert entry.detail["months"] == "2026-07 to ..."


def test_attributes_whose_names_readers_would_not_take_get_names_that_they_do() -> None:
    for number in range(80, 86):
        respond(number, FULL, attributes={"Größe, m": "x", "groesse": "y", "Gr__e__m": "z"})
    frame = table(named=True)
    mine = [name for name in frame.columns if name.startswith("attribute.")]
    assert len(mine) == len({name.lower() for name in mine}) == 4
    assert all(name.replace("attribute.", "").replace("_", "").isalnum() for name in mine)
