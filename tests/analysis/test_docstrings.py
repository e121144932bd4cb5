"""Every example in a docstring of the analysis runs and prints what it says."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import analysis

MODULES = sorted(
    module.name for module in pkgutil.iter_modules(analysis.__path__) if module.name != "__main__"
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name: str) -> None:
    module = importlib.import_module(f"analysis.{name}")
    with np.printoptions(precision=6, suppress=True):
        result = doctest.testmod(
            module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
        )
    assert result.failed == 0
