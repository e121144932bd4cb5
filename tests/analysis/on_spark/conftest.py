"""The same tests on Spark: the modules here hold those of the engine on one machine, unchanged.

Gaps are declared in the module that has one, with the exception that shows it.
"""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import engines, pipeline

ADDRESS = "local[2]"


@pytest.fixture(scope="session")
def spark() -> Iterator[None]:
    """A session that lasts, so that not every test starts a Java machine."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        if os.environ.get("CI"):
            pytest.fail("Spark needs Java 17 or newer: apt install openjdk-17-jre-headless")
        pytest.skip("Spark needs Java 17 or newer")
    with engines.connected(ADDRESS) as connection:
        yield
        assert connection.name == "pyspark"


@pytest.fixture(autouse=True)
def _on_spark(spark: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pipeline, "connected", lambda engine: engines.connected(ADDRESS))
    yield
    # Spark's Python side leaves sockets to the collector: let it find them while that is no error.
    gc.collect()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:Exception ignored in"))
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))
