from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from survey_app.db import db
from survey_app.report.jobs import score_now
from survey_app.report.running import add_run
from tests.command_line.conftest import Told
from tests.factories.scorings import NOW


def test_runs_are_listed_and_shown_and_their_scores_written(
    app: Flask, soundings: Callable[..., Told], tmp_path: Path
) -> None:
    with app.app_context():
        done = score_now("2026-07", NOW).public_id
        waiting, _ = add_run("2026-08", NOW)
        assert waiting is not None
        queued = waiting.public_id
        db.session.commit()
    listed = soundings("runs", "list").out.splitlines()
    assert [line.split()[:3] for line in listed] == [
        [queued, "2026-08", "queued"],
        [done, "2026-07", "done"],
    ]
    assert json.loads(soundings("runs", "show", "2026-07").out)["id"] == done
    written = soundings("scores", done)
    assert written.code == 0, written.err
    assert len(list(csv.DictReader(written.out.splitlines()))) > 10
    file = tmp_path / "scores.csv"
    assert soundings("scores", "2026-07", str(file)).code == 0
    assert file.read_bytes().decode() == written.out
    assert "so there is nothing to download" in soundings("scores", queued).err
    assert soundings("runs", "show", "2020-01").code == 2
