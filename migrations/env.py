"""How Alembic reaches the database: through the running app's engine, never through app code."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

database = current_app.extensions["migrate"].db
arguments = dict(current_app.extensions["migrate"].configure_args)


def leave_out_empty(_context, _revision, directives):
    """Write no migration where nothing has changed."""
    if (
        getattr(context.config.cmd_opts, "autogenerate", False)
        and directives[0].upgrade_ops.is_empty()
    ):
        directives[:] = []


def write_plain_types(kind, thing, _context):
    """Write a type of the app's own as the plain type that it is kept as."""
    return f"sa.{thing.impl!r}" if kind == "type" and isinstance(thing, TypeDecorator) else False


def is_described(_thing, name, kind, _reflected, _compared):
    """Leave out what finds contacts by words: each database has it in its own way, no model has."""
    return not (kind in ("table", "index") and (name or "").find("contact_words") >= 0)


arguments.setdefault("include_object", is_described)
arguments.setdefault("process_revision_directives", leave_out_empty)
arguments.setdefault("render_item", write_plain_types)

with database.engine.connect() as connection:
    # SQLite rebuilds a table to change it; rows that point at it must not stop that.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(connection=connection, target_metadata=database.metadata, **arguments)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    # Foreign keys are switched off on this connection: nobody else may get it.
    connection.invalidate()
