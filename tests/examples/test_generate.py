"""The simulated data are exactly what their generator makes."""

from __future__ import annotations

import runpy
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "sales_visits"
TABLES = ("answers.csv", "contacts.csv", "figures.csv", "visits.csv")


def test_the_generator_makes_the_shipped_tables_byte_for_byte(tmp_path: Path) -> None:
    generate = runpy.run_path(str(EXAMPLE / "generate.py"))["generate"]
    generate(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(TABLES)
    for name in TABLES:
        assert (tmp_path / name).read_bytes() == (EXAMPLE / name).read_bytes(), name


def test_the_tables_name_nobody_outside_the_reserved_domain() -> None:
    lines = (EXAMPLE / "contacts.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == 260
    assert all(line.partition(",")[0].endswith("@example.org") for line in lines)
