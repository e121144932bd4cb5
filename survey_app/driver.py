"""The few statements of the pages that are asked for more often than all others, and of each mail.

SQLAlchemy writes such a statement and converts its values, once for each database; the driver is
asked directly, since the way through an execution and its result costs several times what a small
statement does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import Connection, Delete, Dialect, Select, TextClause, Update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey_app.db import READING, db

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]
Change = Update | Delete | TextClause
Statement = Select[Any] | Change

logger = logging.getLogger(__name__)


class _Prepared(NamedTuple):
    """A statement as a driver takes it: its text, the names of its parameters in their order (None:
    it takes them by name), the parameters that it has of its own, what converts the parameters of
    which names, and what converts the values of which columns.
    """

    text: str
    positions: list[str] | None
    fixed: dict[str, Any]
    binds: dict[str, Convert]
    columns: list[tuple[int, Convert]]

    def run(self, cursor: Any, parameters: dict[str, Any]) -> None:
        """Run it on a cursor of the driver."""
        values: Any = self.fixed | parameters
        for name, convert in self.binds.items():
            values[name] = convert(values[name])
        if self.positions is not None:
            values = [values[name] for name in self.positions]
        cursor.execute(self.text, values)

    def row(self, values: Any) -> list[Any] | None:
        """A row as SQLAlchemy gives it; None stays None."""
        if values is None:
            return None
        row = list(values)
        for place, convert in self.columns:
            row[place] = convert(row[place])
        return row


@lru_cache(maxsize=64)
def _prepare(statement: Statement, dialect: Dialect) -> _Prepared:
    compiled = cast("SQLCompiler", statement.compile(dialect=dialect))
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise ValueError(f"The text of this statement changes with its values: {compiled}")
    # What is asked for and not given must be missed, not taken as NULL.
    fixed = {
        name: compiled.params[name]
        for bind, name in compiled.bind_names.items()
        if not bind.required
    }
    binds = {
        name: converter
        for bind, name in compiled.bind_names.items()
        if (converter := bind.type.dialect_impl(dialect).bind_processor(dialect))
    }
    selected = statement.selected_columns if isinstance(statement, Select) else []
    columns = [
        (place, converter)
        for place, column in enumerate(selected)
        if (converter := column.type.dialect_impl(dialect).result_processor(dialect, None))
    ]
    return _Prepared(str(compiled), compiled.positiontup, fixed, binds, columns)


def read_row(statement: Select[Any], parameters: dict[str, Any]) -> list[Any] | None:
    """The first row of a query, in a transaction of its own: for pages that only read."""
    engine = db.engines[READING]
    prepared = _prepare(statement, engine.dialect)
    try:
        return prepared.row(_fetch_first(engine, prepared, parameters))
    except engine.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy knows what each error means; if it was none that lasts, here is the row.
        logger.warning("A query failed and is asked once more: %s", type(error).__name__)
        with engine.connect() as connection:
            found = connection.execute(statement, parameters).first()
        return None if found is None else list(found)


def _fetch_first(engine: Engine, prepared: _Prepared, parameters: dict[str, Any]) -> Any:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        prepared.run(cursor, parameters)
        row = cursor.fetchone()
        cursor.close()
    except BaseException:
        connection.invalidate()
        raise
    connection.close()
    return row


def find_row(
    connection: Connection, statement: Select[Any], parameters: dict[str, Any]
) -> list[Any] | None:
    """The first row of a query, in the transaction that the connection has begun.

    Errors are SQLAlchemy's; after OperationalError roll back first.
    """
    prepared, cursor = _execute(connection, statement, parameters)
    row = cursor.fetchone()
    cursor.close()
    return prepared.row(row)


def write_row(connection: Connection, statement: Change, parameters: dict[str, Any]) -> int:
    """Run a statement that writes a row, in the transaction that the connection has begun, or where
    each statement is one of its own; gives how many rows it wrote.

    Errors are SQLAlchemy's; after OperationalError roll back first. SQLite does not count the rows
    of a statement that begins with WITH.
    """
    _prepared, cursor = _execute(connection, statement, parameters)
    count: int = cursor.rowcount
    cursor.close()
    return count


def _execute(
    connection: Connection, statement: Statement, parameters: dict[str, Any]
) -> tuple[_Prepared, Any]:
    prepared = _prepare(statement, connection.dialect)
    driver = connection.dialect.loaded_dbapi
    try:
        cursor = connection.connection.cursor()
        prepared.run(cursor, parameters)
    except driver.Error as error:
        if isinstance(error, driver.OperationalError):
            # Locked, or the connection is lost: another one is made when it is tried again.
            connection.invalidate(error)
        raise DBAPIError.instance(
            prepared.text,
            None,
            error,
            driver.Error,
            hide_parameters=True,
            dialect=connection.dialect,
        ) from error
    return prepared, cursor
