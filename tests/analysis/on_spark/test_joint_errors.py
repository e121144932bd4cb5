"""What asks the engine; how votes correlate does not depend on it."""

import pytest

from tests.analysis import test_joint_errors
from tests.analysis.on_spark.conftest import ADDRESS
from tests.analysis.test_joint_errors import (  # noqa: F401
    test_a_gap_votes_with_the_difference,
    test_a_questionnaire_of_older_months_is_found_there,
    test_answers_from_before_a_breaking_change_are_not_pooled,
    test_the_newest_months_are_read_until_there_are_enough,
)


@pytest.fixture(autouse=True)
def _engine(monkeypatch):
    monkeypatch.setattr(test_joint_errors, "ENGINE", ADDRESS)
