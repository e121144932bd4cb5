"""A scorebook comes out as it went in; twice changes nothing; a bad one leaves no trace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from analysis.kpi import read_scorebook
from survey_app.db import db
from survey_app.goals.exchange import Imported, export_scorebook, import_scorebook
from survey_app.goals.models import Goal, KpiDefinition, Target
from survey_app.goals.queries import holding_targets
from survey_app.goals.targeting import WantedTarget, set_target
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
        ("time_zone: Europe/Zurich", "time_zone: Europe/Zurich\nminimum_n: 3"),
        ("weight: 2}", "weight: 2, target: 70}"),
        ("weight: 2}", "weight: 2, aggregation: geometric}"),
        ("statistic: mean", "statistic: mean\n    interval: quasi_binomial"),
        ("cut: 4", "cut: 4\n    margins: [{dimension: size, shares: {big: 1}}]"),
        ("score: {rule: goalposts, worst: 1, best: 5}", "score: {rule: red_target, red: 2}"),
    ],
)
def test_what_no_page_can_show_is_refused_and_not_lost(old: str, new: str, app: Flask) -> None:
    assert old in SCOREBOOK
    with app.app_context():
        imported, problems = import_scorebook(SCOREBOOK.replace(old, new, 1), NOW, ZONE)
        assert imported is None
        assert {problem.code for problem in problems} == {"beyond_the_pages"}
        assert counts() == (0, 0, 0)
