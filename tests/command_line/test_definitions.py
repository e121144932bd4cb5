from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

from tests.command_line.conftest import Told
from tests.factories.questionnaires import definition


def test_a_questionnaire_is_published_from_a_file_and_again_as_its_next_version(
    soundings: Callable[..., Told], tmp_path: Path
) -> None:
    file = tmp_path / "q.json"
    file.write_text(json.dumps(definition()), encoding="utf-8")
    first = soundings("questionnaires", "publish", str(file))
    assert first.out == "visit_feedback is published as version 1.\n", first.err
    same = soundings("questionnaires", "publish", str(file))
    assert (same.code, "the same as version 1" in same.err) == (2, True)
    file.write_text(json.dumps(definition(title="Another title")), encoding="utf-8")
    assert soundings("questionnaires", "publish", str(file)).out.endswith("version 2.\n")
    listed = soundings("questionnaires", "list").out
    assert "visit_feedback  Another title (version 2)" in listed


def test_a_questionnaire_that_is_wrong_is_not_begun(
    soundings: Callable[..., Told], tmp_path: Path
) -> None:
    file = tmp_path / "q.json"
    empty = [{"id": "s", "title": "", "questions": []}]
    file.write_text(json.dumps(definition(sections=empty)), encoding="utf-8")
    told = soundings("questionnaires", "publish", str(file))
    assert told.code == 2
    assert told.err.startswith("soundings: ")
    assert "visit_feedback" not in soundings("questionnaires", "list").out


def test_kpis_go_out_as_a_scorebook_and_come_in_again(
    soundings: Callable[..., Told], tmp_path: Path
) -> None:
    file = tmp_path / "book.yaml"
    assert soundings("kpis", "export", str(file)).code == 0
    assert soundings("kpis", "import", str(file)).out == "Nothing in the file is new.\n"
    text = file.read_text(encoding="utf-8")
    assert soundings("kpis", "export").out == text
    file.write_text(text.replace("Rating of the visit", "How it was"), encoding="utf-8")
    assert "1 KPI versions" in soundings("kpis", "import", str(file)).out


def test_targets_go_out_as_csv_and_come_in_again(
    soundings: Callable[..., Told], tmp_path: Path
) -> None:
    file = tmp_path / "targets.csv"
    exported = soundings("targets", "export")
    file.write_text(exported.out, encoding="utf-8", newline="")
    rows = list(csv.DictReader(exported.out.splitlines()))
    assert [(row["kpi"], row["scope"], row["value"]) for row in rows] == [
        ("mean_q1", "", "4.9"),
        ("sales", "", "120.0"),
        ("sales", "ben", "60.0"),
    ]
    assert soundings("targets", "import", str(file)).out == "The file's targets hold now: 3.\n"
    assert soundings("targets", "export").out == exported.out
    file.write_text("kpi,scope_type,scope,value,valid_from\nnone,all,,1,2099-01-01\n")
    told = soundings("targets", "import", str(file))
    assert (told.code, "There is no KPI" in told.err) == (2, True)
