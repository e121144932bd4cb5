"""Who may import whom: read from the source, and seen in fresh interpreters."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

WEB_LIBRARIES = {"flask", "flask_sqlalchemy", "sqlalchemy", "werkzeug", "wtforms", "survey_app"}
ENGINES = {"altair", "duckdb", "ibis", "numpy", "pandas", "pyarrow", "pyspark", "scipy", "sqlglot"}


def modules_of(package: str) -> list[str]:
    """Names of all modules below a package, the package itself first."""
    names = []
    for path in sorted((ROOT / package.replace(".", "/")).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] != "__main__":
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def imported_roots(path: Path) -> Iterator[str]:
    """First names of everything that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


def loaded_after(code: str, home: Path) -> set[str]:
    """First names of all modules in a fresh interpreter after it has run `code`."""
    tell = "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    script = f"{code}\nimport json, sys\n{tell}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "SOUNDINGS_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_domain_is_built_of_the_standard_library_and_marshmallow() -> None:
    allowed = set(sys.stdlib_module_names) | {"marshmallow", "survey_app"}
    foreign = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "survey_app/domain").rglob("*.py")
        for name in imported_roots(path)
        if name not in allowed
    }
    assert not foreign


def test_analysis_is_built_of_scientific_libraries_alone() -> None:
    allowed = set(sys.stdlib_module_names) | {"analysis", "yaml"}
    allowed |= {"duckdb", "ibis", "numpy", "py4j", "pyarrow", "pyspark", "scipy"}
    # The progress bar of the command line.
    allowed |= {"click"}
    # Workbooks for spreadsheets.
    allowed |= {"xlsxwriter"}
    foreign = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "analysis").rglob("*.py")
        for name in imported_roots(path)
        if name not in allowed
    }
    assert not foreign


def test_domain_loads_nothing_of_the_web(tmp_path: Path) -> None:
    code = "\n".join(f"import {name}" for name in modules_of("survey_app.domain"))
    loaded = loaded_after(code, tmp_path)
    assert not loaded & (WEB_LIBRARIES - {"survey_app"})
    assert not loaded & ENGINES


def test_analysis_loads_nothing_of_the_web(tmp_path: Path) -> None:
    code = "\n".join(f"import {name}" for name in modules_of("analysis"))
    loaded = loaded_after(code, tmp_path)
    assert "scipy" in loaded, "this test looks at the wrong modules"
    assert not loaded & WEB_LIBRARIES


@pytest.mark.parametrize(
    "module", ["analysis", "analysis.kpi", "analysis.periods", "analysis.export"]
)
def test_what_the_pages_use_of_analysis_loads_no_engine(module: str, tmp_path: Path) -> None:
    assert not loaded_after(f"import {module}", tmp_path) & ENGINES


def test_the_web_process_loads_no_engine(tmp_path: Path) -> None:
    code = (
        "from survey_app.app import create_app\n"
        "client = create_app().test_client()\n"
        "assert client.get('/login').status_code == 200"
    )
    loaded = loaded_after(code, tmp_path)
    assert "flask" in loaded
    # What the worker or a command needs alone would be in the memory of each web process.
    assert not loaded & (ENGINES | {"alembic", "flufl", "limits", "dkim"})
