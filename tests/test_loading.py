from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from survey_app import loading
from survey_app.accounts.models import User
from survey_app.db import db
from survey_app.domain.problems import SoundingsError
from survey_app.organisation.models import UnitAccess
from survey_app.organisation.queries import declared_dimensions, root_unit

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_new_installation_has_a_company_and_one_user_a_role_who_sees_it(app: Flask) -> None:
    with app.app_context():
        sign_ins = loading.set_up("Harbour Leasing", NOW)
        assert root_unit().name == "Harbour Leasing"
        assert [one.role for one in sign_ins] == ["admin", "manager", "analyst"]
        assert len({one.password for one in sign_ins}) == 3
        assert db.session.query(UnitAccess).count() == 2
        assert {user.email for user in db.session.query(User)} == {one.email for one in sign_ins}


def test_both_examples_are_shipped() -> None:
    assert loading.example_names() == ["sales_visits", "service_desk"]


def test_a_part_that_is_refused_is_named_and_stops_the_loading(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "examples" / "broken"
    folder.mkdir(parents=True)
    (folder / "example.yaml").write_text(
        "format: soundings-example/1\ncontacts: [contacts.csv]\nmeasures: [never reached]\n"
    )
    (folder / "contacts.csv").write_text("email\nnot an address\n")
    monkeypatch.setattr(loading, "shipped", lambda name: tmp_path / name)
    with app.app_context():
        loading.set_up("Harbour Leasing", NOW)
        with pytest.raises(SoundingsError, match="row 2, column email"):
            loading.load_example("broken", NOW)


def test_a_second_example_leaves_the_dimensions_of_the_first(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, rest in (
        ("one", "dimensions: [segment]\n"),
        ("two", ""),
        ("three", "dimensions: [region]\n"),
    ):
        folder = tmp_path / "examples" / name
        folder.mkdir(parents=True)
        (folder / "example.yaml").write_text(f"format: soundings-example/1\n{rest}")
    monkeypatch.setattr(loading, "shipped", lambda name: tmp_path / name)
    with app.app_context():
        loading.set_up("Harbour Leasing", NOW)
        for name in ("one", "two", "three"):
            loading.load_example(name, NOW)
        assert declared_dimensions() == ("region", "segment")
