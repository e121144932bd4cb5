from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.domain.problems import NotFound
from survey_app.figures.importing import import_figures
from survey_app.figures.queries import (
    CurrentFigure,
    batch_by_id,
    current_figures,
    measure_by_key,
    measures_with_extent,
    newest_figures,
    units_of_batch,
)
from tests.factories.workplaces import NOW, Workplace, make_measure, make_workplace

TEXT = """\
measure,unit,representative,period,value
contracts,leasing,anna,2026-03,3
contracts,leasing,,2026-01,1
contracts,credit,,2026-02,2
"""


def start() -> Workplace:
    place = make_workplace()
    make_measure("contracts")
    make_measure("unused")
    changes, problems = import_figures(TEXT.encode(), "f.csv", NOW, ZoneInfo("UTC"), False)
    assert changes is not None, problems
    return place


def test_a_period_includes_its_start_and_excludes_its_end(app: Flask) -> None:
    with app.app_context():
        start()
        assert list(current_figures(date(2026, 1, 1), date(2026, 3, 1))) == [
            CurrentFigure("contracts", "leasing", "", date(2026, 1, 1), 1.0),
            CurrentFigure("contracts", "credit", "", date(2026, 2, 1), 2.0),
        ]


def test_only_figures_of_visible_units_are_shown(app: Flask) -> None:
    with app.app_context():
        place = start()
        visible = {place.leasing.id}
        (contracts, unused) = measures_with_extent(visible)
        assert contracts[1:] == (2, date(2026, 1, 1), date(2026, 3, 1))
        assert unused[1:] == (None, None, None)
        figures = newest_figures(measure_by_key("contracts"), visible, 10)
        assert [(row[0].value, row[1].key) for row in figures] == [(3, "leasing"), (1, "leasing")]
        assert newest_figures(measure_by_key("contracts"), visible, 1)[0][2] is place.anna


def test_a_batch_knows_its_units(app: Flask) -> None:
    with app.app_context():
        place = start()
        batch = newest_figures(measure_by_key("contracts"), {place.leasing.id}, 1)[0][3]
        assert units_of_batch(batch_by_id(batch.id)) == {place.leasing.id, place.credit.id}


def test_what_does_not_exist_is_not_found(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(NotFound):
            measure_by_key("nothing")
        with pytest.raises(NotFound):
            batch_by_id(1)
