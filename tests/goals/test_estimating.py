"""An elasticity from past months: the slope of log figure on log index, told and never taken."""

from __future__ import annotations

import math
import re
from datetime import date

import pytest
import scipy.stats
from flask import Flask

from survey_app.db import db
from survey_app.figures.models import Figure, FigureBatch, Measure
from survey_app.goals.estimating import estimate_from_months
from survey_app.goals.models import Target
from survey_app.goals.queries import kpi_versions
from survey_app.organisation.arranging import grant_sight
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import add_figures, make_organisation, make_sources, unit

DEMAND = [100.0, 120.0, 144.0, 170.0, 90.0, 110.0]
NOISE = [1.0, 1.02, 0.99, 1.01, 0.98, 1.0]
MONTHS = [date(2026, month, 1) for month in range(1, 7)]
THIS_MONTH = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _figures(app: Flask) -> None:
    """Sales of Anna follow demand with an elasticity of 0.5, Ben's are always 50."""
    with app.app_context():
        make_organisation()
        make_sources()
        db.session.add(Measure(key="demand", name="Demand", unit_of_measure="%", kind="stock"))
        db.session.flush()
        for month, demand, noise in zip(MONTHS, DEMAND, NOISE, strict=True):
            anna = 100.0 * (demand / 100) ** 0.5 * noise
            batch = add_figures([("sales", "anna", anna), ("sales", "ben", 50.0)], month)
            add_index(batch, month, demand)
        db.session.commit()


def add_index(batch: FigureBatch, month: date, value: float) -> None:
    """An index of the whole company."""
    measure = db.session.query(Measure).filter_by(key="demand").one()
    db.session.add(
        Figure(batch_id=batch.id, row_number=9, measure_id=measure.id, unit_id=unit("company").id,
               period_start=month, value=value)
    )  # fmt: skip
    db.session.flush()


def test_the_slope_is_that_of_another_program(app: Flask) -> None:
    values = [
        100.0 * (demand / 100) ** 0.5 * noise for demand, noise in zip(DEMAND, NOISE, strict=True)
    ]
    line = scipy.stats.linregress(
        [math.log(one) for one in DEMAND], [math.log(one) for one in values]
    )
    half = scipy.stats.t.ppf(0.975, 4) * line.stderr
    with app.app_context():
        kpi = kpi_versions("sales")[0]
        found = estimate_from_months(kpi, ("representative", "anna"), "demand", THIS_MONTH)
        assert found.months == 6
        assert found.value == pytest.approx(line.slope)
        assert (found.low, found.high) == pytest.approx((line.slope - half, line.slope + half))
        # The index is the company's, the figures are the unit's.
        of_unit = estimate_from_months(kpi, ("unit", "leasing"), "demand", THIS_MONTH)
        assert of_unit == found
        assert found.latest == (date(2026, 6, 1), 110.0)
        together = estimate_from_months(kpi, ("all", ""), "demand", THIS_MONTH)
        sums = [math.log(one + 50) for one in values]
        line = scipy.stats.linregress([math.log(one) for one in DEMAND], sums)
        assert together.value == pytest.approx(line.slope)


@pytest.mark.parametrize(
    ("kpi", "index", "until", "reason"),
    [
        ("sales", "demand", date(2026, 3, 1), "Only 2 periods have both a value and an index"),
        ("mean_q1", "demand", THIS_MONTH, "Only for sums of figures"),
        ("sales", "nowhere", THIS_MONTH, "is not there"),
    ],
)
def test_without_enough_to_go_by_it_says_so(
    kpi: str, index: str, until: date, reason: str, app: Flask
) -> None:
    with app.app_context():
        found = estimate_from_months(kpi_versions(kpi)[0], ("all", ""), index, until)
        assert found.value is None
        assert reason in found.reason


def test_figures_without_a_logarithm_give_no_estimate(app: Flask) -> None:
    with app.app_context():
        add_figures([("sales", "anna", -60.0)], date(2026, 6, 1))
        found = estimate_from_months(
            kpi_versions("sales")[0], ("representative", "anna"), "demand", THIS_MONTH
        )
        assert found.value is None
        assert "no logarithm" in found.reason


def test_the_page_tells_the_estimate_and_fills_nothing_in(app: Flask) -> None:
    with app.app_context():
        grant_sight(add_user("manager"), unit("company"))
        db.session.commit()
        before = db.session.query(Target).count()
    client = sign_in(app, "manager@example.org")
    data = {"scope": "representative:anna", "index_measure": "demand", "value": "",
            "estimate": "Estimate from past months"}  # fmt: skip
    answer = client.post("/goals/kpis/sales/target", data=data)
    assert answer.status_code == 200
    assert "moved by <strong>" in answer.text
    field = re.search(r'<input[^>]*name="elasticity"[^>]*>', answer.text)
    assert field is not None
    assert "0." not in field[0]
    nothing = client.post("/goals/kpis/sales/target", data=data | {"index_measure": ""})
    assert "Choose an index first." in nothing.text
    with app.app_context():
        assert db.session.query(Target).count() == before
