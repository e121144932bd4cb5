"""The command line, as a person runs it."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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
    done = run("facts", "book.yaml", "-o", "scores.csv", "--now", "2027-01-01T00:00:00Z", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("Wrote 5 rows for 2026-07..2026-09 to scores.csv: 4 met, 1 no_data.\n")
    content = (place / "scores.csv").read_bytes()
    assert content.startswith(b"run_id,")
    with (place / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["value"]) if row["value"] else None for row in rows] == [6, 9, 9, 9, None]
    assert rows[0]["computed_at"] == "2027-01-01T00:00:00+00:00"


def test_the_same_command_writes_the_same_bytes(place):
    command = ["facts", "book.yaml", "-o", "scores.csv", "--now", "2027-01-01T00:00:00Z"]
    run(*command, "--seed", "1", cwd=place)
    first = (place / "scores.csv").read_bytes()
    run(*command, "--seed", "1", cwd=place)
    assert (place / "scores.csv").read_bytes() == first


def test_a_period_that_is_not_over_is_provisional(place):
    done = run(
        "facts", "book.yaml", "-o", "scores.csv", "--period", "2026-07",
        "--now", "2026-07-15T00:00:00+02:00", cwd=place,
    )  # fmt: skip
    assert done.stdout == ("Wrote 5 rows for 2026-07 to scores.csv: 1 no_data, 4 provisional.\n")


def test_without_targets_the_rows_are_counted_as_such(place):
    (place / "book.yaml").write_text(yaml.safe_dump(document(kpi(scopes=["all"]))))
    done = run("facts", "book.yaml", "-o", "scores.csv", cwd=place)
    assert done.stdout.endswith("Wrote 1 row for 2026-07..2026-09 to scores.csv: "
                                "1 without target.\n")  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere", "book.yaml", "-o", "s.csv"], "There is no folder nowhere."),
        (["facts", "nowhere.yaml", "-o", "s.csv"], "The scorebook nowhere.yaml cannot be read"),
        (["facts", "broken.yaml", "-o", "s.csv"], "broken.yaml, line 1, document: "),
        (["facts", "latin.yaml", "-o", "s.csv"], "is not UTF-8 text"),
        (["facts", "book.yaml", "-o", "no/s.csv"], "The file no/s.csv cannot be written"),
        (["facts", "book.yaml", "-o", "s.csv", "--period", "July"], "'July' is not a period."),
        (["facts", "book.yaml", "-o", "s.csv", "--now", "soon"], "'soon' is not a time."),
        (["facts", "book.yaml", "-o", "s.csv", "--now", "2026-07-01"], "has no zone"),
        (["facts", "book.yaml"], "the following arguments are required: -o/--output"),
    ],
)
def test_wrong_input_ends_with_2_and_a_sentence(place, arguments, sentence):
    (place / "broken.yaml").write_text("format: soundings-scorebook/1\n")
    (place / "latin.yaml").write_bytes("name: Zürich".encode("latin-1"))
    done = run(*arguments, cwd=place)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "s.csv").exists()


def test_facts_that_cannot_be_counted_are_named(place):
    write_facts(place / "facts", "ratings", answers([float("nan")]))
    done = run("facts", "book.yaml", "-o", "scores.csv", cwd=place)
    assert done.returncode == 2
    assert done.stderr.startswith("In the ratings, 1 row cannot be counted: ")
