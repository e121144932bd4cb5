"""The engines that reduce facts to tallies: the only file that names one.

An engine is ``duckdb``, on this machine, or Spark: ``local[2]`` on this machine,
``spark://host:7077`` on a cluster, ``sc://host`` through Spark Connect. Whatever is asked of
them is written once, for both.
"""

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import duckdb
import ibis
import ibis.backends.duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from ibis.backends import BaseBackend

from analysis.facts import FactFile, FactsFolder

Connection: TypeAlias = BaseBackend

DEFAULT_ENGINE = "duckdb"
SPARK = ("local[", "spark://", "sc://", "yarn", "k8s://")
# DuckDB's share of a machine: a tally's groups fit into much less, and the pages live there too.
MEMORY = "1200MB"


class UnknownEngine(ValueError):
    """There is no such engine here; the message is a sentence."""


class EngineError(RuntimeError):
    """The engine could not read or count what it was given; the message is a sentence."""


@contextmanager
def connected(engine: str) -> Iterator[Connection]:
    """A connection of its own, closed at the end.

    What does not fit into memory goes to a temporary folder that is removed with the connection.

    Raises
    ------
    UnknownEngine
        For an unknown engine, or Spark without its package or without Java.
    EngineError
        For whatever the engine cannot do with the facts.
    """
    if engine == DEFAULT_ENGINE:
        with _connected_to_duckdb() as connection:
            yield connection
    elif engine.startswith(SPARK):
        with _connected_to_spark(engine) as connection:
            yield connection
    else:
        raise UnknownEngine(
            f"There is no engine '{engine}'. Choose {DEFAULT_ENGINE}, or Spark by its address "
            "(local[2], spark://host:7077, sc://host)."
        )


@contextmanager
def _connected_to_duckdb() -> Iterator[Connection]:
    with tempfile.TemporaryDirectory(prefix="soundings-") as spill:
        connection = ibis.duckdb.connect(temp_directory=spill, memory_limit=MEMORY)
        try:
            connection.raw_sql("SET TimeZone = 'UTC'")
            connection.raw_sql("SET enable_progress_bar = false")
            connection.raw_sql("SET preserve_insertion_order = false")
            yield connection
        except duckdb.Error as error:
            raise EngineError(" ".join(str(error).split())) from error
        finally:
            connection.disconnect()


@contextmanager
def _connected_to_spark(address: str) -> Iterator[Connection]:
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UnknownEngine(
            "Spark is not installed. Install the package with its extra: soundings[spark]."
        ) from error
    running = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("soundings")
    builder = builder.remote(address) if address.startswith("sc://") else builder.master(address)
    for key, value in SPARK_SETTINGS.items():
        builder = builder.config(key, value)
    if address.startswith("local"):
        # A cluster chooses by itself; on one machine many small parts only cost.
        builder = builder.config("spark.sql.shuffle.partitions", "4")
    try:
        session = builder.getOrCreate()
    except PySparkException as error:
        raise UnknownEngine(
            f"Spark at {address} could not be started: {error}. It needs Java 17 or newer."
        ) from error
    try:
        yield ibis.pyspark.connect(session)
    except (PySparkException, Py4JError) as error:
        raise EngineError(" ".join(str(error).split())[:1000]) from error
    finally:
        # A session that was there before belongs to whoever started it.
        if running is None:
            session.stop()


SPARK_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    # A month such as 2026-07 stays the text it is.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def read_files(
    connection: Connection, folder: FactsFolder, files: Sequence[FactFile]
) -> ibis.Table:
    """One table of many files in month=YYYY-MM folders, with the text column ``month``."""
    paths = [file.path for file in files]
    differ = len({file.dimensions for file in files}) > 1
    if connection.name == "pyspark":
        return _read_with_spark(connection, folder, paths, differ)
    if folder.is_local:
        return connection.read_parquet(
            paths, hive_partitioning=True, hive_types_autocast=False, union_by_name=differ
        )
    # An object store is read through Arrow, which every engine on this machine can scan.
    dataset = ds.dataset(
        paths,
        format="parquet",
        filesystem=folder.filesystem,
        partitioning=ds.partitioning(pa.schema([("month", pa.string())]), flavor="hive"),
    )
    return _register(connection, dataset)


def perhaps_nan(file: FactFile) -> frozenset[str]:
    """Columns of a file that look constant, but for NaN that may be among their numbers.

    DuckDB counts a column's different values exactly and NaN as one; other writers may estimate
    them, or pass over NaN.
    """
    counts = str(file.metadata.created_by).startswith("DuckDB")
    return file.statistics.numbers - (file.statistics.single if counts else frozenset())


def put_table(connection: Connection, rows: pa.Table) -> ibis.Table:
    """A small table of rows, on the engine for as long as the connection lasts."""
    if connection.name == "pyspark":
        return _view(connection, connection._session.createDataFrame(rows))
    return _register(connection, rows)


def _register(connection: Any, rows: pa.Table | ds.Dataset) -> ibis.Table:
    name = f"soundings_{uuid.uuid4().hex}"
    connection.con.register(name, rows)
    return connection.table(name)


def _view(connection: Any, frame: Any) -> ibis.Table:
    name = f"soundings_{uuid.uuid4().hex}"
    frame.createOrReplaceTempView(name)
    return connection.table(name)


def _read_with_spark(
    connection: Any, folder: FactsFolder, paths: list[str], differ: bool
) -> ibis.Table:
    # Spark has its own readers for object stores, which want the store's scheme.
    scheme = "" if folder.is_local else f"{folder.location.partition('://')[0]}://"
    base = paths[0].partition("/month=")[0]
    frame = (
        connection._session.read.option("basePath", scheme + base)
        .option("mergeSchema", str(differ).lower())
        .parquet(*(scheme + path for path in paths))
    )
    return _view(connection, frame)


def fetch(connection: Connection, table: ibis.Table) -> pa.Table:
    """The rows of a query."""
    if connection.name == "pyspark":
        # ibis itself would lead them through pandas, which knows no NULL among whole numbers.
        return connection._session.sql(_sql(connection, table)).toArrow()
    return connection.to_pyarrow(table)


def _sql(connection: Connection, table: ibis.Table) -> str:
    return str(ibis.to_sql(table, dialect=connection.name))


def explain(connection: Connection, table: ibis.Table) -> str:
    """The SQL of a query and the engine's own plan for it."""
    sql = _sql(connection, table)
    if connection.name == "pyspark":
        rows = connection._session.sql(f"EXPLAIN FORMATTED {sql}").collect()
        plan = rows[0][0]
    else:
        plan = connection.raw_sql(f"EXPLAIN {sql}").fetchall()[0][1]
    return f"{sql}\n\n{plan}"
