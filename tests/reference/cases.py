"""Reference cases: real data with answers from established statistical software.

Cases whose licence allows it are kept in ``data``. The others lie beside the checkout, in
``../shared/oracles``; where that folder is absent, their tests are skipped.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

KEPT = Path(__file__).parent / "data"
BESIDE = Path(__file__).parents[3] / "shared" / "oracles"


@dataclass(frozen=True)
class Case:
    rows: list[dict[str, str]]
    checks: dict[str, dict[str, Any]]

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


def _read(folder: Path) -> Case:
    text = (folder / "case.json").read_text(encoding="utf-8")
    checks = {check["id"]: check for check in json.loads(text)["checks"]}
    with (folder / "data.csv").open(encoding="utf-8", newline="") as stream:
        return Case(list(csv.DictReader(stream)), checks)
