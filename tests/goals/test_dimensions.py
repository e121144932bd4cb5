"""Dimensions: declared by who sees the company, on record, and told where they are not there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from analysis.kpi import read_scorebook
from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.goals.dimensions import declare_dimensions, keep_declared, seen_attributes
from survey_app.goals.exchange import export_scorebook, import_scorebook
from survey_app.goals.queries import build_scorebook, present_kpis
from survey_app.goals.sources import troubles
from survey_app.invite.contact_models import Contact
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.queries import declared_dimensions
from survey_app.respond.models import Response
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation, make_sources, unit

PAGE = "/goals/dimensions"
BROKEN_DOWN = SCOREBOOK.replace(
    "question: q9}\n", "question: q9}\n    by: [region, branch]\n"
)  # fmt: skip


@pytest.fixture(autouse=True)
def _organisation(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        db.session.commit()


@pytest.fixture
def enter(app: Flask) -> Callable[[str, str], FlaskClient]:
    def sign(role: str, sees: str) -> FlaskClient:
        with app.app_context():
            grant_sight(add_user(role, f"{role}@example.org"), unit(sees))
            db.session.commit()
        return sign_in(app, f"{role}@example.org")

    return sign


def add_contact(**attributes: str) -> None:
    number = db.session.query(Contact).count()
    db.session.add(
        Contact(email=f"c{number}@example.org", name="", attributes=attributes, created_at=NOW)
    )
    db.session.commit()


def test_what_is_declared_is_kept_sorted_and_on_record(app: Flask) -> None:
    with app.app_context():
        assert declare_dimensions(["region", " branch ", ""], NOW) == (("branch", "region"), [])
        assert declare_dimensions(["region"], NOW) == (("region",), [])
        assert declared_dimensions() == ("region",)
        entries = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
        assert [(one.action, one.subject, one.detail) for one in entries] == [
            ("dimensions declared", "branch, region", {"before": []}),
            ("dimensions declared", "region", {"before": ["branch", "region"]}),
        ]


def test_the_same_again_is_no_deed(app: Flask) -> None:
    with app.app_context():
        declare_dimensions(["region"], NOW)
        declare_dimensions(["region"], NOW)
        assert db.session.query(AuditEntry).count() == 1


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["a region"], "form"),
        (["1st"], "form"),
        (["r" * 64], "form"),
        (list("abcdef"), "too_many"),
        (["Region", "region"], "alike"),
    ],
)
def test_what_cannot_be_a_column_is_refused(app: Flask, names: list[str], code: str) -> None:
    with app.app_context():
        declared, problems = declare_dimensions(names, NOW)
        assert declared is None
        assert [problem.code for problem in problems] == [code]
        assert declared_dimensions() == ()


def test_attributes_are_those_of_contacts_and_of_answers(app: Flask) -> None:
    with app.app_context():
        make_sources()
        add_contact(region="north", note=" ")
        add_contact(region="south")
        db.session.query(Response).first().attributes = {"branch": "B1", "region": "west"}
        db.session.commit()
        found = {one.name: one.values for one in seen_attributes()}
        assert found == {"region": ("north", "south", "west"), "branch": ("B1",)}


def test_a_manager_of_the_company_chooses_them_on_a_page(
    app: Flask, enter: Callable[[str, str], FlaskClient]
) -> None:
    with app.app_context():
        for region in ("north", "south", "west", "east", "centre"):
            add_contact(**{"region": region, "house number": "7"})
    client = enter("manager", "company")
    page = client.get(PAGE).text
    assert "region: centre, east, north, south and 1 more" in page
    assert "have other signs than letters, digits and underscores: house number" in page
    answer = client.post(PAGE, data={"chosen": ["region"], "others": "branch, product"})
    assert answer.status_code == 302
    assert "Dimensions are now: branch, product, region." in client.get(PAGE).text
    ticked = re.findall(r"<input[^>]*checked[^>]*value=\"(\w+)\"", client.get(PAGE).text)
    assert ticked == ["branch", "product", "region"]


def test_what_was_chosen_stays_on_a_refused_form(enter: Callable[[str, str], FlaskClient]) -> None:
    answer = enter("manager", "company").post(PAGE, data={"others": "a region"})
    assert answer.status_code == 422
    assert "cannot name a column" in answer.text
    assert 'value="a region"' in answer.text


@pytest.mark.parametrize(("role", "sees"), [("manager", "leasing"), ("analyst", "company")])
def test_nobody_else_may(enter: Callable[[str, str], FlaskClient], role: str, sees: str) -> None:
    client = enter(role, sees)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, data={"others": "region"}).status_code == 403


def test_a_kpi_by_what_is_not_declared_says_so_and_is_scored_without_it(app: Flask) -> None:
    with app.app_context():
        make_sources()
        _, problems = import_scorebook(BROKEN_DOWN, NOW, ZONE)
        assert problems == []
        declare_dimensions(["region", "branches"], NOW)
        told = troubles(present_kpis())
        assert told["recommend"] == (
            '"branch" is not declared as a dimension. Did you mean "branches"? '
            "Nothing is broken down by it."
        )
        book = build_scorebook("UTC")
        assert keep_declared(book).dimensions == ("region",)
        # What was defined is not lost by it.
        assert read_scorebook(export_scorebook("UTC")).dimensions == ("branch", "region")
        declare_dimensions(["branch", "region"], NOW)
        assert "recommend" not in troubles(present_kpis())
