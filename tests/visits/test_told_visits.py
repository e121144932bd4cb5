from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.mapping import MappedRow
from survey_app.domain.problems import Problem
from survey_app.organisation.models import Representative, Unit
from survey_app.visits.models import ProcessStage
from survey_app.visits.told_visits import (
    OPTIONAL,
    REQUIRED,
    KnownParts,
    ToldVisit,
    read_visit,
)

STAGES = [
    ProcessStage(id=number, position=number, key=key, name=key.title())
    for number, key in enumerate(("arrived", "answered", "shown"), start=1)
]
KNOWN = KnownParts(
    stages=STAGES,
    units={"leasing": Unit(id=1, key="leasing", name="Leasing")},
    people={"anna": Representative(id=1, key="anna", name="Anna", unit_id=1)},
    zone=ZoneInfo("UTC"),
    now=datetime(2026, 7, 1, 8, 0, tzinfo=UTC),
)
COLUMNS = [*REQUIRED, *OPTIONAL, *(stage.key for stage in STAGES)]
SOUND = {
    "external_id": "V1",
    "started_at": "2026-06-01 10:00",
    "ended_at": "2026-06-01 10:30",
    "outcome": "completed",
    "unit": "leasing",
    "arrived": "2026-06-01 10:01",
    "answered": "2026-06-01 10:20",
    "shown": "2026-06-01 10:30",
}


def read(**cells: str) -> ToldVisit | list[Problem]:
    whole = dict.fromkeys(COLUMNS, "") | SOUND | cells
    return read_visit(
        MappedRow(2, whole, {name: name for name in COLUMNS}, frozenset(COLUMNS)), KNOWN
    )


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"external_id": ""}, "external_id", "empty"),
        ({"external_id": "x" * 201}, "external_id", "too_long"),
        ({"customer": "x" * 201}, "customer", "too_long"),
        ({"started_at": ""}, "started_at", "empty"),
        ({"started_at": "1.6.2026"}, "started_at", "not_a_moment"),
        ({"unit": ""}, "unit", "empty"),
        ({"unit": "credit"}, "unit", "unknown"),
        ({"representative": "bruno"}, "representative", "unknown"),
        ({"outcome": "complete"}, "outcome", "unknown_word"),
        ({"idle_seconds": "-1"}, "idle_seconds", "negative"),
        ({"idle_seconds": "1801"}, "idle_seconds", "idle_too_long"),
        ({"shown": "2026-07-01 08:01"}, "shown", "future"),
        ({"ended_at": "2026-07-02 00:00"}, "ended_at", "future"),
        ({"ended_at": "2026-06-01 09:59"}, "ended_at", "ended_before_start"),
        ({"ended_at": ""}, "outcome", "outcome_without_end"),
        ({"outcome": ""}, "outcome", "end_without_outcome"),
        ({"observed_until": "2026-06-01 10:29"}, "ended_at", "ended_after_cut_off"),
        ({"arrived": "2026-06-01 09:59"}, "arrived", "out_of_order"),
        ({"answered": "2026-06-01 10:00:30"}, "answered", "out_of_order"),
        ({"ended_at": "2026-06-01 10:29"}, "shown", "after_end"),
        ({"arrived": ""}, "arrived", "stage_skipped"),
        ({"answered": "", "shown": "", "outcome": "left"}, "", ""),
        ({"answered": "", "shown": ""}, "answered", "stage_skipped"),
        ({"arrived": "", "answered": "", "shown": ""}, "arrived", "stage_skipped"),
        ({"outcome": "left"}, "outcome", "was_completed"),
    ],
)
def test_a_row_that_tells_of_no_possible_visit_is_refused_by_place(
    cells: dict[str, str], column: str, code: str
) -> None:
    result = read(**cells)
    found = [(one.place, one.code) for one in result] if isinstance(result, list) else []
    assert found == ([(f"row 2, column {column}", code)] if code else [])


def test_an_open_visit_has_a_cut_off_or_runs_on() -> None:
    opened: dict[str, Any] = {"ended_at": "", "outcome": "", "answered": "", "shown": ""}
    assert isinstance(read(**opened), ToldVisit)
    seen = read(**opened, observed_until="2026-06-02 00:00")
    assert isinstance(seen, ToldVisit)
    assert seen.observed_until == datetime(2026, 6, 2, tzinfo=UTC)
    for until, codes in (
        ("2026-06-01 10:00:59", ["after_end"]),
        ("2026-06-01 09:00", ["started_after_cut_off"]),
        ("2026-07-01 09:00", ["future"]),
    ):
        refused = read(**opened, observed_until=until)
        assert isinstance(refused, list)
        assert [one.code for one in refused] == codes


def test_the_cut_off_of_a_visit_that_ended_is_not_kept() -> None:
    visit = read(observed_until="2026-06-30 00:00")
    assert isinstance(visit, ToldVisit)
    assert visit.observed_until is None


minutes = st.one_of(st.none(), st.integers(0, 90))


@given(
    start=st.integers(0, 90),
    end=minutes,
    outcome=st.sampled_from(["", "completed", "called_back", "left"]),
    until=minutes,
    stages=st.tuples(minutes, minutes, minutes),
)
def test_what_is_taken_is_in_order_and_whole(
    start: int,
    end: int | None,
    outcome: str,
    until: int | None,
    stages: tuple[int | None, int | None, int | None],
) -> None:
    def cell(minute: int | None) -> str:
        noon = datetime(2026, 6, 1, 12, 0) + timedelta(minutes=minute or 0)
        return "" if minute is None else noon.isoformat(" ")

    visit = read(
        started_at=cell(start),
        ended_at=cell(end),
        outcome=outcome,
        observed_until=cell(until),
        **{stage.key: cell(minute) for stage, minute in zip(STAGES, stages, strict=True)},
    )
    if isinstance(visit, list):
        assert visit
        return
    moments = [visit.started_at, *(at for _stage, at in visit.reached)]
    seen_last = visit.ended_at or visit.observed_until or KNOWN.now
    assert [*moments, seen_last] == sorted([*moments, seen_last])
    assert [stage for stage, _at in visit.reached] == STAGES[: len(visit.reached)]
    assert (visit.outcome is None) == (visit.ended_at is None)
    assert visit.observed_until is None or visit.ended_at is None
    if visit.outcome:
        assert (visit.outcome == "completed") == (len(visit.reached) == len(STAGES))
