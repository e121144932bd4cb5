"""The command line, as a person runs it."""

import csv
import os
import pty
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import frictionless
import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml

from analysis import scores, workbooks
from analysis.__main__ import main
from tests.analysis.building import answers, document, kpi, target, write_facts

ROOT = Path(__file__).parents[2]


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "analysis", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def place(tmp_path):
    write_facts(tmp_path / "facts", "ratings", answers([8.0, 9.0, 10.0], unit="berne"))
    write_facts(tmp_path / "facts", "ratings", answers([2.0, 3.0, 4.0]), "2026-09")
    text = yaml.safe_dump(document(kpi(scopes=["all", "unit"]), targets=[target(1)]))
    (tmp_path / "book.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_facts_and_a_scorebook_become_a_csv(place):
    given = ["facts", "book.yaml", "-o", "scores.csv", "--windows", "period"]
    done = run(*given, "--now", "2027-01-01T00:00:00Z", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("Wrote 5 rows for 2026-07..2026-09 to scores.csv: 4 met, 1 no_data.\n")
    content = (place / "scores.csv").read_bytes()
    assert content.startswith(b"run_id,")
    with (place / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["value"]) if row["value"] else None for row in rows] == [6, 9, 9, 9, None]
    assert rows[0]["computed_at"] == "2027-01-01T00:00:00+00:00"


def test_the_same_command_writes_the_same_bytes(place, monkeypatch):
    command = ["facts", "book.yaml", "--now", "2027-01-01T00:00:00Z", "--seed", "1"]
    run(*command, "-o", "first.csv", cwd=place)
    monkeypatch.chdir(place)
    assert main([*command, "-o", "second.csv"]) == 0
    assert (place / "first.csv").read_bytes() == (place / "second.csv").read_bytes()


def test_a_period_that_is_not_over_is_provisional(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    command = ["facts", "book.yaml", "-o", "scores.csv", "--period", "2026-07"]
    command += ["--windows", "period"]
    assert main([*command, "--now", "2026-07-15T00:00:00+02:00"]) == 0
    assert capsys.readouterr().out == (
        "Wrote 5 rows for 2026-07 to scores.csv: 1 no_data, 4 provisional.\n"
    )


def test_without_targets_the_rows_are_counted_as_such(place, monkeypatch, capsys):
    (place / "book.yaml").write_text(yaml.safe_dump(document(kpi(scopes=["all"]))))
    monkeypatch.chdir(place)
    command = ["facts", "book.yaml", "-o", "scores.csv", "--now", "2027-01-01T00:00:00Z"]
    assert main([*command, "--windows", "period"]) == 0
    assert capsys.readouterr().out == (
        "Wrote 1 row for 2026-07..2026-09 to scores.csv: 1 no_target.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere", "book.yaml", "-o", "s.csv"], "There is no folder nowhere."),
        (["facts", "nowhere.yaml", "-o", "s.csv"], "The scorebook nowhere.yaml cannot be read"),
        (["facts", "broken.yaml", "-o", "s.csv"], "broken.yaml, line 1, document: "),
        (["facts", "latin.yaml", "-o", "s.csv"], "is not UTF-8 text"),
        (["facts", "book.yaml", "-o", "no/s.csv"], "The file no/s.csv cannot be written"),
        (
            ["facts", "book.yaml", "-o", "s.csv", "--goals", "no/g.csv"],
            "The file no/g.csv cannot be written",
        ),
        (
            ["facts", "book.yaml", "-o", "s.csv", "--goals", "./s.csv"],
            "The file s.csv is the scores and cannot be the goals too.",
        ),
        (
            ["facts", "book.yaml", "-o", "book.yaml"],
            "The file book.yaml is the scorebook and cannot be the scores too.",
        ),
        (
            ["facts", "book.yaml", "-o", "s.csv", "--cache", "book.yaml"],
            "The folder book.yaml for tallies cannot be used",
        ),
        (["facts", "book.yaml", "-o", "s.csv", "--period", "July"], "'July' is not a period."),
        (["facts", "book.yaml", "-o", "s.csv", "--now", "soon"], "'soon' is not a time."),
        (["facts", "book.yaml", "-o", "s.csv", "--now", "2026-07-01"], "has no zone"),
    ],
)
def test_wrong_input_ends_with_2_and_a_sentence(place, monkeypatch, capsys, arguments, sentence):
    (place / "broken.yaml").write_text("format: soundings-scorebook/1\n")
    (place / "latin.yaml").write_bytes("name: Zürich".encode("latin-1"))
    monkeypatch.chdir(place)
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert not (place / "s.csv").exists()


def test_a_command_without_output_says_what_is_missing(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["facts", "book.yaml"])
    assert "one of the arguments -o/--output --explain is required" in capsys.readouterr().err


@pytest.mark.parametrize("seed", ["-1", "many", "1.5"])
def test_a_seed_is_a_whole_number_from_0(capsys, seed):
    with pytest.raises(SystemExit, match="2"):
        main(["facts", "book.yaml", "-o", "s.csv", f"--seed={seed}"])
    assert f"argument --seed: '{seed}' is not a whole number from 0." in capsys.readouterr().err


def test_a_run_that_fails_leaves_the_file_of_the_one_before(place, monkeypatch):
    monkeypatch.chdir(place)
    command = ["facts", "book.yaml", "-o", "scores.csv"]
    assert main(command) == 0
    before = (place / "scores.csv").read_bytes()

    def full(batch):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scores, "_csv_lines", full)
    assert main(command) == 2
    assert (place / "scores.csv").read_bytes() == before
    assert not list(place.glob("scores.csv.*"))


def test_facts_that_cannot_be_counted_end_the_program_without_a_traceback(place):
    write_facts(place / "facts", "ratings", answers([float("nan")]))
    done = run("facts", "book.yaml", "-o", "scores.csv", cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "In the ratings, 1 row cannot be counted: "
        "the value is not a finite number; a missing value must be NULL.\n"
    )


def test_a_damaged_file_and_half_a_character_are_sentences(place):
    damaged = place / "facts" / "ratings" / "month=2026-07" / "facts.parquet"
    content = bytearray(damaged.read_bytes())
    footer = int.from_bytes(content[-8:-4], "little") + 8
    content[4:-footer] = bytes([15]) * (len(content) - footer - 4)
    damaged.write_bytes(content)
    done = run("facts", "book.yaml", "-o", "scores.csv", cwd=place)
    assert done.returncode == 3
    assert done.stderr.startswith("The facts in facts cannot be read: ")
    assert done.stderr.count("\n") == 1
    book = (place / "book.yaml").read_text(encoding="utf-8")
    name = next(line for line in book.splitlines() if "name:" in line).strip("- ")
    (place / "book.yaml").write_text(book.replace(name, 'name: "\\ud800x"', 1), encoding="utf-8")
    done = run("facts", "book.yaml", "-o", "scores.csv", cwd=place)
    assert done.returncode == 2
    assert "holds a control character or half of a character" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_month_can_be_scored_by_itself_over_both_windows(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    command = ["facts", "book.yaml", "-o", "scores.csv", "--now", "2027-01-01T00:00:00Z"]
    assert main([*command, "--period", "2026-Q3", "--each", "month"]) == 0
    # Five scopes, three months, two windows.
    assert "Wrote 30 rows for 2026-07 to 2026-09" in capsys.readouterr().out
    with (place / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["period_label"], row["window"], row["value"]) for row in rows[:6]] == [
        ("2026-07", "period", "9.0"), ("2026-07", "trailing_12_months", "9.0"),
        ("2026-08", "period", ""), ("2026-08", "trailing_12_months", "9.0"),
        ("2026-09", "period", "3.0"), ("2026-09", "trailing_12_months", "6.0"),
    ]  # fmt: skip


def test_the_plan_and_the_sql_can_be_read_and_nothing_is_scored(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    assert main(["facts", "book.yaml", "--explain", "--period", "2026-07"]) == 0
    said = capsys.readouterr().out
    assert "ratings: 1 asked, 1 files, 3 rows" in said
    assert "GROUP BY" in said
    assert "READ_PARQUET" in said.upper()
    assert not (place / "scores.csv").exists()


def test_counted_months_are_found_again_in_the_cache(place, monkeypatch):
    monkeypatch.chdir(place)
    command = ["facts", "book.yaml", "--cache", "kept", "--now", "2027-01-01T00:00:00Z"]
    assert main([*command, "-o", "first.csv"]) == 0
    assert len(list((place / "kept").glob("ratings-*.parquet"))) == 2
    assert main([*command, "-o", "second.csv"]) == 0
    assert (place / "first.csv").read_bytes() == (place / "second.csv").read_bytes()


def test_an_unknown_engine_is_a_sentence(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    assert main(["facts", "book.yaml", "-o", "s.csv", "--engine", "abacus"]) == 2
    assert "There is no engine 'abacus'" in capsys.readouterr().err


def test_the_goals_go_into_a_file_of_their_own(place, monkeypatch):
    monkeypatch.chdir(place)
    command = ["facts", "book.yaml", "-o", "scores.csv", "--goals", "goals.csv"]
    assert main([*command, "--windows", "period", "--now", "2027-01-01T00:00:00Z"]) == 0
    with (place / "goals.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    # Means of 6, 9, 9, 9 and nothing, on goalposts from 0 to 10.
    assert [row["score"] for row in rows] == ["60.0", "90.0", "90.0", "90.0", ""]
    assert {row["goal_id"] for row in rows} == {"quality"}


def test_the_ending_of_a_name_says_what_is_written(place, monkeypatch):
    monkeypatch.chdir(place)
    command = ["facts", "book.yaml", "--windows", "period", "--now", "2027-01-01T00:00:00Z"]
    names = ("scores.csv", "scores.parquet", "scores.xlsx", "scores.zip")
    for name in names:
        assert main([*command, "-o", name, "--goals", "goals.parquet"]) == 0
    report = frictionless.validate("scores.zip", type="package")
    assert report.valid, report.flatten(["name", "fieldName", "message"])
    with zipfile.ZipFile("scores.zip") as archive:
        assert archive.read("scores.csv") == (place / "scores.csv").read_bytes()
        assert b"Period: 2026-07..2026-09" in archive.read("README.txt")
    assert pq.read_table("scores.parquet")["value"].to_pylist() == [6, 9, 9, 9, None]
    assert pq.read_table("goals.parquet")["score"].to_pylist() == [60, 90, 90, 90, None]
    sheet = openpyxl.load_workbook("scores.xlsx")["Scores"]
    assert sheet["R1"].value == "value"
    assert sheet["R2"].value == 6
    before = {name: (place / name).read_bytes() for name in names}
    for name in names:
        assert main([*command, "-o", name]) == 0
    assert before == {name: (place / name).read_bytes() for name in names}


def test_a_workbook_that_would_be_too_long_is_a_sentence(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    assert main(["facts", "book.yaml", "-o", "s.xlsx"]) == 2
    assert "The file s.xlsx cannot be written: A sheet holds 2 rows" in capsys.readouterr().err
    assert not list(place.glob("s.xlsx*"))


def test_goals_that_cannot_be_written_are_a_sentence(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    assert main(["facts", "book.yaml", "-o", "s.csv", "--goals", "no/goals.csv"]) == 2
    assert "The file no/goals.csv cannot be written" in capsys.readouterr().err


def test_a_fault_of_the_library_is_not_told_as_wrong_input(place, monkeypatch):
    monkeypatch.chdir(place)

    def break_down(*_given, **_more):
        raise ValueError("operands could not be broadcast")

    monkeypatch.setattr("analysis.__main__.score_kpis", break_down)
    with pytest.raises(ValueError, match="operands"):
        main(["facts", "book.yaml", "-o", "s.csv"])


def test_on_a_terminal_a_bar_runs_to_the_end_and_says_what_is_done(place):
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "analysis", "facts", "book.yaml", "-o", "scores.csv"],
            cwd=place,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
            stdout=subprocess.PIPE,
            stderr=theirs,
            check=True,
        )
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.stdout.startswith(b"Wrote ")
    percents = [int(one) for one in re.findall(r"(\d+)%", shown)]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    for words in ("Counting the facts", "Estimating and scoring", "Done"):
        assert words in shown
