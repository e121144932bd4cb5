from tests.analysis.test_pipeline import *  # noqa: F403
