from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.figures.importing import FigureChanges, import_figures
from survey_app.figures.models import Figure, FigureBatch
from survey_app.figures.queries import current_figures
from tests.factories.statements import counted_statements
from tests.factories.workplaces import NOW, Workplace, make_measure, make_workplace

UTC_ZONE = ZoneInfo("UTC")
HEADER = "measure,unit,representative,period,value\n"
ROWS = (
    "contracts,leasing,anna,2026-05,12\n"
    "contracts,leasing,,2026-05,30\n"
    "contracts,leasing,anna,2026-06,14.5\n"
    "fill_rate,credit,,2026-06,-0.25\n"
)
MONTHLY = """\
month,figure,value,unit
1967-07,median duration of unemployment,4.5,weeks
1967-07,number of unemployed,2944,thousand persons
1967-07,personal consumption expenditures,506.7,"billion US dollars, annual rate"
1967-08,median duration of unemployment,4.7,weeks
"""
MONTHLY_MAPPING = {
    "period": "month",
    "value": "value",
    "unit": {"constant": "company"},
    "measure": {
        "column": "figure",
        "names": {
            "median duration of unemployment": "unemployment_weeks",
            "number of unemployed": "unemployed",
            "personal consumption expenditures": "consumption",
            "personal savings rate": "savings",
            "total population": "population",
        },
    },
}
REAL_FILE = Path(__file__).parents[2] / "examples" / "service_desk" / "monthly_figures.csv"


def load(text: str, dry_run: bool = False, **named: Any) -> tuple[FigureChanges, list[Problem]]:
    """Import a text that is sound."""
    changes, problems = import_figures(
        text.encode(), "figures.csv", NOW, UTC_ZONE, dry_run, **named
    )
    assert changes is not None, problems
    return changes, problems


def refuse(text: str, **named: Any) -> list[tuple[str, str]]:
    """Places and codes of the problems of a text that is not sound; nothing is stored."""
    changes, problems = import_figures(
        text.encode(), "figures.csv", NOW, UTC_ZONE, dry_run=False, **named
    )
    assert changes is None
    assert db.session.query(FigureBatch).count() == db.session.query(Figure).count() == 0
    return [(problem.place, problem.code) for problem in problems]


def start() -> Workplace:
    make_measure("contracts")
    make_measure("fill_rate", "stock")
    return make_workplace()


def current() -> dict[tuple[str, str, str, str], float]:
    return {
        (one.measure, one.unit, one.representative, one.period_start.strftime("%Y-%m")): one.value
        for one in current_figures(date(1900, 1, 1), date(2100, 1, 1))
    }


def test_figures_are_stored_with_their_row_and_their_file(app: Flask) -> None:
    with app.app_context():
        start()
        changes, _ = load(HEADER + ROWS)
        assert changes.batch is not None
        assert (changes.batch.filename, changes.batch.row_count) == ("figures.csv", 4)
        assert [figure.row_number for figure in db.session.query(Figure)] == [2, 3, 4, 5]
        assert current() == {
            ("contracts", "leasing", "anna", "2026-05"): 12,
            ("contracts", "leasing", "", "2026-05"): 30,
            ("contracts", "leasing", "anna", "2026-06"): 14.5,
            ("fill_rate", "credit", "", "2026-06"): -0.25,
        }


def test_a_dry_run_tells_what_would_change_and_changes_nothing(app: Flask) -> None:
    with app.app_context():
        start()
        load(HEADER + ROWS)
        before = current()
        second = (
            "contracts,leasing,anna,2026-05,12.0\n"
            "contracts,leasing,,2026-05,31\n"
            "contracts,credit,bruno,2026-05,7\n"
        )
        changes, _ = load(HEADER + second, dry_run=True)
        assert changes.batch is None
        assert [figure.row_number for figure in changes.new] == [4]
        assert [(figure.row_number, old) for figure, old in changes.replaced] == [(3, 30.0)]
        assert changes.unchanged == 1
        assert current() == before
        assert db.session.query(FigureBatch).count() == 1


def test_an_import_replaces_by_natural_key_and_leaves_the_rest(app: Flask) -> None:
    with app.app_context():
        start()
        load(HEADER + ROWS)
        before = current()
        load(HEADER + "contracts,leasing,anna,2026-05,13\n")
        assert current() == before | {("contracts", "leasing", "anna", "2026-05"): 13}
        # Imported again, the older file is the newer one.
        load(HEADER + ROWS)
        assert current() == before


def test_what_was_confirmed_is_what_is_imported_or_nothing_is(app: Flask) -> None:
    with app.app_context():
        start()
        text = HEADER + "contracts,leasing,anna,2026-05,13\n"
        seen, _ = load(text, dry_run=True)
        load(HEADER + ROWS)
        count = db.session.query(Figure).count()
        changes, problems = import_figures(
            text.encode(), "f", NOW, UTC_ZONE, dry_run=False, confirmed=seen.fingerprint
        )
        assert changes is None
        assert [problem.code for problem in problems] == ["changed_meanwhile"]
        assert db.session.query(Figure).count() == count
        seen_again, _ = load(text, dry_run=True)
        changes, _ = load(text, confirmed=seen_again.fingerprint)
        assert changes.batch is not None


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        ("contract,leasing,,2026-05,1", "row 6, column measure", "unknown"),
        (",leasing,,2026-05,1", "row 6, column measure", "empty"),
        ("contracts,nowhere,,2026-05,1", "row 6, column unit", "unknown"),
        ("contracts,leasing,carla,2026-05,1", "row 6, column representative", "unknown"),
        ("contracts,leasing,,2026-13,1", "row 6, column period", "no_such_month"),
        ("contracts,leasing,,05.2026,1", "row 6, column period", "not_a_month"),
        ("contracts,leasing,,2026-08,1", "row 6, column period", "future"),
        ('contracts,leasing,,2026-04,"1,5"', "row 6, column value", "decimal_comma"),
        ("contracts,leasing,,2026-04,", "row 6, column value", "empty"),
        ("contracts,leasing,,2026-04,nan", "row 6, column value", "not_a_number"),
        ("contracts,leasing,anna,2026-05,12", "row 6", "duplicate"),
    ],
)
def test_one_bad_row_is_told_by_place_and_keeps_the_whole_file_out(
    app: Flask, row: str, place: str, code: str
) -> None:
    with app.app_context():
        start()
        assert refuse(HEADER + ROWS + row + "\n") == [(place, code)]


def test_a_duplicate_names_both_rows_and_a_misspelling_what_was_meant(app: Flask) -> None:
    with app.app_context():
        start()
        text = HEADER + "contracts,leasing,,2026-05,1\n" * 2 + "contract,leasing,,2026-05,1\n"
        _, problems = import_figures(text.encode(), "f", NOW, UTC_ZONE, dry_run=True)
        assert (problems[0].place, problems[0].message[:5]) == ("row 3", "Row 2")
        assert 'Did you mean "contracts"?' in problems[1].message


def test_the_month_that_has_begun_here_is_no_future(app: Flask) -> None:
    with app.app_context():
        start()
        midnight = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
        data = (HEADER + "contracts,leasing,,2026-08,1\n").encode()
        in_zurich = import_figures(data, "f", midnight, ZoneInfo("Europe/Zurich"), dry_run=True)
        in_london = import_figures(data, "f", midnight, ZoneInfo("UTC"), dry_run=True)
        assert in_zurich[0] is not None
        assert in_london[1][0].code == "future"


def test_one_imports_only_for_units_that_one_looks_after(app: Flask) -> None:
    with app.app_context():
        place = start()
        told = refuse(HEADER + ROWS, within={place.leasing.id})
        assert told == [("row 5, column unit", "unknown")]


def test_a_wrong_constant_is_told_once(app: Flask) -> None:
    with app.app_context():
        start()
        for key in ("unemployment_weeks", "unemployed", "consumption"):
            make_measure(key)
        mapping = MONTHLY_MAPPING | {"unit": {"constant": "compny"}}
        assert refuse(MONTHLY, mapping=mapping) == [("mapping, unit", "unknown")]


def test_an_export_of_another_system_is_read_through_a_mapping(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        for key in ("unemployment_weeks", "unemployed", "consumption"):
            make_measure(key)
        load(MONTHLY, mapping=MONTHLY_MAPPING)
        assert current() == {
            ("unemployment_weeks", "company", "", "1967-07"): 4.5,
            ("unemployed", "company", "", "1967-07"): 2944,
            ("consumption", "company", "", "1967-07"): 506.7,
            ("unemployment_weeks", "company", "", "1967-08"): 4.7,
        }


def test_the_real_figures_are_read_whole_and_with_few_statements(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        for key in MONTHLY_MAPPING["measure"]["names"].values():  # type: ignore[index]
            make_measure(key)
        with counted_statements() as statements:
            changes, problems = import_figures(
                REAL_FILE.read_bytes(), REAL_FILE.name, NOW, UTC_ZONE, False, MONTHLY_MAPPING
            )
        assert changes is not None, problems
        assert len(changes.new) == len(current()) == 2870
        assert len(statements) < 12


def test_figures_of_a_representative_beyond_ones_sight_are_refused(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        make_measure()
        data = b"measure,unit,representative,period,value\ncontracts,leasing,bruno,2026-07,-9999\n"
        changes, problems = import_figures(
            data, "f.csv", NOW, UTC_ZONE, False, within={place.leasing.id}
        )
        assert changes is None
        assert [problem.place for problem in problems] == ["row 2, column representative"]
        assert db.session.query(Figure).count() == 0
