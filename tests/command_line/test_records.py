from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.command_line.conftest import Told


def lines(told: Told) -> list[Any]:
    assert told.code == 0, told.err
    return [json.loads(line) for line in told.out.splitlines()]


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_figures_are_looked_at_imported_and_listed(
    soundings: Callable[..., Told], tmp_path: Path
) -> None:
    before = lines(soundings("figures", "list"))
    file = written(tmp_path, "f.csv", "measure,unit,period,value\nsales,leasing,2026-01,-5\n")
    assert soundings("figures", "import", file, "--dry-run").out == (
        "Would be: 1 new, 0 replaced, 0 unchanged.\n"
    )
    assert lines(soundings("figures", "list")) == before
    assert soundings("figures", "import", file).out == "Imported: 1 new, 0 replaced, 0 unchanged.\n"
    added = [one for one in lines(soundings("figures", "list")) if one not in before]
    assert [(one["period"], one["value"], one["unit"]) for one in added] == [
        ("2026-01", -5.0, "leasing")
    ]


def test_every_problem_of_a_file_is_a_line_and_nothing_is_stored(
    soundings: Callable[..., Told], tmp_path: Path
) -> None:
    before = soundings("figures", "list").out
    file = written(
        tmp_path,
        "f.csv",
        "measure,unit,period,value\nsales,leasing,2026-01,1\nsails,leasing,2026-02,x\n",
    )
    told = soundings("figures", "import", file)
    assert (told.code, told.out) == (2, "")
    sentences = told.err.splitlines()
    assert len(sentences) == 2
    assert all(one.startswith("soundings: row 3, column ") for one in sentences)
    assert soundings("figures", "list").out == before


def test_an_import_of_contacts_is_looked_at_first_and_can_be_undone(
    soundings: Callable[..., Told], tmp_path: Path
) -> None:
    before = soundings("contacts", "list").out
    file = written(tmp_path, "u.csv", "email,external_id\numa@example.org,U-1\n")
    assert soundings("contacts", "import", file, "--dry-run").out == (
        "Would be: 1 added, 0 updated, 0 unchanged.\n"
    )
    assert soundings("contacts", "list").out == before
    assert soundings("contacts", "import", file).code == 0
    moved = written(tmp_path, "m.csv", "email,external_id\numa@example.net,U-1\n")
    told = soundings("contacts", "import", moved, "--key", "external_id")
    assert told.out == "0 added, 1 updated, 0 unchanged.\n"
    numbers = [line.split()[0] for line in soundings("contacts", "imports").out.splitlines()]
    assert len(numbers) >= 2
    for number in numbers[:2]:
        told = soundings("contacts", "undo", number)
        assert told.out == f"The import {number} is taken back.\n", told.err
    assert soundings("contacts", "undo", numbers[0]).code == 2
    assert soundings("contacts", "list").out == before
    bad = written(tmp_path, "b.csv", "email\nnobody\n")
    told = soundings("contacts", "import", bad)
    assert told.code == 2
    assert "row 2, column email" in told.err
    assert soundings("contacts", "list").out == before


def test_contacts_are_imported_and_listed(soundings: Callable[..., Told], tmp_path: Path) -> None:
    file = written(tmp_path, "c.csv", "email,unit,city\nmia@example.org,leasing,Bern\n")
    assert soundings("contacts", "import", file).out == "1 added, 0 updated, 0 unchanged.\n"
    mia = lines(soundings("contacts", "list"))[0]
    assert (mia["email"], mia["unit"], mia["attributes"]) == (
        "mia@example.org",
        "leasing",
        {"city": "Bern"},
    )


def test_answers_are_imported_and_listed(soundings: Callable[..., Told], tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "who,rating,when\nr1,4,2026-06-30T12:00Z\n")
    mapping = written(
        tmp_path, "m.yaml", "respondent: who\nanswered_at: when\nquestions: {q1: rating}\n"
    )
    before = lines(soundings("answers", "list", "feedback"))
    done = soundings("answers", "import", "feedback", file, "--mapping", mapping)
    assert done.out == "1 responses were imported.\n"
    added = [one for one in lines(soundings("answers", "list", "feedback")) if one not in before]
    assert [(one["source_id"], one["answers"]["q1"]) for one in added] == [
        ("feedback/r1", {"value": 4})
    ]
    assert soundings("answers", "list", "nothing").code == 2


def test_visits_are_imported_and_listed(soundings: Callable[..., Told], tmp_path: Path) -> None:
    before = lines(soundings("visits", "list", "visit"))
    file = written(
        tmp_path,
        "v.csv",
        "external_id,started_at,unit,ended_at,outcome\n"
        "t1,2026-07-01T08:00Z,leasing,2026-07-01T08:05Z,left\n",
    )
    assert soundings("visits", "import", "visit", file).out == "Visits of v.csv: 1 added.\n"
    added = [one for one in lines(soundings("visits", "list", "visit")) if one not in before]
    assert [(one["external_id"], one["outcome"]) for one in added] == [("t1", "left")]
