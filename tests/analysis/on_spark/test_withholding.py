from tests.analysis.test_withholding import *  # noqa: F403
