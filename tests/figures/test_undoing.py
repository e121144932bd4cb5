from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as promise
from hypothesis import strategies as st

from survey_app.db import db
from survey_app.figures.importing import import_figures
from survey_app.figures.models import Figure, FigureBatch
from survey_app.figures.queries import current_figures
from survey_app.figures.undoing import undo_batch
from tests.factories.workplaces import NOW, make_measure, make_workplace

LATER = NOW + timedelta(hours=1)


def load(values: dict[str, float]) -> FigureBatch:
    """Import values by month."""
    lines = [f"contracts,leasing,{month},{value}\n" for month, value in values.items()]
    text = "measure,unit,period,value\n" + "".join(lines)
    changes, problems = import_figures(text.encode(), "f.csv", NOW, ZoneInfo("UTC"), False)
    assert changes is not None, problems
    assert changes.batch is not None
    return changes.batch


def current() -> dict[str, float]:
    found = current_figures(date(2026, 1, 1), date(2027, 1, 1))
    return {one.period_start.strftime("%Y-%m"): one.value for one in found}


def test_an_undone_import_gives_back_what_it_replaced(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        make_measure()
        first = load({"2026-01": 1, "2026-02": 2})
        second = load({"2026-02": 20, "2026-03": 30})
        assert current() == {"2026-01": 1, "2026-02": 20, "2026-03": 30}
        undone, problems = undo_batch(second, LATER)
        assert undone is second, problems
        assert undone.undone_at == LATER
        assert current() == {"2026-01": 1, "2026-02": 2}
        undo_batch(first, LATER)
        assert current() == {}
        # What was imported stays on record.
        assert db.session.query(Figure).count() == 4


def test_undoing_an_older_import_leaves_what_replaced_it(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        make_measure()
        first = load({"2026-01": 1, "2026-02": 2})
        load({"2026-02": 20})
        undo_batch(first, LATER)
        assert current() == {"2026-02": 20}


def test_an_import_of_units_one_does_not_look_after_stays(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        make_measure()
        batch = load({"2026-01": 1})
        undone, problems = undo_batch(batch, LATER, within={place.credit.id})
        assert undone is None
        assert problems[0].code == "forbidden"
        assert current() == {"2026-01": 1}


def test_of_undoings_at_the_same_moment_one_counts(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        make_measure()
        batch_id = load({"2026-01": 1}).id
        db.session.commit()
    barrier = Barrier(3)

    def undo() -> list[str]:
        barrier.wait()
        with app.app_context():
            batch = db.session.get(FigureBatch, batch_id)
            assert batch is not None
            _, problems = undo_batch(batch, LATER)
            db.session.commit()
            return [problem.code for problem in problems]

    with ThreadPoolExecutor(3) as pool:
        answers = [future.result() for future in [pool.submit(undo) for _ in range(3)]]
    assert sorted(answers) == [[], ["undone"], ["undone"]]


months = st.sampled_from([f"2026-0{month}" for month in range(1, 5)])
values = st.integers(0, 9).map(float)
deeds = st.lists(
    st.one_of(st.dictionaries(months, values, min_size=1), st.integers(0, 5)), max_size=8
)


@given(deeds)
@promise(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_newest_import_not_undone_counts_after_any_deeds(
    app: Flask, deeds: list[dict[str, float] | int]
) -> None:
    with app.app_context():
        make_workplace()
        make_measure()
        told: list[tuple[FigureBatch, dict[str, float]]] = []
        undone: set[int] = set()
        for deed in deeds:
            if isinstance(deed, dict):
                told.append((load(deed), deed))
            elif deed < len(told):
                undo_batch(told[deed][0], LATER)
                undone.add(deed)
        expected: dict[str, float] = {}
        for number, (_batch, figures) in enumerate(told):
            if number not in undone:
                expected |= figures
        assert current() == expected
        db.session.rollback()
