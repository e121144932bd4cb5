"""The responses of one version and month as Arrow batches: read from the tables, understood by
Arrow.

Loads pyarrow. No document becomes Python objects: the texts go to Arrow's JSON reader as they lie
in the table, on a thread beside the one that fetches the next of them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
from sqlalchemy import Select, Text, cast, select

from survey_app.db import db
from survey_app.domain.problems import SoundingsError
from survey_app.domain.questionnaire import MISSING_CODES, SKIPPED
from survey_app.facts.fingerprints import is_newest
from survey_app.report.answers.ahead import made_ahead
from survey_app.report.answers.stored import (
    BY_OPTION,
    CLOCK,
    CLOCK_CELLS,
    CODED,
    DATE,
    DECIMAL,
    FILE,
    FLAGS,
    PLACES,
    SHARES,
    TEXT,
    WHOLE,
    Stored,
)
from survey_app.respond.models import Response

ROWS_AT_ONCE = 8192

CODES = pa.array(MISSING_CODES)
ABOUT = (
    ("response", pa.string()),  # <source>/<id there>, as in facts
    ("person", pa.int64()),  # the same for all responses of one customer
    ("unit", pa.int32()),
    ("representative", pa.int32()),
    ("customer", pa.string()),
    ("attributes", pa.string()),  # JSON
    ("language", pa.string()),
    ("submitted_at", pa.timestamp("us", "UTC")),
    ("complete", pa.bool_()),  # nothing that was asked is skipped
)
_OF_VALUES = {
    CODED: pa.int16(),
    FLAGS: pa.int8(),
    PLACES: pa.int8(),
    SHARES: pa.int64(),
    WHOLE: pa.int64(),
    DECIMAL: pa.float64(),
    DATE: pa.date32(),
    CLOCK: pa.int16(),
    TEXT: pa.string(),
    FILE: pa.string(),
}


def copy_schema(stored: Sequence[Stored]) -> pa.Schema:
    """The columns of the copy of one version."""
    fields = list(ABOUT)
    for one in stored:
        for name in one.columns:
            text, code = name == one.other, name == one.missing
            kind = pa.string() if text else pa.int8() if code else _OF_VALUES[one.kind]
            fields.append((name, kind))
    return pa.schema(fields)


def read_batches(
    key: str,
    number: int,
    begins: datetime,
    ends: datetime,
    revised: bool,
    stored: Sequence[Stored],
) -> Iterator[pa.RecordBatch]:
    """The newest revisions submitted in [begins, ends), by time, in batches of ROWS_AT_ONCE.

    `revised` says whether any of them is a later revision: if not, nobody need look for one, which
    costs more than all else. Raises SoundingsError where a document is not one of this version.
    """
    query = _query(key, number, begins, ends)
    if revised:
        query = query.where(is_newest())
    rows = db.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
    understanding = _Understanding(key, number, stored)
    return made_ahead(rows.partitions(ROWS_AT_ONCE), understanding.batch)


def _query(key: str, number: int, begins: datetime, ends: datetime) -> Select[Any]:
    return (
        select(
            Response.source,
            Response.source_id,
            Response.customer,
            Response.unit_id,
            Response.representative_id,
            cast(Response.attributes, Text),
            Response.language,
            Response.submitted_at,
            cast(Response.answers, Text),
        )
        .where(
            # Written so that the index of moments is used: that of versions leads to all months.
            Response.questionnaire_key.concat("") == key,
            Response.version_number + 0 == number,
            Response.submitted_at >= begins,
            Response.submitted_at < ends,
        )
        .order_by(Response.submitted_at, Response.id)
    )


class _Understanding:
    """Reads documents of one version into the columns of its copy."""

    def __init__(self, key: str, number: int, stored: Sequence[Stored]) -> None:
        self._name = f"version {number} of {key}"
        self._stored = stored
        self._schema = copy_schema(stored)
        self._documents = pa.schema([(one.item.id, _document_type(one)) for one in stored])

    def batch(self, rows: Sequence[Any]) -> pa.RecordBatch:
        """The rows of one batch as columns."""
        source, there, customer, unit, person, attributes, language, moment, answers = zip(
            *rows, strict=True
        )
        named = [f"{one}/{other}" for one, other in zip(source, there, strict=True)]
        columns: dict[str, Any] = {
            "response": named,
            "person": [_number(who or name) for who, name in zip(customer, named, strict=True)],
            "unit": unit,
            "representative": person,
            "customer": customer,
            "attributes": attributes,
            "language": language,
            "submitted_at": moment,
        }
        columns |= self._items(answers)
        return pa.RecordBatch.from_arrays(
            [
                column if isinstance(column, pa.Array) else pa.array(column, field.type)
                for field in self._schema
                for column in (columns[field.name],)
            ],
            schema=self._schema,
        )

    def _items(self, answers: Sequence[str]) -> dict[str, pa.Array]:
        if not len(self._documents):
            return {"complete": pa.repeat(True, len(answers))}
        documents = self._parse(answers)
        skipped = np.zeros(len(answers), bool)
        columns: dict[str, pa.Array] = {}
        for one in self._stored:
            answer = documents.column(one.item.id).combine_chunks()
            missing = pc.index_in(answer.field("missing"), value_set=CODES).cast(pa.int8())
            value = answer.field("value")
            if (pc.is_valid(value).to_numpy(False) == pc.is_valid(missing).to_numpy(False)).any():
                raise self._damage(f"an answer to {one.item.id} has no value and no known code")
            skipped |= (
                pc.equal(missing, MISSING_CODES.index(SKIPPED)).fill_null(False).to_numpy(False)
            )
            if one.has_other:
                columns[one.other] = answer.field("other")
            if one.kind == CODED:
                columns[one.value] = self._coded(one, value, missing)
                continue
            columns[one.missing] = missing
            columns |= self._values(one, value)
        return columns | {"complete": pa.array(~skipped)}

    def _parse(self, answers: Sequence[str]) -> pa.Table:
        content = ("\n".join(answers) + "\n").encode()
        try:
            return pj.read_json(
                io.BytesIO(content),
                pj.ReadOptions(use_threads=False, block_size=len(content) + 1),
                pj.ParseOptions(
                    explicit_schema=self._documents, unexpected_field_behavior="ignore"
                ),
            )
        except pa.ArrowInvalid as error:
            raise self._damage(str(error)) from error

    def _coded(self, one: Stored, value: pa.Array, missing: pa.Array) -> pa.Array:
        code = pc.index_in(value, value_set=pa.array(one.cells, value.type))
        if code.null_count != value.null_count:
            raise self._damage(f"{one.item.id} has a value that it does not offer")
        missing = pc.add(missing.cast(pa.int32()), len(one.cells))
        return pc.coalesce(code, missing).cast(pa.int16())

    def _values(self, one: Stored, value: pa.Array) -> dict[str, pa.Array]:
        if one.kind in BY_OPTION:
            return self._by_option(one, value)
        if one.kind == CLOCK:
            value = pc.index_in(value, value_set=pa.array(CLOCK_CELLS)).cast(pa.int16())
        elif one.kind == FILE:
            value = value.field("name")
        return {one.value: value.cast(_OF_VALUES[one.kind])}

    def _by_option(self, one: Stored, value: pa.Array) -> dict[str, pa.Array]:
        if one.kind == SHARES:
            return {
                one.of_option(place): _within(value, value.field(option.code))
                for place, option in enumerate(one.options)
            }
        rows = pc.list_parent_indices(value).to_numpy()
        codes = value.flatten()
        starts = np.asarray(value.offsets)[:-1]
        ranks = np.arange(len(codes)) + int(starts[0] if len(starts) else 0) - starts[rows] + 1
        absent = pc.is_null(value).to_numpy(False)
        columns = {}
        for place, option in enumerate(one.options):
            chosen = pc.equal(codes, option.code).to_numpy(False)
            cells = np.zeros(len(value), np.int8)
            cells[rows[chosen]] = 1 if one.kind == FLAGS else ranks[chosen]
            empty = absent if one.kind == FLAGS else absent | (cells == 0)
            columns[one.of_option(place)] = pa.array(cells, mask=empty)
        return columns

    def _damage(self, why: str) -> SoundingsError:
        return SoundingsError(
            f"The answers to {self._name} cannot be copied: {why}. Tell whoever runs the "
            "installation."
        )


def _document_type(one: Stored) -> pa.DataType:
    if one.kind == CODED:
        value = pa.string() if isinstance(one.cells[0], str) else pa.int64()
    elif one.kind in (FLAGS, PLACES):
        value = pa.list_(pa.string())
    elif one.kind == SHARES:
        value = pa.struct([(option.code, pa.int64()) for option in one.options])
    elif one.kind == FILE:
        value = pa.struct([("name", pa.string())])
    else:
        value = {WHOLE: pa.int64(), DECIMAL: pa.float64()}.get(one.kind, pa.string())
    others = [("other", pa.string())] if one.has_other else []
    return pa.struct([("value", value), ("missing", pa.string()), *others])


def _within(parent: pa.StructArray, child: pa.Array) -> pa.Array:
    """A field of a struct, empty where the struct itself is."""
    return pc.if_else(pc.is_valid(parent), child, pa.scalar(None, child.type))


def _number(name: str) -> int:
    """A number that stands for a name; two names share one in less than one of 10^12 pairs."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
