from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

from tests.factories.loaded import Loaded


class Soundings(Protocol):
    """The command in an environment with only these settings."""

    def __call__(
        self, home: Path, *arguments: str, **variables: str
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="module")
def soundings(loaded: Loaded) -> Soundings:
    def run(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if "SOUNDINGS" not in name}
        environment = {**clean, "SOUNDINGS_HOME": str(home), **variables}
        return loaded.run(*arguments, environment=environment)

    return run


@pytest.fixture(scope="module")
def empty_installation(tmp_path_factory: pytest.TempPathFactory, soundings: Soundings) -> Path:
    """The folder after `soundings set-up`, to be copied."""
    home = tmp_path_factory.mktemp("set_up")
    assert soundings(home, "set-up", "--without-examples").returncode == 0
    return home


def test_a_port_in_use_is_one_sentence_with_the_remedy_and_nothing_is_set_up(
    tmp_path: Path,
    soundings: Soundings,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = soundings(tmp_path, "run", SOUNDINGS_PORT=str(port))
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"soundings: Port {port} on 127.0.0.1 cannot be used")
    assert "SOUNDINGS_PORT=" in answer.stderr
    assert "Traceback" not in answer.stderr + answer.stdout
    assert not (tmp_path / "soundings.sqlite").exists()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SOUNDINGS_PORT": "many"}, "soundings: SOUNDINGS_PORT is 'many'"),
        ({"SOUNDINGS_PROT": "80"}, "did you mean SOUNDINGS_PORT?"),
        (
            {"SOUNDINGS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "soundings: The database cannot be used",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_no_traceback(
    tmp_path: Path, variables: dict[str, str], sentence: str, soundings: Soundings
) -> None:
    answer = soundings(tmp_path, "migrate", **variables)
    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_user_is_added_with_a_password_that_is_shown_once(
    tmp_path: Path, soundings: Soundings
) -> None:
    made = soundings(tmp_path, "set-up", "--without-examples")
    assert made.returncode == 0, made.stderr
    assert len(re.findall(r"^  \S+@example.org +\S{16}   ", made.stdout, re.MULTILINE)) == 3
    assert "@" not in soundings(tmp_path, "set-up").stdout
    added = soundings(tmp_path, "add-user", "Mia@example.org", "--name", "Mia", "--role", "manager")
    assert added.returncode == 0, added.stderr
    assert re.search(r"^  mia@example.org  \S{16}   manager, Mia$", added.stdout, re.MULTILINE)
    again = soundings(tmp_path, "add-user", "mia@example.org", "--name", "Mia", "--role", "manager")
    assert again.returncode == 2
    assert "has an account already" in again.stderr


def test_a_user_whose_sight_is_wrong_is_not_added(
    tmp_path: Path, empty_installation: Path, soundings: Soundings
) -> None:
    shutil.copytree(empty_installation, tmp_path, dirs_exist_ok=True)
    wanted = ("add-user", "mia@example.org", "--name", "Mia", "--role")
    for role, unit, sentence in (
        ("manager", "leesing", "no unit with the key 'leesing'"),
        ("admin", "company", "--sees is for a manager or an analyst"),
    ):
        refused = soundings(tmp_path, *wanted, role, "--sees", unit)
        assert refused.returncode == 2
        assert sentence in refused.stderr
    assert soundings(tmp_path, *wanted, "manager", "--sees", "company").returncode == 0


def test_a_command_before_the_tables_are_made_says_what_comes_first(
    tmp_path: Path, soundings: Soundings
) -> None:
    answer = soundings(tmp_path, "add-user", "mia@example.org", "--name", "Mia", "--role", "admin")
    assert answer.returncode == 2
    assert "soundings migrate" in answer.stderr


def test_with_tables_alone_a_command_says_what_comes_first(
    tmp_path: Path, soundings: Soundings
) -> None:
    assert soundings(tmp_path, "migrate").returncode == 0
    wanted = ("add-user", "mia@example.org", "--name", "Mia", "--role")
    refused = soundings(tmp_path, *wanted, "manager")
    assert refused.returncode == 2
    assert "Make it first: soundings set-up" in refused.stderr
    answer = soundings(tmp_path, "load-example", "nothing")
    assert answer.returncode == 2
    assert "there are sales_visits, service_desk" in answer.stderr
    answer = soundings(tmp_path, "load-example", "sales_visits")
    assert answer.returncode == 2
    assert "soundings run" in answer.stderr


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("secret_key", "The secret key in"),
        ("soundings.sqlite", "The database cannot be used: file is not a database"),
        ("jobs.sqlite", "The queue of jobs cannot be used"),
    ],
)
def test_a_damaged_file_of_the_installation_is_a_sentence(
    tmp_path: Path, empty_installation: Path, name: str, sentence: str, soundings: Soundings
) -> None:
    shutil.copytree(empty_installation, tmp_path, dirs_exist_ok=True)
    for file in tmp_path.glob(f"{name}*"):
        file.unlink()
    (tmp_path / name).write_bytes(b"\xff\xfenot what it was" * 100)
    answer = soundings(tmp_path, "set-up")
    assert answer.returncode == 2
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr + answer.stdout


def test_a_database_of_a_newer_version_is_a_sentence(
    tmp_path: Path, empty_installation: Path, soundings: Soundings
) -> None:
    shutil.copytree(empty_installation, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "soundings.sqlite")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    answer = soundings(tmp_path, "migrate")
    assert answer.returncode == 2
    assert "does not fit this version of Soundings" in answer.stderr
    assert "Traceback" not in answer.stderr
