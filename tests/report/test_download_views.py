"""Downloads of scores: the same bytes for the same sight, never more than may be seen."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pyarrow.parquet as pq
import pytest
from flask import Flask
from flask.testing import FlaskClient

from analysis import workbooks
from analysis.export import COLUMNS
from analysis.goals import GOAL_COLUMNS
from analysis.kpi import read_scorebook
from survey_app.db import db
from survey_app.organisation.arranging import grant_sight
from survey_app.organisation.models import Representative
from survey_app.report.models import GoalRow, ScoreRow, ScoreRun
from survey_app.report.queries import SeenResults
from survey_app.report.score_files import stream_scores, write_scores
from tests.factories.people import add_user, sign_in
from tests.factories.reports import make_scored_july
from tests.factories.scorings import unit

FORMATS = ("csv", "parquet", "xlsx", "zip")
NAMES = (*(f"scores.{one}" for one in FORMATS), "goals.csv")
EVERYTHING = SeenResults(True, ())


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_scored_july


@pytest.fixture
def run_id(app: Flask) -> str:
    """A scored July; a manager and an analyst of everything, a manager of Sales, and Anna."""
    with app.app_context():
        for address, role, key in (
            ("manager@example.org", "manager", "company"),
            ("analyst@example.org", "analyst", "company"),
            ("sales@example.org", "manager", "sales"),
        ):
            grant_sight(add_user(role, address), unit(key))
        anna = db.session.query(Representative).filter_by(key="anna").one()
        anna.user = add_user("representative", "anna@example.org")
        db.session.commit()
        public_id = db.session.query(ScoreRun).one().public_id
        add_goal_rows()
        db.session.commit()
        return public_id


def add_goal_rows() -> None:
    """A row of each goal for everybody, Sales, Leasing and Anna."""
    run = db.session.query(ScoreRun).one()
    db.session.query(GoalRow).delete()
    scores = db.session.query(ScoreRow).order_by(ScoreRow.position)
    scopes = {(row.scope_type, row.scope_id): row.document for row in scores}
    position = 0
    for goal in ("quality", "trade"):
        for scope in (
            ("all", ""),
            ("unit", "sales"),
            ("unit", "leasing"),
            ("representative", "anna"),
        ):
            score = scopes[scope]
            document: dict[str, Any] = {name: score.get(name, "") for name in GOAL_COLUMNS}
            document |= {"goal_id": goal, "goal_name": goal.title(), "aggregation": "arithmetic"}
            document |= dict.fromkeys(("score_low", "score_high", "ci_level", "target"))
            document |= {"weight": 1.0, "score": 61.25, "coverage": 1.0, "least_coverage": 0.5}
            document |= {"chance_met": None, "worst_kpi_id": "", "worst_score": None}
            document |= {"kpis": 3, "kpis_without_interval": 0}
            db.session.add(
                GoalRow(
                    run_id=run.id,
                    position=position,
                    goal_id=goal,
                    scope_type=scope[0],
                    scope_id=scope[1],
                    window=score["window"],
                    document=document,
                )
            )
            position += 1


def fetch(client: FlaskClient, run_id: str, name: str) -> bytes:
    """A file of a run."""
    answer = client.get(f"/report/runs/{run_id}/{name}")
    assert answer.status_code == 200
    return answer.data


def read_csv(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV, with or without its mark."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def scopes_of(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["scope_type"], row["scope_id"] or "") for row in rows}


@pytest.mark.parametrize(
    ("who", "scopes"),
    [
        ("anna", {("representative", "anna")}),
        ("sales", {("unit", "sales"), ("representative", "ben")}),
    ],
)
def test_nobody_gets_rows_or_targets_out_of_sight_in_any_form(
    who: str, scopes: set[tuple[str, str]], app: Flask, run_id: str
) -> None:
    client = sign_in(app, f"{who}@example.org")
    assert scopes_of(read_csv(fetch(client, run_id, "scores.csv"))) == scopes
    assert scopes_of(read_csv(fetch(client, run_id, "goals.csv"))) == scopes & {
        *(("unit", "sales"), ("representative", "anna"))
    }
    table = pq.read_table(io.BytesIO(fetch(client, run_id, "scores.parquet")))
    assert scopes_of(table.to_pylist()) == scopes
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, run_id, "scores.xlsx")))
    head, *rows = book["Scores"].iter_rows(values_only=True)
    assert scopes_of([dict(zip(head, row, strict=True)) for row in rows]) == scopes
    files = unpack(fetch(client, run_id, "scores.zip"))
    assert scopes_of(read_csv(files["scores.csv"])) == scopes
    targets = [row["scope_id"] for row in read_csv(files["targets.csv"])]
    # Everybody's two hold for all; the third is Ben's, who works in Sales.
    assert targets == (["", ""] if who == "anna" else ["", "", "ben"])
    everything = b"".join(files.values()).decode()
    for foreign in {"Ben Roth", "Anna Weber", "Leasing"} - (
        {"Anna Weber"} if who == "anna" else {"Ben Roth"}
    ):
        assert foreign not in everything


def test_who_has_no_sight_gets_files_without_rows(app: Flask, run_id: str) -> None:
    with app.app_context():
        add_user("representative", "nobody@example.org")
        db.session.commit()
    client = sign_in(app, "nobody@example.org")
    files = unpack(fetch(client, run_id, "scores.zip"))
    for name in ("scores.csv", "goal_scores.csv", "kpi_definitions.csv", "targets.csv"):
        assert read_csv(files[name]) == []
    assert pq.read_table(io.BytesIO(fetch(client, run_id, "scores.parquet"))).num_rows == 0
    assert fetch(client, run_id, "scores.xlsx")


def test_frictionless_accepts_the_package_of_everybody(
    app: Flask, run_id: str, tmp_path: Path
) -> None:
    for who in ("manager", "sales", "anna"):
        data = fetch(sign_in(app, f"{who}@example.org"), run_id, "scores.zip")
        (tmp_path / "scores.zip").write_bytes(data)
        report = frictionless.validate(str(tmp_path / "scores.zip"), type="package")
        assert report.valid, report.flatten(["name", "fieldName", "message"])


def test_the_same_sight_gets_the_same_bytes_at_every_download(app: Flask, run_id: str) -> None:
    for name in NAMES:
        first = fetch(sign_in(app, "manager@example.org"), run_id, name)
        assert fetch(sign_in(app, "manager@example.org"), run_id, name) == first
        assert fetch(sign_in(app, "analyst@example.org"), run_id, name) == first
        assert fetch(sign_in(app, "sales@example.org"), run_id, name) != first


def test_who_has_the_file_is_told_so_and_nothing_is_made(
    app: Flask, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(app, "manager@example.org")
    # Read to their end, as a server does: a response that waits holds its request open.
    firsts = {}
    for name in NAMES:
        firsts[name] = client.get(f"/report/runs/{run_id}/{name}")
        assert firsts[name].data
    for broken in ("stream_scores", "stream_goals"):
        monkeypatch.setattr(f"survey_app.report.download_views.{broken}", None)
    for name, first in firsts.items():
        address, tag = f"/report/runs/{run_id}/{name}", first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        head = client.head(address)
        assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
        assert head.headers["Content-Type"] == first.headers["Content-Type"]
        assert head.headers["Content-Disposition"] == first.headers["Content-Disposition"]
        assert "Content-Length" not in head.headers
        other = sign_in(app, "anna@example.org").head(address, headers={"If-None-Match": tag})
        assert other.status_code == 200
        assert other.headers["ETag"] != tag


def test_every_form_of_a_run_has_its_own_tag(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    names = [*(f"scores.{one}" for one in FORMATS), "goals.csv"]
    assert (
        len({client.head(f"/report/runs/{run_id}/{name}").headers["ETag"] for name in names}) == 5
    )


def test_names_tell_period_and_run(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    for name, kept in (
        ("scores.csv", f"scores_2026-07_{run_id[:8]}.csv"),
        ("scores.zip", f"scores_2026-07_{run_id[:8]}.zip"),
        ("goals.csv", f"goal_scores_2026-07_{run_id[:8]}.csv"),
        ("scorebook.yaml", f"scorebook_2026-07_{run_id[:8]}.yaml"),
    ):
        told = client.head(f"/report/runs/{run_id}/{name}").headers["Content-Disposition"]
        assert told == f'attachment; filename="{kept}"'


def test_only_the_csv_of_the_button_has_a_byte_order_mark(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    assert fetch(client, run_id, "scores.csv").startswith(b"\xef\xbb\xbfrun_id,")
    assert fetch(client, run_id, "goals.csv").startswith(b"\xef\xbb\xbfrun_id,")
    files = unpack(fetch(client, run_id, "scores.zip"))
    assert files["scores.csv"].startswith(b"run_id,")
    assert files["scores.csv"] == fetch(client, run_id, "scores.csv")[3:]
    assert files["goal_scores.csv"] == fetch(client, run_id, "goals.csv")[3:]


def test_all_forms_have_the_same_numbers(app: Flask, run_id: str) -> None:
    client = sign_in(app, "manager@example.org")
    told = [row["value"] for row in read_csv(fetch(client, run_id, "scores.csv"))]
    # (5 + 4 + 4 + 2 + 3 + 1 + 5) / 7 answers.
    assert told[0] == repr(24 / 7)
    table = pq.read_table(io.BytesIO(fetch(client, run_id, "scores.parquet")))
    assert ["" if one is None else repr(one) for one in table["value"].to_pylist()] == told
    sheet = openpyxl.load_workbook(io.BytesIO(fetch(client, run_id, "scores.xlsx")))["Scores"]
    place = COLUMNS.index("value")
    column = [row[place] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert ["" if one is None else repr(one) for one in column] == told


def test_the_package_tells_what_the_run_was_made_from(app: Flask, run_id: str) -> None:
    words = unpack(fetch(sign_in(app, "manager@example.org"), run_id, "scores.zip"))["README.txt"]
    with app.app_context():
        run = db.session.query(ScoreRun).one()
        for told in (run.public_id, run.facts_hash, run.code_version, run.engine, str(run.seed)):
            assert told in words.decode()


def test_dimensions_of_the_rows_are_columns_of_every_form(app: Flask, run_id: str) -> None:
    with app.app_context():
        for row in db.session.query(ScoreRow):
            row.document = row.document | {"dim_segment": "gold"}
        db.session.commit()
    client = sign_in(app, "anna@example.org")
    assert {row["dim_segment"] for row in read_csv(fetch(client, run_id, "scores.csv"))} == {"gold"}
    table = pq.read_table(io.BytesIO(fetch(client, run_id, "scores.parquet")))
    assert table.column_names[COLUMNS.index("scope_name") + 1] == "dim_segment"
    assert b'"dim_segment"' in unpack(fetch(client, run_id, "scores.zip"))["datapackage.json"]


def test_a_run_without_scores_has_no_files(app: Flask, run_id: str) -> None:
    with app.app_context():
        db.session.query(ScoreRun).one().state = "failed"
        db.session.commit()
    client = sign_in(app, "manager@example.org")
    for name in NAMES:
        assert client.get(f"/report/runs/{run_id}/{name}").status_code == 409
        assert client.head(f"/report/runs/{run_id}/{name}").status_code == 409


def test_a_run_too_long_for_a_workbook_says_what_to_take(
    app: Flask, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 5)
    answer = sign_in(app, "manager@example.org").get(f"/report/runs/{run_id}/scores.xlsx")
    assert answer.status_code == 409
    assert "Take Parquet or CSV" in answer.text


def test_the_step_of_the_command_line_writes_the_same_without_a_mark(
    app: Flask, run_id: str
) -> None:
    client = sign_in(app, "manager@example.org")
    for format in FORMATS:
        written = io.BytesIO()
        with app.app_context():
            write_scores(db.session.query(ScoreRun).one(), EVERYTHING, format, written)
        sent = fetch(client, run_id, f"scores.{format}")
        assert written.getvalue() == sent.removeprefix(b"\xef\xbb\xbf")


def test_the_page_of_the_run_offers_every_form(app: Flask, run_id: str) -> None:
    page = sign_in(app, "anna@example.org").get(f"/report/runs/{run_id}").text
    for name in NAMES:
        assert f'href="/report/runs/{run_id}/{name}"' in page


def test_the_pinned_scorebook_stays_with_who_sees_everybody(app: Flask, run_id: str) -> None:
    address = f"/report/runs/{run_id}/scorebook.yaml"
    book = read_scorebook(sign_in(app, "analyst@example.org").get(address).text)
    assert len(book.targets) == 3
    assert sign_in(app, "sales@example.org").get(address).status_code == 403


def test_many_rows_are_sent_in_constant_memory(app: Flask, run_id: str) -> None:
    with app.app_context():
        run = db.session.query(ScoreRun).one()
        document = db.session.query(ScoreRow).first().document  # type: ignore[union-attr]
        # Once in vain: modules that are loaded, statements that are compiled.
        peaks = [peak_of(run)]
        for first, last in ((1000, 3000), (3000, 6000)):
            db.session.bulk_insert_mappings(
                ScoreRow.__mapper__,
                [
                    {
                        "run_id": run.id,
                        "position": position,
                        "kpi_id": "k",
                        "scope_type": "all",
                        "scope_id": "",
                        "window": "period",
                        "document": document,
                    }
                    for position in range(first, last)
                ],
            )
            db.session.commit()
            peaks.append(peak_of(run))
        # Twice the rows, and no more than half a megabyte more.
        assert peaks[2] < peaks[1] + 500_000


def peak_of(run: ScoreRun) -> int:
    """The most memory at a time while a file is made, in bytes."""
    tracemalloc.start()
    for _chunk in stream_scores(run, EVERYTHING, "csv"):
        pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
