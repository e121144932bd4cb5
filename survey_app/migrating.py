"""Bringing the database to the newest migration.

Alembic is loaded here and nowhere else: it would take a tenth of the memory of each web process,
which has no use for it.
"""

from __future__ import annotations

import flask_migrate
from flask import current_app

from survey_app.config import shipped
from survey_app.db import db


def upgrade_database() -> None:
    """Bring the app's database to the newest migration; exits where it is of a newer version."""
    _find_migrations()
    flask_migrate.upgrade()


def downgrade_database(revision: str) -> None:
    """Take the migrations behind this one back."""
    _find_migrations()
    flask_migrate.downgrade(revision=revision)


def check_models() -> None:
    """Exits where the models describe other tables than the migrations have made."""
    _find_migrations()
    flask_migrate.check()


def _find_migrations() -> None:
    flask_migrate.Migrate(
        current_app,
        db,
        directory=str(shipped("migrations")),
        render_as_batch=True,
        compare_type=True,
    )
