"""The engine that reduces facts to tallies: the only file that names one."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import duckdb
import ibis
from ibis.backends.duckdb import Backend

Connection: TypeAlias = Backend
# What the engine raises where it cannot read what it was given.
EngineError: TypeAlias = duckdb.Error

ENGINES = ("duckdb",)
DEFAULT_ENGINE = ENGINES[0]


@contextmanager
def connected(engine: str) -> Iterator[Connection]:
    """A connection of its own, closed at the end; raises ValueError for an unknown engine.

    What does not fit into memory goes to a temporary folder that is removed with the connection.
    """
    if engine not in ENGINES:
        raise ValueError(f"There is no engine '{engine}'. Choose {' or '.join(ENGINES)}.")
    with tempfile.TemporaryDirectory(prefix="soundings-") as spill:
        connection = ibis.duckdb.connect(temp_directory=spill)
        try:
            connection.raw_sql("SET TimeZone = 'UTC'")
            connection.raw_sql("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.disconnect()


def read_months(connection: Connection, files: Sequence[Path]) -> ibis.Table:
    """One table of many files in month=YYYY-MM folders, with the text column ``month``."""
    return connection.read_parquet(
        [str(file) for file in files], hive_partitioning=True, hive_types_autocast=False
    )
