"""A table with its codebook and its description as one zip file: a Frictionless data package.

Loads pyarrow. The zip is written as it is sent, and nothing in it depends on the clock.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from analysis.export import FORMULA_STARTS
from survey_app.report.answers.choosing import Rules
from survey_app.report.answers.codebook import CODEBOOK_COLUMNS, CODEBOOK_TYPES, Line
from survey_app.report.answers.columns import CODES, INTEGER, NUMBER, TEXT, TIME, Column, Item
from survey_app.report.answers.limits import LEAST_PEOPLE
from survey_app.report.answers.parquet_writing import Drain
from survey_app.report.answers.stored import CODED
from survey_app.report.answers.tables import Made

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "sav": "application/x-spss-sav",
    "zip": "application/zip",
}
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)


def zip_pieces(pieces: Iterable[bytes], made: Made, rules: Rules, title: str) -> Iterator[bytes]:
    """The zip file in pieces, the table in `pieces` first."""
    choice = rules.choice
    drain = Drain()
    digest, size = hashlib.sha256(), 0
    name = f"answers_{choice.shape}.{choice.format}"
    with zipfile.ZipFile(drain, "w") as archive:  # type: ignore[call-overload]
        with archive.open(_entry(name), "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
                yield drain.take()
        codebook = codebook_csv(made.codebook)
        archive.writestr(_entry("codebook.csv"), codebook)
        table = {
            "name": "answers",
            "path": name,
            "format": choice.format,
            "mediatype": MEDIA_TYPES[choice.format],
            # Of Parquet, which it reads through pandas, Frictionless counts no bytes.
            **({} if choice.format == "parquet" else {"bytes": size}),
            "hash": f"sha256:{digest.hexdigest()}",
            **_schema(made, choice.format, choice.shape),
        }
        description = _package(rules, made, title, [table, _codebook_resource(codebook)])
        archive.writestr(_entry("datapackage.json"), description)
    yield drain.take()


def codebook_csv(codebook: Sequence[Line]) -> bytes:
    """The codebook as CSV, its texts guarded against formulas."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(CODEBOOK_COLUMNS)
    for line in codebook:
        writer.writerow([_cell(line[name]) for name in CODEBOOK_COLUMNS])
    return stream.getvalue().encode()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, FIRST_MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _cell(value: str | float | int | None) -> str | float | int:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _guarded(value) if isinstance(value, str) else value


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _package(rules: Rules, made: Made, title: str, resources: Sequence[dict[str, Any]]) -> bytes:
    choice = rules.choice
    told = {
        "$schema": PROFILE,
        "name": f"answers-{choice.key.replace('_', '-')}",
        "title": title,
        "description": _words(made, choice.named),
        "resources": list(resources),
        "soundings": {
            "questionnaire": choice.key,
            "versions": [version.number for version in rules.versions],
            "first_month": choice.first or None,
            "last_month": choice.last or None,
            "complete_only": choice.complete,
            "named": choice.named,
            "texts": choice.texts,
            "responses_withheld": made.withheld,
            "columns_left_out": list(made.left_out),
        },
    }
    return json.dumps(told, indent=2, ensure_ascii=False).encode()


def _words(made: Made, named: bool) -> str:
    if named:
        return "Answers with names. Not to be passed on."
    return (
        "Answers, anonymised by rule: every mixture of month, unit, representative, language and "
        f"attributes belongs to {LEAST_PEOPLE} people or more; what would tell of fewer is "
        f"(withheld). Responses withheld altogether: {made.withheld}."
    )


def _codebook_resource(content: bytes) -> dict[str, Any]:
    return {
        "name": "codebook",
        "path": "codebook.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [
                {"name": name, "type": CODEBOOK_TYPES.get(name, TEXT)} for name in CODEBOOK_COLUMNS
            ],
            "missingValues": [""],
        },
    }


def _schema(made: Made, format_: str, shape: str) -> dict[str, Any]:
    """The table's schema; an SPSS file is no table to Frictionless, and has labels of its own."""
    if format_ == "sav":
        return {"type": "file"}
    lines = {str(line["column"]): line for line in made.codebook}
    items = {column.name: item for item in made.table.items for column in item.columns}
    fields = [
        _field(column, lines.get(column.name, {}), items.get(column.name), format_ == "csv")
        for column in made.table.columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if shape == "wide":
        schema["primaryKey"] = ["response"]
    return {"type": "table", "encoding": "utf-8", "schema": schema}


def _field(column: Column, line: Line, item: Item | None, is_csv: bool) -> dict[str, Any]:
    # Frictionless reads Parquet through pandas, where whole numbers with gaps are not whole and a
    # gap is a number below no limit.
    has_gaps = column.type == INTEGER and bool(column.item) and not is_csv
    told: dict[str, Any] = {"name": column.name, "type": NUMBER if has_gaps else column.type}
    if column.type == TIME and is_csv:
        told["format"] = "%H:%M"
    if text := line.get("text"):
        told["title"] = f"{line['option']} – {text}" if line.get("option") else text
    constraints: dict[str, Any] = {}
    if column.name == "response":
        constraints["required"] = True
    if column.role in ("value", "option") and is_csv:
        ends = (("minimum", line.get("lowest")), ("maximum", line.get("highest")))
        constraints |= {end: value for end, value in ends if value is not None}
    if column.role == "missing" or column.name == "missing":
        constraints["enum"] = list(CODES)
    elif item is not None and item.kind == CODED and column.type == TEXT and column.role == "value":
        guard = _guarded if is_csv else str
        constraints["enum"] = [guard(str(cell)) for cell in item.cells]
    if constraints:
        told["constraints"] = constraints
    return told
