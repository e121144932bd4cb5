from tests.analysis.test_breakdowns import *  # noqa: F403
