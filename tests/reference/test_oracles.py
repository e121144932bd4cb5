"""Every check of the reference cases: answered within its tolerance, or out of scope by name."""

import importlib
import json
import math
import pkgutil
from typing import Any

import pytest

from tests.reference import answers
from tests.reference.answers import ANSWERS, WithTable
from tests.reference.answers.out_of_scope import OUT_OF_SCOPE
from tests.reference.cases import BESIDE, KEPT, Case, find_case, leaves

for module in pkgutil.iter_modules(answers.__path__):
    importlib.import_module(f"{answers.__name__}.{module.name}")


@pytest.mark.parametrize(("name", "check"), sorted(ANSWERS), ids=str)
def test_the_answer_is_the_reference_within_the_stated_tolerance(name: str, check: str) -> None:
    case, answer = find_case(name), ANSWERS[name, check]
    found = answer.find(case)
    told, rows = (found.expected, found.rows) if isinstance(found, WithTable) else (found, None)
    have = dict(leaves(told))
    asked = case.checks[check]
    for path, expected in leaves(asked["expected"]):
        if any(
            path[: len(left.split("."))] == tuple(left.split(".")) for left in answer.not_offered
        ):
            continue
        assert path in have, f"{'.'.join(path)} is missing"
        _compare(have[path], expected, asked["tolerance"], ".".join(path))
    assert ("expected_table" in asked) == (rows is not None)
    if rows is not None:
        _compare_rows(case, asked, rows)


def _compare_rows(case: Case, asked: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    table = asked["expected_table"]
    wanted = case.table(table["file"])
    assert len(rows) == len(wanted) == table["rows"]
    own = {tuple(str(row[key]) for key in table["key"]): row for row in rows}
    for row in wanted:
        key = tuple(row[name] for name in table["key"])
        for name in table["values"]:
            tolerance = asked.get("tolerances", {}).get(name, asked["tolerance"])
            expected = float(row[name]) if row[name] else None
            _compare(own[key][name], expected, tolerance, f"{'/'.join(key)} {name}")


def _compare(got: Any, expected: Any, tolerance: dict[str, float], place: str) -> None:
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        assert got == expected, place
        return
    assert got is not None, place
    assert not math.isnan(got), place
    assert got == pytest.approx(expected, rel=tolerance["rel"], abs=tolerance["abs"]), place


def test_every_check_is_answered_or_out_of_scope_with_a_reason() -> None:
    folders = {folder.name: folder for where in (BESIDE, KEPT) for folder in where.glob("*/")}
    checks = {
        (name, check["id"])
        for name, folder in folders.items()
        for check in json.loads((folder / "case.json").read_text(encoding="utf-8"))["checks"]
    }
    assert not checks - ANSWERS.keys() - OUT_OF_SCOPE.keys()
    assert not ANSWERS.keys() & OUT_OF_SCOPE.keys()
    assert all(len(reason) > 20 for reason in OUT_OF_SCOPE.values())
    assert all(
        len(reason) > 10 for answer in ANSWERS.values() for reason in answer.not_offered.values()
    )
