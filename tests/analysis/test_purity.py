"""What importing the library brings along."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def loaded_by(module):
    """The top packages that a fresh interpreter holds after importing the module."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["analysis.pipeline", "analysis.__main__"])
def test_the_library_needs_no_web_and_no_tables(module):
    assert loaded_by(module).isdisjoint({"flask", "sqlalchemy", "survey_app", "jinja2"})


@pytest.mark.parametrize(
    "module", ["analysis", "analysis.kpi", "analysis.export", "analysis.periods"]
)
def test_what_the_web_uses_loads_nothing_heavy(module):
    assert loaded_by(module).isdisjoint(
        {"scipy", "ibis", "duckdb", "pyarrow", "pandas", "numpy", "altair"}
    )


def test_one_file_alone_names_the_engine():
    naming = [
        file.name
        for file in sorted((ROOT / "analysis").glob("*.py"))
        if "duckdb" in file.read_text(encoding="utf-8").lower()
    ]
    assert naming == ["engines.py"]
