"""The rules are pure: they can be used where there is no web and no database."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import survey_app.domain

FOREIGN = {"flask", "sqlalchemy", "yaml", "wtforms", "ibis", "duckdb", "scipy"}


def test_importing_the_rules_loads_no_web_no_database_no_yaml() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(survey_app.domain.__path__, "survey_app.domain.")
    ]
    assert "survey_app.domain.question_types.rating" in names
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(sorted({FOREIGN!r} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
