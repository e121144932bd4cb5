from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, time

import openpyxl
import pytest
from email_validator import EmailNotValidError, validate_email
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from survey_app.db import db
from survey_app.domain.streams import Row
from survey_app.invite import contact_files
from survey_app.invite.contact_fields import plain_address
from survey_app.invite.contact_files import ContactFile, shown_text
from survey_app.invite.contact_models import Contact, ContactAttribute
from survey_app.invite.importing import Imported, import_contacts
from tests.factories.campaigns import NOW, make_contact


def workbook(*rows: list[object], first: int = 1) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, start=first):
        for column, cell in enumerate(row, start=1):
            sheet.cell(number, column, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_is_read_as_a_person_sees_it(app: Flask) -> None:
    rows = workbook(
        ["email", "external_id", "visits", "since", "last"],
        ["mia@example.org", 5.0, 1.5, date(2026, 7, 1), datetime(2026, 7, 1, 14, 5)],
        [None] * 5,
        [" jo@example.org ", "007", None, None, None],
        first=3,
    )
    with app.app_context():
        done, problems = import_contacts(rows, "c.xlsx", NOW)
        assert problems == []
        assert done == Imported(2, 0, 0)
        mia, jo = db.session.query(Contact).order_by(Contact.email.desc())
        assert (mia.external_id, jo.external_id, jo.attributes) == ("5", "007", {})
        assert mia.attributes == {
            "visits": "1.5",
            "since": "2026-07-01",
            "last": "2026-07-01 14:05:00",
        }


def test_rows_of_a_workbook_are_numbered_as_it_shows_them(app: Flask) -> None:
    rows = workbook(["email"], ["mia@example.org"], [None], ["nobody"], first=3)
    with app.app_context():
        _, problems = import_contacts(rows, "c.xlsx", NOW)
        assert [one.place for one in problems] == ["row 6, column email"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (5.0, "5"),
        (0.1 + 0.2, "0.3"),
        (1e22, "1e+22"),
        (True, "TRUE"),
        (time(14, 5), "14:05:00"),
        ("  x ", "x"),
        ("", ""),
    ],
)
def test_a_cell_is_text(cell: object, shown: str) -> None:
    assert shown_text(cell) == shown


def test_a_workbook_that_is_too_large_or_broken_is_refused_with_the_remedy(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        _, broken = import_contacts(b"PK\x03\x04rest", "c.xlsx", NOW)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr("x", "x")
        _, none = import_contacts(packed.getvalue(), "c.xlsx", NOW)
        assert [one.code for one in (*broken, *none)] == ["broken_workbook"] * 2
        monkeypatch.setattr(contact_files, "LARGEST_UNPACKED", 100)
        _, large = import_contacts(workbook(["email"], ["a@b.ch"]), "c.xlsx", NOW)
        assert [one.code for one in large] == ["workbook_too_large"]
        assert "CSV UTF-8" in large[0].message


def test_a_file_is_read_in_pieces_and_tells_how_far_it_is() -> None:
    data = b"email\n" + b"".join(b"p%d@example.org\n" % number for number in range(100_000))
    file = ContactFile(io.BytesIO(data), ("email",))
    rows = file.rows()
    assert next(rows) == Row(2, {"email": "p0@example.org"})
    assert 0 < file.position < file.size / 10
    assert sum(1 for _row in rows) == 99_999
    assert file.position == file.size == len(data)


WORDS = st.text(st.sampled_from("aBz09.-_+@=?'"), max_size=20)
ENDS = st.sampled_from(
    ["org", "test", "local", "LOCALHOST", "arpa", "c0m", "x", "invalid", "onion"]
)


@given(st.builds(lambda one, two, end: f"{one}@{two}.{end}", WORDS, WORDS, ENDS))
@example("a" * 64 + "@example.org")
@example("a" * 65 + "@example.org")
@example("a@" + "b" * 64 + ".org")
@example("a@xn--zo-jka.org")
@example("a@ab--cd.org")
@example("a@example.org\n")
def test_a_plain_address_is_what_the_library_takes_and_makes_of_it(address: str) -> None:
    plain = plain_address(address)
    if plain is None:
        return
    try:
        found = validate_email(
            address, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise AssertionError(f"{address!r} is taken, but: {error}") from error
    assert plain == found.normalized.lower()


def test_common_addresses_are_plain() -> None:
    assert (
        plain_address("Mia.Keller+news@mail-1.Example.org") == "mia.keller+news@mail-1.example.org"
    )


def take(text: str, **named: object) -> list[tuple[str, str]]:
    _, problems = import_contacts(text.encode(), "c.csv", NOW, **named)  # type: ignore[arg-type]
    return [(one.place, one.code) for one in problems]


def test_by_external_id_an_address_may_change_unless_another_contact_has_it(app: Flask) -> None:
    with app.app_context():
        make_contact("old@example.org", "Mia", external_id="C-1")
        make_contact("jo@example.org", "Jo")
        text = "email,external_id\nnew@example.org,C-1\nzoe@example.org,C-2\n"
        done, _ = import_contacts(text.encode(), "c.csv", NOW, None, "external_id", dry_run=True)
        assert done == Imported(1, 1, 0)
        assert db.session.query(Contact).count() == 2
        assert take(text, key="external_id") == []
        ids = {one.external_id: (one.email, one.name) for one in db.session.query(Contact)}
        assert ids == {
            "C-1": ("new@example.org", "Mia"),
            "C-2": ("zoe@example.org", ""),
            None: ("jo@example.org", "Jo"),
        }
        clash = "email,external_id\njo@example.org,C-1\nnone@example.org,\n"
        assert take(clash, key="external_id") == [
            ("row 2, column email", "taken"),
            ("row 3, column external_id", "empty"),
        ]
        assert take("email\na@example.org\n", key="external_id") == [("row 1", "missing_header")]


def test_declared_attributes_and_consent_are_checked_and_others_are_text(app: Flask) -> None:
    with app.app_context():
        for key, kind, choices in (
            ("visits", "number", []),
            ("since", "date", []),
            ("tier", "choice", ["gold", "silver"]),
        ):
            db.session.add(ContactAttribute(key=key, label=key, kind=kind, choices=choices))
        db.session.flush()
        head = "email,visits,since,tier,shoe,consent,consent_source\n"
        assert take(head + "a@example.org,x,1.7.26,gld,any,soon,\n") == [
            ("row 2, column visits", "not_a_number"),
            ("row 2, column since", "not_a_date"),
            ("row 2, column tier", "unknown_word"),
            ("row 2, column consent", "not_a_moment"),
        ]
        assert take(head + "a@example.org,1.5,2026-07-01,gold,42,2026-03-01 09:30,form\n") == []
        contact = db.session.query(Contact).one()
        assert contact.attributes == {
            "visits": "1.5",
            "since": "2026-07-01",
            "tier": "gold",
            "shoe": "42",
        }
        assert contact.consent_at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
        assert contact.consent_source == "form"
        assert take("email,consent\na@example.org,\n") == []
        db.session.expire_all()
        assert (contact.consent_at, contact.consent_source) == (None, "form")
