from tests.analysis.test_caching import *  # noqa: F403
