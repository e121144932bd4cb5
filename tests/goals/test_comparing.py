"""What changes from version to version is told in words; a KPI as YAML is checked line by line."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.db import db
from survey_app.goals.comparing import LABELS, compare_definitions
from survey_app.goals.defining import define_kpi
from survey_app.goals.entries import write_text
from survey_app.goals.exchange import import_scorebook
from survey_app.goals.queries import kpi_versions
from survey_app.organisation.arranging import grant_sight
from tests.factories.people import add_user, sign_in
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation, unit
from tests.goals.test_kpi_forms import EVERY

TIME = {
    "name": "Time", "goal": "speed", "unit": "seconds", "direction": "lower_is_better",
    "weight": 1.0, "statistic": "km_median", "source": {"process": "visit", "milestone": "shown"},
    "score": {"rule": "goalposts", "worst": 7200.0, "best": 60.0},
}  # fmt: skip


@pytest.fixture
def manager(app: Flask) -> FlaskClient:
    with app.app_context():
        make_organisation()
        _imported, problems = import_scorebook(SCOREBOOK, NOW, ZONE)
        assert problems == []
        grant_sight(add_user("manager"), unit("company"))
        db.session.commit()
    return sign_in(app, "manager@example.org")


def test_the_same_definition_has_no_differences() -> None:
    assert compare_definitions(TIME, dict(TIME), {}) == []
    # What holds by default is the same as what is said to hold.
    explicit = TIME | {"unit_of_analysis": "response", "scopes": ["all", "unit", "representative"]}
    assert compare_definitions(TIME, explicit, {}) == []


def test_differences_are_told_in_the_words_and_units_of_the_form() -> None:
    changed = TIME | {
        "goal": "care", "statistic": "share_within", "within": 5400.0, "unit": "share",
        "direction": "higher_is_better", "scopes": ["unit"], "for": ["leasing"],
        "score": {"rule": "red_target", "red": 0.25}, "retired": True,
    }  # fmt: skip
    goals = {"speed": "Quick visits", "care": "Glad customers"}
    assert compare_definitions(TIME, changed, goals) == [
        ("Goal", "Quick visits", "Glad customers"),
        ("Statistic", "Median time", "Share done within a time"),
        ("In time", "not set", "1 h 30 min"),
        ("Unit of measurement", "seconds", "share"),
        ("Direction", "Lower is better", "Higher is better"),
        ("Score", "From a worst to a best value, straight between",
         "From a red level and the target that holds"),
        ("Worst", "2 h", "not set"),
        ("Best", "1 min", "not set"),
        ("Red level", "not set", "25 %"),
        ("Computed for", "the whole organisation, each unit, each representative", "each unit"),
        ("Only for", "not set", "leasing"),
        ("Retired", "no", "yes"),
    ]  # fmt: skip


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry["id"])
def test_every_field_that_a_definition_may_have_is_compared(entry: dict[str, object]) -> None:
    bare = {"unit": "x", "source": {}, "score": {}}
    told = {label for label, _old, _new in compare_definitions(bare, entry, {})}
    names = {name for name in entry if name not in ("id", "source", "score")}
    for part in ("source", "score"):
        names |= {f"{part}.{name}" for name in entry[part]}  # type: ignore[attr-defined]
    assert {LABELS[name] for name in names} - told <= {"Interval by", "One vote is"}


def test_a_kpi_is_changed_as_yaml_after_a_look_at_what_changes(
    app: Flask, manager: FlaskClient
) -> None:
    page = manager.get("/goals/kpis/top_q1/yaml").text
    assert "statistic: top_box" in page
    with app.app_context():
        text = write_text(kpi_versions("top_q1")[0])
    changed = text.replace("cut: 4.0", "cut: 5.0").replace("name: Good visits", "name: Best")
    data = {"text": changed, "based_on": "1"}
    looked = manager.post("/goals/kpis/top_q1/yaml", data=data | {"compare": "See"})
    assert looked.status_code == 200
    assert "2 things change" in looked.text
    assert "<del>4</del>" in looked.text
    assert "<ins>5</ins>" in looked.text
    with app.app_context():
        assert len(kpi_versions("top_q1")) == 1
    assert manager.post("/goals/kpis/top_q1/yaml", data=data).status_code == 302
    compared = manager.get("/goals/kpis/top_q1/versions").text
    assert "<del>Good visits</del>" in compared
    assert "<ins>Best</ins>" in compared
    back = manager.get("/goals/kpis/top_q1/versions?old=2&new=1").text
    assert "<del>Best</del>" in back
    assert "Both say the same." in manager.get("/goals/kpis/top_q1/versions?old=1&new=1").text


def test_a_file_takes_the_place_of_what_was_typed(app: Flask, manager: FlaskClient) -> None:
    file = manager.get("/goals/kpis/top_q1/kpi.yaml").data.replace(b"Good visits", b"From a file")
    data = {"text": "nonsense", "based_on": "1", "file": (io.BytesIO(file), "top_q1.yaml")}
    assert manager.post("/goals/kpis/top_q1/yaml", data=data).status_code == 302
    with app.app_context():
        assert kpi_versions("top_q1")[0].definition["name"] == "From a file"
    data = {"based_on": "2", "file": (io.BytesIO(b"\xff"), "bad.yaml")}
    answer = manager.post("/goals/kpis/top_q1/yaml", data=data)
    assert answer.status_code == 422
    assert "not UTF-8" in answer.text


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("cut: 4.0", "cut: high", 11, "write a number such as 2.5"),
        ("statistic: top_box", "statistic: topbox", 7, "top_box"),
        ("goal: quality", "goal: nowhere", 2, "There is no goal"),
        ("id: top_q1", "id: other", 1, "This is the page of"),
        ("unit: share", "unit: [share", 5, "This is not YAML"),
        ("weight: 1.0", "wait: 1.0", 6, "Did you mean"),
    ],
)
def test_each_problem_is_told_with_its_line_and_remedy(
    old: str, new: str, line: int, told: str, app: Flask, manager: FlaskClient
) -> None:
    with app.app_context():
        text = write_text(kpi_versions("top_q1")[0])
    assert old in text
    answer = manager.post(
        "/goals/kpis/top_q1/yaml", data={"text": text.replace(old, new), "based_on": "1"}
    )
    assert answer.status_code == 422
    assert f"line {line}:" in answer.text
    assert told in answer.text
    assert "top_q1" in answer.text
    with app.app_context():
        assert len(kpi_versions("top_q1")) == 1


def test_somebody_elses_version_is_not_lost(app: Flask, manager: FlaskClient) -> None:
    with app.app_context():
        text = write_text(kpi_versions("top_q1")[0])
        entry = {"id": "top_q1", "goal": "quality", **kpi_versions("top_q1")[0].definition}
        define_kpi(entry | {"weight": 3}, 1, NOW)
        db.session.commit()
    data = {"text": text.replace("Good visits", "Mine"), "based_on": "1"}
    answer = manager.post("/goals/kpis/top_q1/yaml", data=data)
    assert answer.status_code == 422
    assert "Somebody else changed this KPI" in answer.text


def test_the_form_tells_what_would_change_before_it_is_saved(
    app: Flask, manager: FlaskClient
) -> None:
    data = {
        "based_on": "1", "id": "sales", "name": "Sales", "goal": "trade", "statistic": "sum",
        "measure": "sales", "unit": "CHF", "direction": "higher_is_better", "worst": "0",
        "best": "250", "weight": "1", "scopes": ["all", "unit", "representative"],
    }  # fmt: skip
    answer = manager.post("/goals/kpis/sales/edit", data=data | {"compare": "See"})
    assert answer.status_code == 200
    assert "1 thing changes" in answer.text
    assert "<del>200 CHF</del>" in answer.text
    with app.app_context():
        assert len(kpi_versions("sales")) == 1


def test_who_only_reads_takes_the_yaml_away(app: Flask, manager: FlaskClient) -> None:
    with app.app_context():
        add_user("analyst")
        db.session.commit()
    analyst = sign_in(app, "analyst@example.org")
    assert analyst.get("/goals/kpis/sales/yaml").status_code == 403
    assert "statistic: sum" in analyst.get("/goals/kpis/sales/kpi.yaml").text
    assert analyst.get("/goals/kpis/sales/versions").status_code == 200
