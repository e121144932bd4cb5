"""docs/reference/coverage.md: the table of coverages, with what it means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.coverage.tally import Row

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "coverage.md"
TEMPLATE = Path(__file__).parent / "page.md"


def write_page(rows: Sequence[Row], seed: int, path: Path = PAGE) -> None:
    """Write the page: its text from page.md, its table from the rows."""
    text = TEMPLATE.read_text(encoding="utf-8").format(
        table="\n".join(map(_line, rows)),
        samples=sum(row.samples for row in rows),
        seed=seed,
        error=100 * max(row.error for row in rows if not row.is_contrast),
    )
    path.write_text(text, encoding="utf-8")


def _line(row: Row) -> str:
    """A row of the table, in italics if it stands there for comparison."""
    cells = (
        row.statistic,
        row.size,
        _percent(row.coverage),
        _percent(row.least.covered),
        _percent(row.greatest.covered),
        row.least.name,
        _percent(row.without) if row.without else "0",
    )
    mark = "*" if row.is_contrast else ""
    return f"| {' | '.join(f'{mark}{cell}{mark}' for cell in cells)} |"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
