"""The `soundings` command: set up, run, load examples, add users, score."""

from __future__ import annotations

import sqlite3
import sys
import tempfile

import click
from sqlalchemy.exc import DatabaseError

from survey_app.accounts.enrolling import (
    add_roles,
    change_password,
    enrol_user,
    random_password,
)
from survey_app.accounts.models import ROLES
from survey_app.app import create_app
from survey_app.command_line import (
    bounces,
    campaigns,
    definitions,
    periods,
    records,
    scores,
    tokens,
)
from survey_app.config import Settings, read_settings
from survey_app.db import db, utc_now
from survey_app.domain.problems import Problem, Refused, SoundingsError
from survey_app.jobs import dispatch_queued
from survey_app.loading import SignIn, example_names, load_example, set_up
from survey_app.organisation.arranging import SEEING_UNITS, set_sight
from survey_app.organisation.queries import root_unit, unit_by_key
from survey_app.serving import find_free_address, serve


def main() -> None:
    """Entry point: every expected trouble ends in one sentence and exit code 2."""
    try:
        commands.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except Refused as error:
        sys.exit(max(_tell(str(problem)) for problem in error.problems))
    except SoundingsError as error:
        sys.exit(_tell(error.message))
    except PermissionError as error:
        sys.exit(_tell(f"{error.filename} may not be used by this user. Give it the rights."))
    except sqlite3.Error as error:
        sys.exit(
            _tell(
                f"The queue of jobs cannot be used: {error}. Remove jobs.sqlite; runs and "
                "mails that wait are found again."
            )
        )
    except DatabaseError as error:
        reason = str(error.orig).strip().splitlines()[0]
        if "no such table" in reason or "does not exist" in reason:
            sys.exit(_tell("The database has no tables yet; make them with: soundings migrate"))
        sys.exit(_tell(f"The database cannot be used: {reason} Check SOUNDINGS_DATABASE_URL."))


def _tell(message: str) -> int:
    click.echo(f"soundings: {message}", err=True)
    return 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="soundings")
def commands() -> None:
    """Surveys, timed visits and figures, scored so that the numbers can be trusted."""


for group in (
    *(*tokens.groups, *records.groups, *definitions.groups),
    *(*scores.groups, *periods.groups, *bounces.groups, *campaigns.groups),
):
    commands.add_command(group)


@commands.command()
@click.option("--without-examples", is_flag=True, help="Start empty: no example is loaded.")
def run(without_examples: bool) -> None:
    """Set up what is missing, then serve the pages and do the work behind them."""
    settings = read_settings()
    find_free_address(settings)
    app = create_app(settings)
    with app.app_context():
        sign_ins = _prepare(settings, [] if without_examples else example_names())
    click.echo(f"\nSoundings is at {settings.address}")
    _show_sign_ins(sign_ins)
    sys.exit(serve(settings))


@commands.command("set-up")
@click.option("--without-examples", is_flag=True, help="Start empty: no example is loaded.")
def set_up_only(without_examples: bool) -> None:
    """Set up what is missing, as `run` does, for servers that something else starts."""
    settings = read_settings()
    with create_app(settings).app_context():
        sign_ins = _prepare(settings, [] if without_examples else example_names())
    click.echo("The installation is set up.")
    _show_sign_ins(sign_ins)


@commands.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    with create_app().app_context():
        _upgrade()
        add_roles()
        db.session.commit()
    click.echo("The database is up to date.")


@commands.command()
def worker() -> None:
    """Send mails and score, until told to stop."""
    app = create_app()
    # What a worker that died has left is taken up at once, not within the minute.
    app.extensions["soundings_look_round"]()
    app.extensions["soundings_huey"].create_consumer(workers=1, initial_delay=0.1).run()


@commands.command("load-example")
@click.argument("name")
def load_one_example(name: str) -> None:
    """Load the example NAME (service_desk, sales_visits) into this installation."""
    with create_app().app_context():
        sign_ins = load_example(name, utc_now())
        _commit()
    click.echo(f"The example {name} is loaded; the worker scores it.")
    _show_sign_ins(sign_ins)


@commands.command("add-user")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option(
    "--sees",
    multiple=True,
    metavar="UNIT",
    help="Key of a unit that a manager or analyst sees with all below it; may be given several "
    "times. Without it they see the whole company.",
)
def add_user(email: str, name: str, role: str, sees: tuple[str, ...]) -> None:
    """Add a user with a random password, which is shown once."""
    password = random_password()
    with create_app().app_context():
        user, problems = enrol_user(email, name, password, [role])
        if user is None:
            raise SoundingsError(_in_words(problems))
        company = root_unit()
        if company is None:
            raise SoundingsError("There is no company yet. Make it first: soundings set-up")
        if sees and role not in SEEING_UNITS:
            raise SoundingsError(f"--sees is for a manager or an analyst, not for: {role}.")
        set_sight(user, map(unit_by_key, sees) if sees else [company])
        address = user.email
        _commit()
    _show_sign_ins([SignIn(address, name, role, password)])


@commands.command("set-password")
@click.argument("email")
def set_password(email: str) -> None:
    """Give a user a new random password, which is shown once; their sessions end."""
    password = random_password()
    with create_app().app_context():
        problems = change_password(email, password)
        if problems:
            raise SoundingsError(_in_words(problems))
        _commit()
    click.echo(f"  {email}  {password}")


@commands.command()
@click.argument("period")
def score(period: str) -> None:
    """Score PERIOD (2026-07, 2026-Q3, 2026 or 2015-01..2021-03) now and tell where the CSV is."""
    from survey_app.report.jobs import score_now

    app = create_app()
    with app.app_context():
        finished = score_now(period, utc_now())
        click.echo(f"{finished.message} {read_settings().address}/report/runs/{finished.public_id}")


@commands.command("check-migrations")
def check_migrations() -> None:
    """Tell whether the migrations make exactly the tables that the models describe."""
    from survey_app.migrating import check_models

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(read_settings({"SOUNDINGS_HOME": folder}))
        with app.app_context():
            _upgrade()
            check_models()
            db.engine.dispose()


def _upgrade() -> None:
    """Bring the database to the newest migration."""
    # Loaded by the commands that migrate alone.
    from survey_app.migrating import upgrade_database

    try:
        upgrade_database()
    except SystemExit as error:
        # The library has printed its own reason.
        raise SoundingsError(
            "The database does not fit this version of Soundings. Install the version that made "
            "it, or a newer one."
        ) from error


def _prepare(settings: Settings, examples: list[str]) -> list[SignIn]:
    """Migrate, and on the first start set up and load the examples, all in one transaction."""
    _upgrade()
    add_roles()
    if root_unit() is not None:
        db.session.commit()
        return []
    sign_ins = set_up(settings.organisation, utc_now())
    for name in examples:
        click.echo(f"Loading the example {name} …")
        sign_ins += load_example(name, utc_now())
    _commit()
    return sign_ins


def _commit() -> None:
    db.session.commit()
    dispatch_queued()


def _show_sign_ins(sign_ins: list[SignIn]) -> None:
    if not sign_ins:
        return
    click.echo("\nSign-ins (shown this once; only a hash is kept):")
    width = max(len(one.email) for one in sign_ins)
    for one in sign_ins:
        click.echo(f"  {one.email:<{width}}  {one.password}   {one.role}, {one.name}")
    click.echo("")


def _in_words(problems: list[Problem]) -> str:
    return " ".join(problem.message for problem in problems)


if __name__ == "__main__":
    main()
