"""A scorebook comes out as it went in; twice changes nothing; a bad one leaves no trace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from analysis.definitions import Goal as WantedGoal
from analysis.kpi import read_scorebook
from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.figures.models import Measure
from survey_app.goals.arranging import add_goal, change_goal
from survey_app.goals.exchange import Imported, export_scorebook, import_scorebook
from survey_app.goals.models import Goal, KpiDefinition, Target
from survey_app.goals.queries import build_scorebook, holding_targets, minimum_n
from survey_app.goals.targeting import set_target
from survey_app.goals.wanted import WantedTarget
from tests.factories.scorings import NOW, SCOREBOOK, ZONE, make_organisation


@pytest.fixture(autouse=True)
def _organisation(app: Flask) -> None:
    with app.app_context():
        make_organisation()
        db.session.commit()


def counts() -> tuple[int, int, int]:
    return (
        db.session.query(Goal).count(),
        db.session.query(KpiDefinition).count(),
        db.session.query(Target).count(),
    )


def test_a_scorebook_comes_out_as_it_went_in(app: Flask) -> None:
    with app.app_context():
        imported, problems = import_scorebook(SCOREBOOK, NOW, ZONE)
        assert problems == []
        assert imported == Imported(2, 6, 3)
        assert read_scorebook(export_scorebook("Europe/Zurich")) == read_scorebook(SCOREBOOK)


def test_the_same_scorebook_again_makes_no_new_version(app: Flask) -> None:
    with app.app_context():
        import_scorebook(SCOREBOOK, NOW, ZONE)
        before = counts()
        imported, problems = import_scorebook(SCOREBOOK.encode(), NOW, ZONE)
        assert problems == []
        assert imported == Imported(0, 0, 0)
        assert counts() == before


def test_only_what_changed_gets_a_new_version(app: Flask) -> None:
    with app.app_context():
        import_scorebook(SCOREBOOK, NOW, ZONE)
        changed = SCOREBOOK.replace("name: Good visits", "name: Very good visits")
        imported, problems = import_scorebook(changed, NOW, ZONE)
        assert problems == []
        assert imported == Imported(0, 1, 0)


def test_a_whole_history_of_targets_comes_in_at_once(app: Flask) -> None:
    later = "{kpi: sales, scope_type: all, value: 130, valid_from: 2026-03-01, version: 2}"
    with app.app_context():
        imported, problems = import_scorebook(SCOREBOOK + f"  - {later}\n", NOW, ZONE)
        assert problems == []
        assert imported == Imported(2, 6, 4)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("statistic: net_score", "statistic: netscore", "unknown_word"),
        (": quality", ": Quality", "form"),
        ("{id: anna,", "{id: zoe,", "unknown_scope"),
        ("scope_type: representative, scope_id: ben", "scope_type: unit, scope_id: sales2", ""),
    ],
)
def test_a_bad_scorebook_leaves_no_trace(old: str, new: str, code: str, app: Flask) -> None:
    bad = SCOREBOOK.replace(old, new)
    if "zoe" in new:
        bad += "  - {kpi: sales, scope_type: representative, scope_id: zoe, value: 1,"
        bad += " valid_from: 2026-01-01}\n"
    with app.app_context():
        imported, problems = import_scorebook(bad, NOW, ZONE)
        assert imported is None
        assert problems
        assert not code or code in {problem.code for problem in problems}
        assert counts() == (0, 0, 0)


def test_what_is_refused_at_last_takes_all_the_rest_with_it(app: Flask) -> None:
    changed = (
        SCOREBOOK.replace("name: Good visits", "name: Very good visits")
        .replace("name: Trade", "name: Commerce")
        .replace("value: 120", "value: 125")
    )
    with app.app_context():
        import_scorebook(SCOREBOOK, NOW, ZONE)
        before = counts()
        imported, problems = import_scorebook(changed, NOW, ZONE)
        assert imported is None
        assert [problem.code for problem in problems] == ["past_verdict"]
        db.session.commit()
        assert counts() == before
        assert {goal.name for goal in db.session.query(Goal)} == {"Quality", "Trade"}


def test_a_scorebook_in_another_encoding_is_a_problem(app: Flask) -> None:
    with app.app_context():
        imported, problems = import_scorebook("größe".encode("latin-1"), NOW, ZONE)
        assert imported is None
        assert [problem.code for problem in problems] == ["wrong_encoding"]


def test_an_export_imported_again_changes_nothing_even_where_targets_were_replaced(
    app: Flask,
) -> None:
    with app.app_context():
        import_scorebook(SCOREBOOK, NOW, ZONE)
        for value, day in (
            (3.0, date(2026, 8, 26)),
            (4.5, date(2026, 8, 1)),
            (3.0, date(2026, 9, 1)),
        ):
            wanted = WantedTarget("margin", "unit", "leasing", value, day)
            _, problems = set_target(wanted, NOW, ZONE)
            assert not problems
        count = db.session.query(Target).count()
        for _again in range(2):
            done, problems = import_scorebook(export_scorebook("Europe/Zurich"), NOW, ZONE)
            assert not problems
            assert str(done) == "Nothing in the file is new."
            assert db.session.query(Target).count() == count
        # To set the one that was replaced anew is another matter.
        _, problems = set_target(
            WantedTarget("margin", "unit", "leasing", 4.5, date(2026, 9, 1)), NOW, ZONE
        )
        assert not problems
        assert db.session.query(Target).count() == count + 1


def test_what_is_added_to_an_export_is_all_that_is_new(app: Flask) -> None:
    with app.app_context():
        import_scorebook(SCOREBOOK, NOW, ZONE)
        for value, day in ((30.0, date(2026, 1, 1)), (40.0, date(2026, 8, 1))):
            set_target(WantedTarget("margin", "all", "", value, day), NOW, ZONE)
        text = export_scorebook("Europe/Zurich") + (
            "- {kpi: margin, scope_type: all, value: 50, valid_from: 2027-01-01, source: agreed, "
            "version: 3}\n"
        )
        done, problems = import_scorebook(text, NOW, ZONE)
        assert problems == []
        assert str(done) == "New: 0 goals, 0 KPI versions, 1 targets."
        assert [one.value for one in holding_targets(NOW.date(), None)["margin"]] == [40.0]


def test_the_scorebook_of_the_guide_can_be_imported(app: Flask) -> None:
    guide = Path(__file__).parents[2] / "docs" / "how-to" / "goals.md"
    text = guide.read_text(encoding="utf-8").partition("```yaml")[2].partition("```")[0]
    with app.app_context():
        done, problems = import_scorebook(text, NOW, ZONE)
        assert problems == []
        assert str(done) == "New: 1 goals, 1 KPI versions, 2 targets."


@pytest.mark.parametrize("sign", ["\\ud800", "\\a", "\\0"])
def test_half_characters_and_control_characters_are_refused_in_a_sentence(
    app: Flask, sign: str
) -> None:
    for text in (f'{{"format": "x{sign}"}}', SCOREBOOK.replace("Quality", f'"Q{sign}"', 1)):
        with app.app_context():
            done, problems = import_scorebook(text, NOW, ZONE)
            assert done is None
            assert any(problem.code == "control" for problem in problems)
            assert "".join(problem.message for problem in problems).isprintable()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("statistic: km_median", "statistic: km_quantile\n    quantile: 0.9"),
        ("statistic: km_median", "statistic: share_within\n    within: 1800"),
        ("weight: 2}", "weight: 2, target: 70}"),
        ("weight: 2}", "weight: 2, aggregation: geometric}"),
        ("weight: 2}", "weight: 2, parent: quality, owner: Ann, horizon: long_term}"),
        ("statistic: mean", "statistic: mean\n    interval: quasi_binomial"),
        ("cut: 4", "cut: 4\n    margins: [{dimension: size, shares: {big: 1}}]"),
        ("score: {rule: goalposts, worst: 1, best: 5}", "score: {rule: red_target, red: 2}"),
        ("score: {rule: goalposts, worst: 0, best: 200}",
         "events: poisson\n    score: {rule: in_range, outer_low: 0, low: 1, high: 2, "
         "outer_high: 3}"),
        ("valid_from: 2026-01-01}\n  - {kpi: sales",
         "valid_from: 2026-01-01, adjust: {index: demand, at_setting: 100, elasticity: 0.5, "
         "justification: Agreed., elasticity_source: estimated}}\n  - {kpi: sales"),
        ("targets:", "kpi_sets:\n  - {id: field, name: Field, role: Visits, kpis: [sales], "
         "weights: {sales: 2}, for: [leasing, ben]}\ntargets:"),
    ],
)  # fmt: skip
def test_all_that_the_library_can_score_comes_in_and_goes_out(
    old: str, new: str, app: Flask
) -> None:
    assert old in SCOREBOOK
    text = SCOREBOOK.replace(old, new, 1)
    with app.app_context():
        db.session.add(Measure(key="demand", name="Demand", unit_of_measure="%", kind="stock"))
        imported, problems = import_scorebook(text, NOW, ZONE)
        assert problems == []
        assert imported is not None
        out = read_scorebook(export_scorebook("Europe/Zurich"))
        wanted = read_scorebook(text)
        assert {goal.id: goal for goal in out.goals} == {goal.id: goal for goal in wanted.goals}
        assert (out.kpis, out.kpi_sets) == (wanted.kpis, wanted.kpi_sets)
        assert {one.adjustment for one in out.targets} == {one.adjustment for one in wanted.targets}
        again, problems = import_scorebook(export_scorebook("Europe/Zurich"), NOW, ZONE)
        assert problems == []
        assert str(again) == "Nothing in the file is new."


def test_the_least_number_of_people_is_taken_from_a_file_that_names_it(app: Flask) -> None:
    with app.app_context():
        import_scorebook(SCOREBOOK.replace("units:", "minimum_n: 7\nunits:", 1), NOW, ZONE)
        assert build_scorebook("UTC").minimum_n == 7
        done, problems = import_scorebook(SCOREBOOK, NOW, ZONE)
        assert (str(done), problems) == ("Nothing in the file is new.", [])
        assert minimum_n() == 7
        lower = SCOREBOOK.replace("units:", "minimum_n: 3\nunits:", 1)
        done, _ = import_scorebook(lower, NOW, ZONE)
        assert str(done) == "From now on fewer than 3 people are withheld."
        (entry,) = (
            db.session.query(AuditEntry)
            .filter_by(action="least number of people set")
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
        assert entry.detail == {"before": 7, "after": 3}


def test_goals_may_change_places_in_one_file(app: Flask) -> None:
    below = SCOREBOOK.replace("weight: 2}", "weight: 2, parent: quality}", 1)
    above = SCOREBOOK.replace("in town.}", "in town., parent: trade}", 1)
    with app.app_context():
        import_scorebook(below, NOW, ZONE)
        _done, problems = import_scorebook(above, NOW, ZONE)
        assert problems == []
        parents = {goal.key: goal.parent_key for goal in db.session.query(Goal)}
        assert parents == {"quality": "trade", "trade": None}


def test_goals_that_are_not_in_the_file_stay_where_they_hang(app: Flask) -> None:
    """Quality > between > trade in the tables; a file without between puts trade at the top."""
    with app.app_context():
        import_scorebook(SCOREBOOK, NOW, ZONE)
        add_goal(WantedGoal("between", "Between", parent="quality"), NOW)
        trade = db.session.query(Goal).filter_by(key="trade").one()
        change_goal(trade, WantedGoal("trade", "Trade", parent="between"), NOW)
        file = SCOREBOOK.replace("in town.}", "in town., parent: trade}", 1)
        _done, problems = import_scorebook(file, NOW, ZONE)
        assert problems == []
        parents = {goal.key: goal.parent_key for goal in db.session.query(Goal)}
        assert parents == {"quality": "trade", "trade": None, "between": "quality"}


@pytest.mark.parametrize(
    ("adjust", "code"),
    [
        ("{index: demnd, at_setting: 100, elasticity: 0.5, justification: x}", "unknown_measure"),
        ("{index: demand, at_setting: 100, elasticity: 50, justification: x}", "range"),
    ],
)
def test_an_adjustment_that_cannot_be_made_is_refused(adjust: str, code: str, app: Flask) -> None:
    text = SCOREBOOK.replace(
        "valid_from: 2026-01-01}", f"valid_from: 2026-01-01, adjust: {adjust}}}", 1
    )
    with app.app_context():
        db.session.add(Measure(key="demand", name="Demand", unit_of_measure="%", kind="stock"))
        done, problems = import_scorebook(text, NOW, ZONE)
        assert done is None
        assert [problem.code for problem in problems] == [code]
        assert counts() == (0, 0, 0)
