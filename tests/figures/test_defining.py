from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.figures.defining import define_measure
from survey_app.figures.models import Figure, FigureBatch, Measure
from tests.factories.workplaces import NOW, make_measure, make_workplace


def test_a_measure_is_kept_as_it_was_defined(app: Flask) -> None:
    with app.app_context():
        measure, problems = define_measure("fill_rate", " Fill rate ", " share ", "stock")
        assert measure is not None, problems
        db.session.expire_all()
        assert (measure.name, measure.unit_of_measure, measure.kind) == (
            "Fill rate",
            "share",
            "stock",
        )


def test_every_problem_of_a_measure_is_told_at_once(app: Flask) -> None:
    with app.app_context():
        measure, problems = define_measure("Fill rate", " ", "x" * 61, "level")
        assert measure is None
        assert [(problem.place, problem.code) for problem in problems] == [
            ("key", "form"),
            ("name", "length"),
            ("unit of measure", "length"),
            ("kind", "unknown"),
        ]
        assert db.session.query(Measure).count() == 0


def test_a_key_belongs_to_one_measure(app: Flask) -> None:
    with app.app_context():
        make_measure("contracts")
        measure, problems = define_measure("contracts", "Others", "pieces", "flow")
        assert measure is None
        assert problems[0].code == "taken"
        assert db.session.query(Measure).count() == 1


@pytest.mark.parametrize("representative", [None, "anna"])
def test_the_database_holds_one_figure_of_a_natural_key_in_a_batch(
    app: Flask, representative: str | None
) -> None:
    with app.app_context():
        place, measure = make_workplace(), make_measure()
        batch = FigureBatch(filename="x", sha256="", row_count=2, imported_at=NOW)
        db.session.add(batch)
        db.session.flush()
        for row_number in (2, 3):
            db.session.add(
                Figure(
                    batch_id=batch.id,
                    row_number=row_number,
                    measure_id=measure.id,
                    unit_id=place.leasing.id,
                    representative_id=place.anna.id if representative else None,
                    representative_key=representative or "",
                    period_start=NOW.date().replace(day=1),
                    value=1.0,
                )
            )
        with pytest.raises(IntegrityError):
            db.session.flush()
