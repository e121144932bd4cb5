"""The `soundings` command in this process, on the test's installation."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from survey_app import cli
from survey_app.config import Settings
from survey_app.db import db
from tests.factories.people import add_user
from tests.factories.scorings import make_company


@dataclass(frozen=True)
class Told:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_company


@pytest.fixture
def soundings(
    app: Flask,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Told]:
    """Run the command with these arguments, in an installation with sources of July 2026."""
    with app.app_context():
        add_user("manager")
        db.session.commit()
    monkeypatch.setenv("SOUNDINGS_HOME", str(tmp_path))
    monkeypatch.setenv("SOUNDINGS_DATABASE_URL", database_url)

    made: list[Flask] = []

    def create_app(settings: Settings | None = None) -> Flask:
        made.append(cli_app(settings))
        return made[-1]

    cli_app = cli.create_app
    monkeypatch.setattr(cli, "create_app", create_app)

    def run(*arguments: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["soundings", *arguments])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            # Outside a test the command's process ends here, and its connections with it.
            while made:
                with made.pop().app_context():
                    for engine in db.engines.values():
                        engine.dispose()
        caught = capsys.readouterr()
        return Told(code, caught.out, caught.err)

    return run
