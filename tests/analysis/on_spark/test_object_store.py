"""A gap: Spark reads an object store through a connector of its own, which no wheel brings."""

import pytest

from analysis.engines import EngineError
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, book, kpi
from tests.analysis.test_object_store import store  # noqa: F401


def test_without_its_connector_spark_says_that_it_knows_no_such_store(store):  # noqa: F811
    _, address = store
    with pytest.raises(EngineError, match="No FileSystem for scheme"):
        score_kpis(address, book(kpi()), Period.parse("2026-07"), now=AFTER, seed=1)
