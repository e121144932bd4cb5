from tests.analysis.test_changes import *  # noqa: F403
