from tests.analysis.test_series import *  # noqa: F403
