"""Who sees a part reads its definitions and the targets that hold for it, and of nobody else."""

from __future__ import annotations

from analysis.definition_tables import DefinitionTables
from survey_app.report.seen_book import limit_book
from tests.analysis.building import book, figure_kpi, kpi, target

BOOK = book(
    kpi(id="all_of_us"),
    kpi(id="only_sales", **{"for": ["sales"]}),
    kpi(id="some", **{"for": ["berne", "anna", "ben"]}),
    figure_kpi(id="people", goal="trade", scopes=["representative"]),
    goals=[{"id": "quality", "name": "Quality"}, {"id": "trade", "name": "Trade"}],
    targets=[
        target(1, kpi="all_of_us"),
        target(2, kpi="all_of_us", scope_type="unit", scope_id="leasing"),
        target(3, kpi="all_of_us", scope_type="unit", scope_id="berne"),
        target(4, kpi="all_of_us", scope_type="unit", scope_id="sales"),
        target(5, kpi="all_of_us", scope_type="representative", scope_id="anna"),
        target(6, kpi="all_of_us", scope_type="representative", scope_id="ben"),
        target(7, kpi="only_sales"),
    ],
)


def test_who_sees_everybody_reads_all() -> None:
    assert limit_book(BOOK, None) is BOOK


def test_a_representative_reads_their_own_targets_and_those_above() -> None:
    seen = limit_book(BOOK, {("representative", "anna")})
    assert [kpi.id for kpi in seen.kpis] == ["all_of_us", "some", "people"]
    # Anna is in Berne, Berne in Leasing, Leasing in the company.
    assert [one.value for one in seen.targets] == [1, 2, 3, 5]


def test_a_manager_of_a_unit_reads_no_targets_beside_or_of_people_elsewhere() -> None:
    seen = limit_book(BOOK, {("unit", "berne"), ("representative", "anna")})
    assert [one.value for one in seen.targets] == [1, 2, 3, 5]
    assert [goal.id for goal in seen.goals] == ["quality", "trade"]
    beside = limit_book(BOOK, {("unit", "sales")})
    assert [one.value for one in beside.targets] == [1, 4, 7]
    assert [kpi.id for kpi in beside.kpis] == ["all_of_us", "only_sales"]
    assert [goal.id for goal in beside.goals] == ["quality"]


def test_whom_else_a_kpi_is_for_is_not_told() -> None:
    seen = limit_book(BOOK, {("representative", "ben")})
    (some,) = (kpi for kpi in seen.kpis if kpi.id == "some")
    assert some.only_for == ("ben",)
    (row,) = (row for row in DefinitionTables.of(seen).kpis if row["id"] == "some")
    assert "anna" not in str(row)


def test_who_sees_nobody_reads_nothing() -> None:
    seen = limit_book(BOOK, set())
    assert (seen.kpis, seen.goals, seen.targets) == ((), (), ())


def test_somebody_who_joined_after_the_run_reads_only_what_holds_for_all() -> None:
    assert limit_book(BOOK, {("representative", "new"), ("unit", "new")}).targets == ()
