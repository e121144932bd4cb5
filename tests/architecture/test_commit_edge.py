"""Only the edges commit: everything else leaves the transaction to them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EDGES = {"web.py", "jobs.py", "cli.py", "command_edge.py", "loading.py"}


def commits_in(source: str) -> list[int]:
    """Line numbers at which `something.commit` or `engine.begin` is reached for."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and (
            node.attr == "commit"
            or (
                node.attr == "begin"
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "engine"
            )
        )
    ]


def test_only_edges_commit() -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "survey_app").rglob("*.py"))
        if path.name not in EDGES
        for line in commits_in(path.read_text(encoding="utf-8"))
    ]
    assert strays == []


def test_the_web_edge_commits_in_one_place() -> None:
    assert len(commits_in((ROOT / "survey_app/web.py").read_text(encoding="utf-8"))) == 1


@pytest.mark.parametrize("source", ["db.session.commit()", "db.engine.begin()", "f = s.commit"])
def test_a_commit_is_seen(source: str) -> None:
    assert commits_in(source) == [1]
