"""Downloads read back by the programs that analysts use: types, codes and words are right."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import date, time
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyreadstat
import pytest
from flask import Flask
from frictionless import Package, system

from survey_app.domain.questionnaire import MISSING_CODES
from survey_app.report.answers.codebook import CODEBOOK_COLUMNS
from survey_app.report.answers.columns import CODES
from tests.factories.campaigns import make_version
from tests.report.answers.answering import (
    FULL,
    KEY,
    QUESTIONS,
    all_missing,
    definition,
    make_answered,
    respond,
    table,
    take,
)

WIDE_VALUES: dict[str, Any] = {
    "rate": 4,
    "nps": 0,
    "grid.speed": 1,
    "grid.care": 5,
    "one": "'=1+1",
    "some.1_1": 1,
    "some.a_b": 0,
    "some.Z_rich": 1,
    "yes": "no",
    "order.a_b": 2,
    "order.Z_rich": 1,
    "points.1_1": 10,
    "points.a_b": 0,
    "number": -5.0,
    "whole": 7,
    "day": "2026-02-28",
    "clock": "09:30",
    "took": 5400,
    "agree": "given",
    "words": '\'=1+1, "they" said\nand left',
    "proof": "'-bill.pdf",
}
# Of the columns above, those that hold no text.
NUMBERS = [name for name, value in WIDE_VALUES.items() if isinstance(value, int | float)]


@pytest.fixture(autouse=True)
def _answers(app: Flask) -> Any:
    """Seven people answered everything in the same way, one each for every missing code nothing."""
    with app.app_context():
        make_answered()
        for number in range(7):
            respond(number, FULL)
        for number, code in enumerate(MISSING_CODES, start=7):
            respond(number, all_missing(code))
        yield


def test_pandas_reads_every_type_and_minus_five_stays_minus_five() -> None:
    frame = table(named=True, texts=True)
    row = frame[frame["response"] == f"import/{KEY}/3"].iloc[0]
    for name, value in WIDE_VALUES.items():
        assert row[name] == value, name
    assert pd.isna(row["order.1_1"])
    for name in NUMBERS:
        assert pd.api.types.is_numeric_dtype(frame[name]), name
    assert frame["response"].is_unique
    assert len(frame) == 12


def test_each_missing_code_is_told_for_each_item_and_stands_beside_no_value() -> None:
    frame = table(named=True, texts=True)
    names = [name.removesuffix("__missing") for name in frame.columns if "__missing" in name]
    assert names == [*FULL]
    for place, code in enumerate(MISSING_CODES):
        row = frame[frame["response"] == f"import/{KEY}/{7 + place}"].iloc[0]
        for name in names:
            assert row[f"{name}__missing"] == code
            if name in frame:
                assert pd.isna(row[name])
    assert frame.iloc[0][[f"{name}__missing" for name in names]].isna().all()


def test_polars_and_duckdb_read_the_same_types(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(take(named=True, texts=True))
    frame = pl.read_csv(path, try_parse_dates=True)
    row = frame.filter(pl.col("response") == f"import/{KEY}/0").row(0, named=True)
    found = duckdb.sql(f"SELECT * FROM read_csv('{path}') WHERE response = 'import/{KEY}/0'")
    read = dict(zip(found.columns, found.fetchone() or (), strict=True))
    for name, value in WIDE_VALUES.items():
        expected = {"day": date(2026, 2, 28), "clock": time(9, 30)}.get(name, value)
        assert row[name] == expected, name
        if name in NUMBERS or name == "day":
            assert read[name] == expected, name
    assert read["rate__missing"] is None


def test_parquet_has_types_and_its_codebook(tmp_path: Path) -> None:
    content = take(named=True, texts=True, format="parquet")
    (tmp_path / "answers.parquet").write_bytes(content)
    frame = pl.read_parquet(io.BytesIO(content))
    row = frame.row(0, named=True)
    # Numbers and words as they are: nothing needs guarding that no spreadsheet opens as text.
    assert row["words"] == FULL["words"]["value"]
    assert row["one"] == "=1+1"
    assert (row["number"], row["day"], row["clock"]) == (-5.0, date(2026, 2, 28), time(9, 30))
    assert frame.schema["rate"] == pl.Int64
    assert frame["rate__missing"].to_list()[7:] == list(MISSING_CODES)
    schema = pd.read_parquet(tmp_path / "answers.parquet").dtypes
    assert schema["took"] == "float64"
    import pyarrow.parquet as pq

    metadata = pq.read_schema(tmp_path / "answers.parquet").field("rate").metadata
    assert json.loads(metadata[b"soundings.codebook"])["text"] == "About rate?"


def test_spss_reads_labels_and_user_missing_codes(tmp_path: Path) -> None:
    path = tmp_path / "answers.sav"
    path.write_bytes(take(named=True, texts=True, format="sav"))
    frame, told = pyreadstat.read_sav(path, user_missing=True)
    assert frame["rate"].tolist() == [4.0] * 7 + [-99.0, -98.0, -97.0, -96.0, -95.0]
    assert frame["number"].tolist()[:8] == [-5.0] * 7 + [-2e15]
    assert told.column_names_to_labels["rate"] == "About rate?"
    assert told.variable_value_labels["rate"][5.0] == "good"
    assert told.variable_value_labels["rate"][-98.0].startswith("not_shown")
    assert told.missing_ranges["rate"] == [{"lo": -99.0, "hi": -94.0}]
    # A choice is its place among the options, labelled.
    assert told.variable_value_labels["one"][frame["one"][0]] == "A sum"
    assert frame["day"][0] == date(2026, 2, 28)
    assert frame["day__missing"].tolist()[7:] == [-99.0, -98.0, -97.0, -96.0, -95.0]
    assert frame["words"][0] == FULL["words"]["value"]
    assert "rate__missing" not in frame
    means, _ = pyreadstat.read_sav(path)
    assert means["rate"].mean() == 4.0
    assert means["some.1_1"].mean() == 1.0


@pytest.mark.parametrize("format_", ["csv", "parquet", "sav"])
@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize("named", [False, True], ids=["anonymous", "named"])
def test_frictionless_accepts_each_package(
    format_: str, shape: str, named: bool, tmp_path: Path
) -> None:
    content = take(format=format_, shape=shape, package=True, named=named, texts=named)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    described = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    data = (tmp_path / described["resources"][0]["path"]).read_bytes()
    assert described["resources"][0]["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    with system.use_context(trusted=True):
        report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])[:5]
    with (tmp_path / "codebook.csv").open(encoding="utf-8") as file:
        assert file.readline().strip() == ",".join(CODEBOOK_COLUMNS)


def test_the_package_notices_a_value_that_cannot_be(tmp_path: Path) -> None:
    content = take(package=True, named=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    path = tmp_path / "datapackage.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    for name in ("hash", "bytes"):
        del described["resources"][0][name]
    path.write_text(json.dumps(described), encoding="utf-8")
    data = tmp_path / "answers_wide.csv"
    lines = data.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    cells = lines[-1].split(",")
    cells[header.index("rate")] = "6"
    data.write_text("\n".join([*lines[:-1], ",".join(cells)]) + "\n", encoding="utf-8")
    with system.use_context(trusted=True):
        report = Package(str(path)).validate()
    assert [one[1] for one in report.flatten(["rowNumber", "fieldName"])] == ["rate"]


def test_the_same_answers_give_the_same_bytes() -> None:
    for chosen in (
        {"format": "csv"},
        {"format": "parquet", "shape": "long"},
        {"format": "sav"},
        {"format": "csv", "package": True},
    ):
        assert take(**chosen) == take(**chosen), chosen


def test_only_a_browser_gets_a_byte_order_mark() -> None:
    assert take(bom=True).startswith(b"\xef\xbb\xbfresponse,")
    assert take().startswith(b"response,")


def test_the_long_table_has_the_values_of_the_wide_one() -> None:
    frame = table(named=True, texts=True, shape="long")
    mine = frame[frame["response"] == f"import/{KEY}/0"].set_index("column")
    for name, value in WIDE_VALUES.items():
        kind = "number" if name in NUMBERS else "text"
        assert mine.loc[name, kind] == value, name
        assert pd.isna(mine.loc[name, "missing"])
    assert pd.api.types.is_float_dtype(frame["number"])
    refused = frame[frame["response"] == f"import/{KEY}/11"]
    assert set(refused["missing"]) == {"refused"}
    assert refused["number"].isna().all()
    assert refused["text"].isna().all()
    assert set(refused["item"]) == set(FULL)


def test_series_never_share_a_column_and_what_a_version_does_not_ask_says_so() -> None:
    changed = [one for one in QUESTIONS if one["id"] in ("rate", "one")]
    version = make_version(definition([*changed, {"id": "more", "type": "yes_no"}]), 2)
    assert version.number == 2
    from survey_app.db import db

    db.session.execute(
        version.__table__.update()
        .where(version.__table__.c.number == 2)
        .values(series={"rate": 2, "one": 1, "more": 1})
    )
    db.session.expire_all()
    respond(50, {"rate": {"value": 2}, "one": {"missing": "skipped"}, "more": {"value": "yes"}}, 2)
    frame = table(named=True)
    new = frame[frame["version"] == 2].iloc[0]
    old = frame[frame["version"] == 1].iloc[0]
    assert (new["rate"], new["rate__s1__missing"]) == (2, "not_asked")
    assert (old["rate__s1"], old["rate__missing"]) == (4, "not_asked")
    assert (new["one__missing"], old["one"]) == ("skipped", "'=1+1")
    assert (new["nps__missing"], old["more__missing"]) == ("not_asked", "not_asked")
    long = table(named=True, shape="long")
    assert "not_asked" not in set(long["missing"])
    assert set(long[long["version"] == 2]["column"]) == {"rate", "one", "more"}
    assert set(table(named=True, versions=(1,))["version"]) == {1}
    assert "not_asked" in CODES


def test_words_are_left_out_unless_they_are_asked_for() -> None:
    frame = table()
    assert not {"words", "proof", "one__other"} & set(frame.columns)
    assert "words__missing" in frame
