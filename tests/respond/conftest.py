"""Fixtures of the tests that answer in a real browser."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.respond.site import Site, serve


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One running installation for all tests of a file; each makes links of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with serve(tmp_path_factory.mktemp("site"), sqlite_template) as running:
        yield running
