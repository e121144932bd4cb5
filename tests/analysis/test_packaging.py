"""A package is accepted by the standard's own checker, and every reader finds the right types."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import duckdb
import frictionless
import pandas
import polars
import pyarrow as pa
import pyarrow.csv
import pytest

from analysis.goal_fields import GOAL_FIELDS
from analysis.packaging import package_chunks
from analysis.parquet_files import TYPES
from analysis.score_fields import score_fields
from tests.analysis.packaged import score_run, tables_of, with_dimension

ROOT = Path(__file__).parents[2]
FILES = [
    *("scores.csv", "goal_scores.csv", "kpi_definitions.csv", "goals.csv", "targets.csv"),
    *("README.txt", "datapackage.json"),
]
PANDAS = {"string": "str", "integer": "Int64", "number": "float64"}
POLARS = {
    "string": polars.String,
    "integer": polars.Int64,
    "number": polars.Float64,
    "date": polars.Date,
    "datetime": polars.Datetime("us", "UTC"),
}
DUCKDB = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
}


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    return score_run(tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module", params=["plain", "with a dimension"])
def rows(scores, request):
    found = scores.rows()
    return found if request.param == "plain" else with_dimension(found)


@pytest.fixture(scope="module")
def content(scores, rows):
    return b"".join(package_chunks(tables_of(rows, scores.goals.to_pylist())))


@pytest.fixture(scope="module")
def folder(content, tmp_path_factory):
    place = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(place)
    (place / "package.zip").write_bytes(content)
    return place


@pytest.fixture(scope="module")
def described(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def kinds_of(described, name="scores"):
    (resource,) = (one for one in described["resources"] if one["name"] == name)
    return {field["name"]: field["type"] for field in resource["schema"]["fields"]}


def test_the_package_holds_its_files_in_order_without_a_time(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == FILES
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


@pytest.mark.parametrize("source", ["datapackage.json", "package.zip"])
def test_frictionless_accepts_the_package(folder, source):
    report = frictionless.validate(str(folder / source), type="package")
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "message"])
    assert [task.name for task in report.tasks] == [name[:-4] for name in FILES[:5]]
    # Sizes, hashes and keys were looked at.
    assert all(task.stats["rows"] for task in report.tasks)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b",sum,", b",Sum,", "constraint-error"),
        (b"2026-07-01", b"2026-13-01", "type-error"),
        (b"\r\nformula,", b"\r\nother,", "foreign-key"),
    ],
)
def test_frictionless_refuses_a_package_that_was_tampered_with(folder, tmp_path, old, new, fault):
    for name in FILES:
        data = (folder / name).read_bytes()
        if name.endswith(".csv"):
            data = data.replace(old, new, 1)
        if name == "datapackage.json":
            data = re.sub(rb'\n *"(bytes|hash)": [^\n]*', b"", data)
        (tmp_path / name).write_bytes(data)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert fault in {kind for (kind,) in report.flatten(["type"])}


def test_frictionless_sees_that_a_byte_was_changed(folder, tmp_path):
    for name in FILES:
        (tmp_path / name).write_bytes((folder / name).read_bytes().replace(b"-5.0", b"-6.0"))
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert "hash-count" in {kind for (kind,) in report.flatten(["type"])}


def test_pandas_reads_the_declared_types(folder, described, rows):
    kinds = kinds_of(described)
    dates = [name for name, kind in kinds.items() if kind in ("date", "datetime")]
    table = pandas.read_csv(
        folder / "scores.csv",
        dtype={name: PANDAS[kind] for name, kind in kinds.items() if kind in PANDAS},
        parse_dates=dates,
        keep_default_na=False,
        na_values=[""],
    )
    for name, kind in kinds.items():
        wanted = {"date": "datetime64", "datetime": "datetime64"}.get(kind, PANDAS.get(kind))
        assert str(table[name].dtype).startswith(wanted), name
    assert [None if value != value else value for value in table["value"].tolist()] == [
        row["value"] for row in rows
    ]


def test_polars_reads_the_declared_types(folder, described, rows):
    kinds = kinds_of(described)
    schema = {name: POLARS[kind] for name, kind in kinds.items()}
    table = polars.read_csv(folder / "scores.csv", schema=schema)
    assert dict(table.schema) == schema
    assert table["value"].to_list() == [row["value"] for row in rows]
    assert table["period_start"].to_list() == [date(2026, 7, 1)] * len(rows)
    assert table["computed_at"][0] == datetime.fromisoformat(rows[0]["computed_at"])


def test_arrow_reads_the_declared_types(folder, described, rows):
    types = {name: TYPES[kind] for name, kind in kinds_of(described).items()}
    table = pa.csv.read_csv(
        folder / "scores.csv",
        convert_options=pa.csv.ConvertOptions(
            column_types=types, strings_can_be_null=True, null_values=[""]
        ),
    )
    assert {field.name: field.type for field in table.schema} == types
    assert table["value"].to_pylist() == [row["value"] for row in rows]


@pytest.mark.parametrize("told", [True, False], ids=["types told", "types guessed"])
def test_duckdb_reads_the_declared_types(folder, described, rows, told):
    kinds = {name: DUCKDB[kind] for name, kind in kinds_of(described).items()}
    types = f", types={kinds}" if told else ""
    path = folder / "scores.csv"
    with duckdb.connect() as connection:
        table = connection.sql(f"SELECT * FROM read_csv('{path}', header=true{types})")
        found = dict(zip(table.columns, map(str, table.types), strict=True))
        values = [row[0] for row in table.project("value").fetchall()]
    # What is empty in all rows cannot be guessed: DuckDB takes it for text.
    seen = {name for name in kinds if any(row[name] not in ("", None) for row in rows)}
    assert {name: found[name] for name in seen} == {name: kinds[name] for name in seen}
    assert values == [row["value"] for row in rows]


def test_python_reads_every_number_back_to_the_last_digit(folder, described, rows):
    kinds = kinds_of(described)
    numeric = {"integer": int, "number": float}
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    for told, row in zip(read, rows, strict=True):
        for name, kind in kinds.items():
            if kind in numeric:
                back = numeric[kind](told[name]) if told[name] else None
                assert repr(back) == repr(row[name]), name
    assert "-5.0" in {row["value"] for row in read}
    assert "0.30000000000000004" in {row["value"] for row in read}
    names = {row["kpi_name"] for row in read}
    assert names == {"'=1+1", 'Good, "really"', "Zeit bis Ü", "'-5 is a loss"}


# How readr guesses: the first of these that all cells of the first 1000 rows fit.
GUESSES = {
    "logical": re.compile(r"T|F|TRUE|FALSE|true|false"),
    "number": re.compile(r"[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)"),
    "string": re.compile(r".*", re.DOTALL),
}


def guess(cells):
    present = [cell for cell in cells if cell]
    if not present:
        return None
    return next(
        kind for kind, form in GUESSES.items() if all(form.fullmatch(cell) for cell in present)
    )


def test_a_reader_that_guesses_as_readr_does_guesses_the_declared_types(folder, described):
    kinds = kinds_of(described)
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as stream:
        # "NA" is what readr takes for missing beside the empty cell.
        read = list(csv.DictReader(stream))
    assert not any(cell == "NA" for row in read for cell in row.values())
    for name, kind in kinds.items():
        guessed = guess([row[name] for row in read[:1000]])
        assert guessed in (None, "number" if kind == "integer" else kind), name
        if guessed:
            assert all(GUESSES[guessed].fullmatch(row[name]) for row in read if row[name])


def test_definitions_targets_and_goals_say_what_the_scorebook_does(folder):
    def read(name):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    kpis = {row["id"]: row for row in read("kpi_definitions.csv")}
    assert list(kpis) == ["formula", "shares", "times", "loss"]
    assert kpis["formula"]["name"] == "'=1+1"
    assert kpis["shares"]["cut"] == "4.0"
    assert (kpis["times"]["worst"], kpis["times"]["best"]) == ("100.0", "0.0")
    assert kpis["times"]["source"] == "process sale; milestone shown"
    assert kpis["loss"]["weight"] == "0.1"
    assert "statistic: km_median" in kpis["times"]["definition"].splitlines()
    targets = read("targets.csv")
    assert [(row["value"], row["scope_id"], row["valid_to"]) for row in targets] == [
        ("4.0", "", ""),
        ("-7.5", "", "2027-01-01"),
        ("3.0", "berne", ""),
    ]
    assert targets[2]["adjust_elasticity"] == "0.5"
    assert [row["id"] for row in read("goals.csv")] == ["quality"]


def test_the_words_explain_every_column_of_every_table(folder, described):
    words = (folder / "README.txt").read_text(encoding="utf-8")
    assert "Run: 3f1c" in words
    for resource in described["resources"]:
        assert f"\n{resource['path']}\n" in words
        for field in resource["schema"]["fields"]:
            assert re.search(rf"^{field['name']} \({field['type']}", words, re.MULTILINE)
    assert max(map(len, words.splitlines())) <= 88


def test_a_row_with_other_columns_is_refused(scores):
    rows = scores.rows()
    rows[1] = rows[1] | {"dim_odd": ""}
    with pytest.raises(ValueError, match="dim_odd"):
        list(package_chunks(tables_of(rows, scores.goals.to_pylist())))


SCRIPT = """
import hashlib, pathlib, sys, tempfile
from analysis.packaging import package_chunks
from analysis.parquet_files import parquet_chunks
from analysis.workbooks import workbook_of
from tests.analysis.packaged import score_run, tables_of
scores = score_run(pathlib.Path(tempfile.mkdtemp(dir=sys.argv[1])))
for make in (package_chunks, workbook_of, lambda told: parquet_chunks(told.fields, told.rows)):
    digest = hashlib.sha256()
    for chunk in make(tables_of(scores.rows(), scores.goals.to_pylist())):
        digest.update(chunk)
    print(digest.hexdigest())
"""


def test_another_process_with_another_hash_seed_zone_and_mask_writes_the_same_bytes(tmp_path):
    told = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path)],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            umask=mask,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed, zone, mask in (("1", "UTC", 0o022), ("77", "Asia/Tokyo", 0o077))
    ]
    assert len({*told[0]}) == 3
    assert told[0] == told[1]


def page_table(fields):
    """The columns as the reference page lists them."""
    yield "| column | type | unit | meaning |"
    yield "|---|---|---|---|"
    for field in fields:
        words = field.description
        if field.choices:
            words += f" One of {', '.join(f'`{word}`' for word in field.choices)}."
        kind = f"{field.kind}{', never empty' if field.required else ''}"
        yield f"| `{field.name}` | {kind} | {field.unit} | {words} |"


@pytest.mark.parametrize("fields", [score_fields(), GOAL_FIELDS], ids=["scores", "goals"])
def test_the_tables_of_the_reference_page_are_those_of_the_code(fields):
    page = (ROOT / "docs/reference/scores.md").read_text(encoding="utf-8")
    assert "\n".join(["", *page_table(fields), ""]) in page
