import pytest

from tests.analysis import test_joint_errors
from tests.analysis.on_spark.conftest import ADDRESS
from tests.analysis.test_joint_errors import *  # noqa: F403


@pytest.fixture(autouse=True)
def _engine(monkeypatch):
    monkeypatch.setattr(test_joint_errors, "ENGINE", ADDRESS)
