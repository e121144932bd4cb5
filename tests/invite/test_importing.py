from __future__ import annotations

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.invite.contact_models import Contact
from survey_app.invite.importing import Imported, import_contacts
from survey_app.invite.registering import opt_out
from survey_app.organisation.arranging import add_representative, add_unit
from survey_app.organisation.queries import unit_by_key
from tests.factories.campaigns import NOW, make_contact
from tests.factories.statements import counted_statements


def arrange() -> None:
    company, _ = add_unit("company", "Example Ltd", None)
    leasing, _ = add_unit("leasing", "Leasing", company)
    assert leasing is not None
    add_representative("anna", "Anna Weber", leasing)


def take(text: str) -> tuple[Imported | None, list[Problem]]:
    return import_contacts(text.encode(), "contacts.csv", NOW)


def contact(email: str) -> Contact:
    return db.session.query(Contact).filter_by(email=email).one()


def test_columns_become_fields_and_the_others_attributes(app: Flask) -> None:
    with app.app_context():
        arrange()
        done, problems = take(
            "email;name;external_id;unit;representative;language;segment\n"
            "Mia@Example.org;Mia Keller;C-1;leasing;anna;de-CH;private\n"
            "jo@example.org;;;;;;\n"
        )
        assert problems == []
        assert done == Imported(added=2, updated=0, unchanged=0)
        mia = contact("mia@example.org")
        assert (mia.name, mia.external_id, mia.language) == ("Mia Keller", "C-1", "de-CH")
        assert mia.unit is not None
        assert mia.representative is not None
        assert (mia.unit.key, mia.representative.key) == ("leasing", "anna")
        assert mia.attributes == {"segment": "private"}
        assert mia.created_at == NOW
        jo = contact("jo@example.org")
        assert (jo.name, jo.external_id, jo.unit_id, jo.attributes) == ("", None, None, {})


def test_a_known_address_is_updated_and_absent_columns_stay(app: Flask) -> None:
    with app.app_context():
        arrange()
        take("email,name,unit,segment,size\nmia@example.org,Mia,leasing,private,small\n")
        done, problems = take(
            "email,name,segment\nMIA@example.org,Mia Keller,\nnew@example.org,,x\n"
        )
        assert problems == []
        assert done == Imported(added=1, updated=1, unchanged=0)
        mia = contact("mia@example.org")
        assert mia.name == "Mia Keller"
        assert mia.unit is not None
        assert mia.unit.key == "leasing"
        assert mia.attributes == {"size": "small"}


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    with app.app_context():
        arrange()
        text = "email,name,representative,x\na@example.org,A,anna,1\nb@example.org,B,,\n"
        take(text)
        assert take(text) == (Imported(added=0, updated=0, unchanged=2), [])


def test_a_representative_without_a_unit_brings_the_unit(app: Flask) -> None:
    with app.app_context():
        arrange()
        take("email,representative\nmia@example.org,anna\n")
        unit = contact("mia@example.org").unit
        assert unit is not None
        assert unit.key == "leasing"


def test_an_opt_out_survives_an_import(app: Flask) -> None:
    with app.app_context():
        opt_out(make_contact(), NOW)
        db.session.flush()
        take("email,name\nmia@example.org,Other\n")
        db.session.expire_all()
        assert contact("mia@example.org").suppression.at == NOW


def test_every_bad_row_is_named_and_nothing_is_stored(app: Flask) -> None:
    with app.app_context():
        arrange()
        done, problems = take(
            "email,name,external_id,unit,representative,language\n"
            "good@example.org,Good,1,,,\n"
            "no address,,,,,\n"
            ",Nobody,,,,\n"
            "a@example.org,,,leasng,,\n"
            "b@example.org,,,,ana,\n"
            "GOOD@example.org,,,,,\n"
            "c@example.org,,1,,,deutsch\n"
            'd@example.org,"Mia\nBcc: x@example.org",,,,\n'
        )
        assert done is None
        assert [(one.place, one.code) for one in problems] == [
            ("row 3, column email", "email"),
            ("row 4, column email", "empty"),
            ("row 5, column unit", "unknown_unit"),
            ("row 6, column representative", "unknown_representative"),
            ("row 7, column email", "duplicate"),
            ("row 8, column language", "language"),
            ("row 8, column external_id", "duplicate"),
            ("row 9, column name", "control"),
        ]
        assert 'Did you mean "leasing"?' in problems[2].message
        assert 'Did you mean "anna"?' in problems[3].message
        assert "row 2" in problems[4].message
        assert db.session.query(Contact).count() == 0
        assert db.session.query(AuditEntry).count() == 0


def test_an_external_id_of_another_contact_is_refused(app: Flask) -> None:
    with app.app_context():
        make_contact("old@example.org", external_id="C-1")
        done, problems = take("email,external_id\nnew@example.org,C-1\n")
        assert done is None
        assert [(one.place, one.code) for one in problems] == [
            ("row 2, column external_id", "taken")
        ]
        assert "old@example.org" in problems[0].message


@pytest.mark.parametrize("header", ["email,Unit", "email,External-ID", "email,NAME"])
def test_a_misspelt_column_is_no_attribute(header: str, app: Flask) -> None:
    with app.app_context():
        done, problems = take(f"{header}\nmia@example.org,x\n")
        assert done is None
        assert [one.code for one in problems] == ["column_name"]
        assert "Did you mean" in problems[0].message


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_wrong_encoding_is_said_and_nothing_stored(encoding: str, app: Flask) -> None:
    with app.app_context():
        data = "email,name\nmia@example.org,Zoë\n".encode(encoding)
        done, problems = import_contacts(data, "contacts.csv", NOW)
        assert done is None
        assert [one.code for one in problems] == ["wrong_encoding"]
        assert db.session.query(Contact).count() == 0


def test_ten_thousand_rows_take_a_few_statements(app: Flask) -> None:
    text = "email,name,external_id,segment\n" + "".join(
        f"person{n}@mail{n % 50}.example.org,Person {n},C-{n},s{n % 5}\n" for n in range(10_000)
    )
    with app.app_context(), counted_statements() as statements:
        assert take(text) == (Imported(added=10_000, updated=0, unchanged=0), [])
        changed, _ = take(text.replace("s3\n", "s4\n"))
        assert changed == Imported(added=0, updated=2000, unchanged=8000)
    assert len(statements) < 40


def test_a_text_that_mail_programs_would_decode_is_no_name_and_no_address(app: Flask) -> None:
    with app.app_context():
        done, problems = take(
            "email,name,page\n"
            "mia@example.org,=?utf-8?q?x=0D=0ABcc:_evil=40evil.test?=,\n"
            "=?utf-8?q?x=0d=0a?=@example.org,Jo,\n"
            "zoe@example.org,Zoe? = Zoe,/search=?q=1\n"
        )
        assert done is None
        assert [(one.place, one.code) for one in problems] == [
            ("row 2, column name", "encoded"),
            ("row 3, column email", "encoded"),
        ]
        assert db.session.query(Contact).count() == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("email\nnew@example.org\n", ("row 2, column unit", "out_of_sight")),
        ("email,unit\nleasing@example.org,\n", ("row 2, column unit", "out_of_sight")),
        ("email,unit\nnew@example.org,company\n", ("row 2, column unit", "unknown_unit")),
        ("email,name\ncompany@example.org,X\n", ("row 2, column email", "out_of_sight")),
        (
            "email,unit\ncompany@example.org,leasing\n",
            ("row 2, column email", "out_of_sight"),
        ),
        (
            "email,unit,representative\nnew@example.org,leasing,carl\n",
            ("row 2, column representative", "unknown_representative"),
        ),
        (
            "email,unit,external_id\nnew@example.org,leasing,C-1\n",
            ("row 2, column external_id", "taken"),
        ),
    ],
)
def test_rows_out_of_sight_are_refused_and_give_nothing_away(
    text: str, found: tuple[str, str], app: Flask
) -> None:
    with app.app_context():
        arrange()
        company, leasing = unit_by_key("company"), unit_by_key("leasing")
        add_representative("carl", "Carl Company", company)
        make_contact("company@example.org", "Old", unit="company", external_id="C-1")
        make_contact("leasing@example.org", unit="leasing")
        done, problems = import_contacts(text.encode(), "contacts.csv", NOW, {leasing.id})
        assert done is None
        assert [(one.place, one.code) for one in problems] == [found]
        if found[1] == "taken":
            assert "company@example.org" not in problems[0].message
        assert contact("company@example.org").name == "Old"
        assert import_contacts(text.encode(), "contacts.csv", NOW, None)[1] == [] or (
            found[1] == "taken"
        )


def test_a_known_contact_in_sight_needs_no_column_unit(app: Flask) -> None:
    with app.app_context():
        arrange()
        make_contact("leasing@example.org", "Old", unit="leasing")
        within = {unit_by_key("leasing").id}
        done, problems = import_contacts(
            b"email,name\nleasing@example.org,New\n", "contacts.csv", NOW, within
        )
        assert problems == []
        assert done == Imported(added=0, updated=1, unchanged=0)


def test_a_file_without_the_column_unit_moves_nobody(app: Flask) -> None:
    with app.app_context():
        arrange()
        add_unit("service", "Service", unit_by_key("company"))
        make_contact("mia@example.org", "Mia", unit="service")
        done, problems = take("email,representative\nmia@example.org,anna\nnew@example.org,anna\n")
        assert done == Imported(added=1, updated=1, unchanged=0), problems
        placed = {one: contact(f"{one}@example.org").unit for one in ("mia", "new")}
        assert {one: unit.key for one, unit in placed.items()} == {
            "mia": "service",
            "new": "leasing",
        }
