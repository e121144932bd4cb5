"""A run with every kind of row that is taken away: names like formulas, negatives, empty cells."""

from datetime import UTC, date, datetime

from analysis.about import About
from analysis.definition_tables import DefinitionTables
from analysis.goal_fields import goal_fields
from analysis.packaging import ScoredTables
from analysis.periods import Period
from analysis.pipeline import score_kpis
from analysis.score_fields import score_fields
from tests.analysis.building import answers, book, figure_kpi, kpi, median_kpi, target, write_facts
from tests.analysis.wrong_books import ADJUST, TOP_BOX

NOW = datetime(2026, 8, 2, 8, 30, 15, 123456, tzinfo=UTC)
ABOUT = About(
    run_id="3f1c",
    period_label="2026-07",
    period_start=date(2026, 7, 1),
    period_end=date(2026, 8, 1),
    computed_at=NOW,
    time_zone="Europe/Zurich",
    engine="duckdb",
    seed=1,
    code_version="0.1.0+abc",
    facts_hash="f" * 64,
)
BOOK = book(
    kpi(id="formula", name="=1+1"),
    kpi(id="shares", name='Good, "really"', **TOP_BOX),
    median_kpi(id="times", name="Zeit bis Ü"),
    figure_kpi(id="loss", name="-5 is a loss", weight=0.1),
    targets=[
        target(4, kpi="formula"),
        target(-7.5, kpi="loss", valid_to="2027-01-01"),
        target(3, kpi="loss", scope_type="unit", scope_id="berne", adjust=ADJUST),
    ],
)


def score_run(folder):
    """The scores of July, -5 among them."""
    write_facts(folder, "ratings", answers([1.0, 2.0, 2.0, "dont_know"], unit="berne"))
    write_facts(
        folder,
        "figures",
        [
            {"value": -5.0, "unit": "sales"},
            {"value": 0.1 + 0.2, "unit": "berne"},
            {"value": 1.1, "unit": "berne", "measure": ADJUST["index"]},
        ],
    )
    write_facts(folder, "durations", [{"visit": "a", "seconds": 61.5, "unit": "berne"}])
    return score_kpis(folder, BOOK, Period.parse("2026-07"), now=NOW, seed=1, run_id="3f1c")


def tables_of(rows, goal_rows, about=ABOUT, definitions=None):
    """Rows as what a package is made of."""
    rows, goal_rows = list(rows), list(goal_rows)
    return ScoredTables(
        about,
        score_fields(rows[0]),
        rows,
        goal_fields(goal_rows[0]),
        goal_rows,
        definitions or DefinitionTables.of(BOOK),
    )


def with_dimension(rows):
    """The rows, and each once more for one category of a dimension."""
    made = []
    for row in rows:
        for category in ("", "gold"):
            cells = {}
            for name, cell in row.items():
                cells[name] = cell
                if name == "scope_name":
                    cells["dim_segment"] = category
            made.append(cells)
    return made
