"""Reference cases: real data with answers from established statistical software.

Cases whose licence allows it are kept in ``data``. The others lie beside the checkout, in
``../shared/oracles``; where that folder is absent, their tests are skipped.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

KEPT = Path(__file__).parent / "data"
BESIDE = Path(__file__).parents[3] / "shared" / "oracles"

Leaf = float | int | str | bool | None


@dataclass(frozen=True)
class Case:
    folder: Path
    checks: dict[str, dict[str, Any]]

    @property
    def rows(self) -> list[dict[str, str]]:
        return self.table("data.csv")

    def table(self, file: str) -> list[dict[str, str]]:
        """The rows of one of the case's files, every cell as text."""
        return _table(self.folder / file)

    def column(self, name: str, file: str = "data.csv") -> np.ndarray:
        """A column of numbers, NaN where a cell is empty."""
        return np.array([float(row[name]) if row[name] else np.nan for row in self.table(file)])

    def words(self, name: str, file: str = "data.csv") -> np.ndarray:
        """A column of texts."""
        return np.array([row[name] for row in self.table(file)])

    def expected(self, check: str) -> Any:
        return self.checks[check]["expected"]

    def near(self, check: str, value: float) -> Any:
        """The value with the tolerance that the check allows."""
        tolerance = self.checks[check]["tolerance"]
        return pytest.approx(value, rel=tolerance["rel"], abs=tolerance["abs"])


def kept_case(name: str) -> Case:
    return _read(KEPT / name)


def case_beside(name: str) -> Case:
    if not (BESIDE / name).is_dir():
        pytest.skip(f"{name} may not be copied here (GPL) and is not at ../shared/oracles")
    return _read(BESIDE / name)


def find_case(name: str) -> Case:
    """The case kept here, else the one beside the checkout; skips the test if there is neither."""
    return kept_case(name) if (KEPT / name).is_dir() else case_beside(name)


def leaves(answer: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """Every number, text or null of a nested answer, with the keys that lead to it."""
    if isinstance(answer, Mapping):
        for key, value in answer.items():
            yield from leaves(value, (*path, str(key)))
    elif isinstance(answer, list | tuple | np.ndarray):
        for number, value in enumerate(answer):
            yield from leaves(value, (*path, str(number)))
    else:
        yield path, answer


@cache
def _read(folder: Path) -> Case:
    text = (folder / "case.json").read_text(encoding="utf-8")
    checks = {check["id"]: check for check in json.loads(text)["checks"]}
    return Case(folder, checks)


@cache
def _table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
