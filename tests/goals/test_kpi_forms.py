"""The form of a KPI: every statistic and rule comes out of it as it went in."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.goals.arranging import add_goal
from survey_app.goals.defining import define_kpi
from survey_app.goals.kpi_forms import KpiForm
from survey_app.goals.models import KpiDefinition
from survey_app.goals.queries import kpi_versions
from tests.analysis.building import figure_kpi, kpi, median_kpi
from tests.analysis.wrong_books import MARGIN, RANGE, RED
from tests.factories.scorings import NOW, make_organisation
from tests.goals.test_defining import WantedGoal

GAP_SOURCE = {"questionnaire": "feedback", "question": "q1", "expected": "q2"}
SHARE = {"unit": "share", "score": {"worst": 0.2, "best": 0.95}}
EVERY = [
    kpi(id="mean", interval="quasi_binomial", margins=[MARGIN]),
    kpi(id="told_apart", by=["region", "segment"]),
    kpi(id="top_box", statistic="top_box", cut=4, in_denominator=["refused"], **SHARE),
    kpi(id="net_score", statistic="net_score", promoters_from=9, detractors_to=6),
    kpi(id="net_plain", statistic="net_score", unit_of_analysis="customer"),
    kpi(id="gap", statistic="gap", source=GAP_SOURCE, margins=[MARGIN]),
    median_kpi(id="km_median", score={"worst": 864000, "best": 5400}),
    median_kpi(id="km_quantile", statistic="km_quantile", quantile=0.9),
    median_kpi(id="restricted_mean", statistic="restricted_mean", tau=9000),
    median_kpi(
        id="share_within", statistic="share_within", within=1800, direction="higher_is_better",
        **SHARE,
    ),
    figure_kpi(id="sum", events="poisson"),
    figure_kpi(id="last", statistic="last"),
    figure_kpi(id="mean_over_periods", statistic="mean_over_periods"),
    figure_kpi(id="ratio", statistic="ratio", source={"numerator": "a", "denominator": "b"}),
    kpi(id="red_target", score=RED),
    kpi(id="in_range", score=RANGE, scopes=["unit"], **{"for": ["leasing"]}),
]  # fmt: skip
NEW = {
    "based_on": "0", "id": "fresh", "name": "Fresh", "goal": "quality", "unit": "seconds",
    "direction": "lower_is_better", "rule": "goalposts", "worst": "10 d", "best": "1 d",
    "weight": "1", "scopes": ["all"], "statistic": "restricted_mean", "visit_process": "visit",
    "milestone": "product", "tau": "7 d",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quality(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        add_goal(WantedGoal("quality", "Quality"), NOW)
        db.session.commit()


def filled(app: Flask, data: dict[str, Any]) -> KpiForm:
    """The form as a browser sends it, checked."""
    with app.test_request_context(method="POST", data=data):
        form = KpiForm(meta={"csrf": False})
        form.validate()
        return form


def test_every_kind_of_kpi_is_saved_as_its_form_shows_it(app: Flask) -> None:
    with app.app_context():
        for entry in EVERY:
            made, problems = define_kpi(entry, 0, NOW)
            assert made is not None, (entry["id"], problems)
            with app.test_request_context():
                form = KpiForm()
                form.show(kpi_versions(entry["id"])[0])
                data = {
                    field.name: field.data
                    for field in form
                    if field.data not in (None, [], "") and field.data is not False
                }
            form = filled(app, data)
            assert not form.errors, (entry["id"], form.errors)
            again, problems = define_kpi(form.entry(), 1, NOW)
            assert problems == [], entry["id"]
            assert again is not None
            assert again.version == 1, entry["id"]
        assert db.session.query(KpiDefinition).count() == len(EVERY)


def test_times_may_be_written_as_people_say_them(app: Flask) -> None:
    with app.app_context():
        form = filled(app, NEW)
        assert not form.errors
        entry = form.entry()
        assert entry["tau"] == 7 * 86400
        assert entry["score"] == {"rule": "goalposts", "worst": 864000, "best": 86400}
        made, problems = define_kpi(entry, 0, NOW)
        assert made is not None, problems


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"tau": ""}, "tau", "Fill this in."),
        ({"tau": "a week"}, "tau", "2 h 30 min"),
        ({"worst": ""}, "worst", "Fill this in."),
        ({"worst": "10 %"}, "worst", "plain number"),
        ({"rule": "red_target"}, "red", "Fill this in."),
        ({"rule": "in_range", "low": "1 d", "high": "2 d"}, "outer_low", "Fill this in."),
        ({"statistic": "top_box"}, "cut", "Fill this in."),
        ({"statistic": "mean", "margins": "segment small"}, "margins", "line 1"),
    ],
)
def test_what_is_missing_is_told_at_its_field(
    changes: dict[str, str], field: str, told: str, app: Flask
) -> None:
    with app.app_context():
        errors = filled(app, NEW | changes).errors
        assert told in " ".join(errors[field])


def test_what_other_statistics_have_does_not_stand_in_the_way(app: Flask) -> None:
    """Fields that are hidden may hold anything."""
    with app.app_context():
        hidden = {"within": "soon", "cut": "x", "red": "?", "margins": "nothing", "quantile": "9"}
        form = filled(app, NEW | hidden)
        assert not form.errors
        assert "within" not in form.entry()
        assert "margins" not in form.entry()
