"""The columns about a response: anonymised by rule, or with names.

Loads pyarrow.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from survey_app.report.answers.anonymising import group_rows, publish
from survey_app.report.answers.choosing import Rules
from survey_app.report.answers.columns import INTEGER, TEXT, Column
from survey_app.report.answers.copies import as_json
from survey_app.report.answers.limits import LEAST_PEOPLE
from survey_app.report.answers.mixing import (
    Chosen,
    Mixed,
    attribute_columns,
    integers,
    parse_attributes,
)
from survey_app.report.answers.opening import Opened
from survey_app.report.answers.parts import MOMENT, Cells, Coded, Field, Part, Plain

RESPONSE = "response"


class Anonymous:
    """Nobody is named; what is told about a response, others share (see `anonymising`).

    All files are looked at once before the first row is told. Eight bytes of each response are kept
    meanwhile, and as many more while they are compared.
    """

    def __init__(self, files: Sequence[Opened], rules: Rules) -> None:
        mixed = Mixed(files, rules)
        told, kept = publish(mixed.mixtures, mixed.people(), mixed.sacrificed(), LEAST_PEOPLE)
        told, kept = told[:, mixed.kept], np.append(kept, False)
        groups = group_rows(told[kept[:-1]])
        place = np.full(len(kept), -1, np.int32)
        place[kept] = groups
        # The last place stands for rows that were not chosen.
        self._places = place[mixed.rows]
        self.row_count = int((self._places >= 0).sum())
        self.withheld = int((mixed.rows >= 0).sum()) - self.row_count
        self.left_out = mixed.left_out
        _, first = np.unique(groups, return_index=True)
        self.fields: tuple[Field, ...] = (
            Plain((Column(RESPONSE, "about", INTEGER),)),
            Coded(
                tuple(
                    Column(mixed.columns[number], "about", TEXT if number else INTEGER)
                    for number in mixed.kept
                ),
                mixed.words(told[kept[:-1]][first]),
            ),
        )
        self.needed: tuple[str, ...] = ("complete",)
        self._numbers = self._draw(files, rules)

    def choose(self, part: Part) -> NDArray[np.int64]:
        """Rows in the order of the numbers drawn for them: it tells nothing of the time."""
        span = slice(part.start, part.start + part.batch.num_rows)
        rows = np.flatnonzero(self._places[span] >= 0)
        return rows[np.argsort(self._numbers[span][rows])]

    def cells(self, part: Part, rows: NDArray[np.int64]) -> list[Cells]:
        """See `About.cells`."""
        return [
            pa.array(self._numbers[part.start + rows].astype(np.int64)),
            self._places[part.start + rows],
        ]

    def _draw(self, files: Sequence[Opened], rules: Rules) -> NDArray[np.int32]:
        """A number from 1 for each row that is told, drawn with a key that only we have.

        The same rules and answers draw the same numbers, in every shape and format; another choice
        draws others, so that two files cannot be laid side by side.
        """
        choice = asdict(rules.choice) | {"shape": "", "format": "", "package": False}
        state = [(one.version.number, one.month.fingerprint) for one in files]
        sight = None if rules.within is None else sorted(rules.within)
        drawn_for = as_json([choice, state, sight]).encode()
        key = hmac.digest(rules.secret, b"answers\0" + drawn_for, "sha256")
        generator = np.random.Generator(np.random.Philox(key=np.frombuffer(key[:16], np.uint64)))
        numbers = np.zeros(len(self._places), np.int32)
        numbers[self._places >= 0] = generator.permutation(self.row_count).astype(np.int32) + 1
        return numbers


class Named:
    """With customer, moment and names: every response as it is, by time."""

    def __init__(self, files: Sequence[Opened], rules: Rules) -> None:
        self._chosen = Chosen(rules)
        attributes = attribute_columns(files)
        self._attributes = tuple(attributes)
        people = rules.names.representatives
        self._units = _Looking(rules.names.units)
        self._keys = _Looking({id_: key for id_, (key, _name) in people.items()})
        self._people = _Looking({id_: name for id_, (_key, name) in people.items()})
        numbers = tuple((version.number,) for version in rules.versions)
        self._numbers = {number: place for place, (number,) in enumerate(numbers)}
        months = tuple(dict.fromkeys((one.month.month,) for one in files))
        self._months = {month: place for place, (month,) in enumerate(months)}
        words = ("customer", "unit", "representative", "representative_name", "language")
        self.fields: tuple[Field, ...] = (
            _plain(RESPONSE),
            Coded((Column("version", "about", INTEGER),), numbers),
            Coded((Column("month", "about", TEXT),), months),
            _plain("submitted_at", MOMENT),
            *(_plain(name) for name in words),
            *(_plain(name) for name in attributes.values()),
        )
        self.needed: tuple[str, ...] = (
            *self._chosen.needed,
            *("response", "customer", "representative", "language", "submitted_at", "attributes"),
        )

    def choose(self, part: Part) -> NDArray[np.int64]:
        """See `About.choose`: in the order in which they came."""
        return np.flatnonzero(self._chosen.mask(part.batch))

    def cells(self, part: Part, rows: NDArray[np.int64]) -> list[Cells]:
        """See `About.cells`."""
        batch = part.batch.take(pa.array(rows))
        one = np.zeros(len(rows), np.int32)
        people = integers(batch["representative"])
        attributes = batch["attributes"]
        parsed = [parse_attributes(text) for text in attributes.dictionary.to_pylist()]
        return [
            batch["response"],
            one + self._numbers[part.source.version.number],
            one + self._months[part.source.month.month],
            batch["submitted_at"],
            _or_none(batch["customer"]),
            self._units.up(integers(batch["unit"])),
            self._keys.up(people),
            self._people.up(people),
            _or_none(batch["language"].cast(pa.string())),
            *(
                pa.array([one.get(name) or None for one in parsed], pa.string()).take(
                    attributes.indices
                )
                for name in self._attributes
            ),
        ]


class _Looking:
    """Words by ids, looked up for many at once; nothing for an id without a word."""

    def __init__(self, words: dict[int, str]) -> None:
        self._ids = pa.array(list(words), pa.int32())
        self._words = pa.array(list(words.values()), pa.string())

    def up(self, ids: NDArray[np.int32]) -> pa.Array:
        """The words of these ids."""
        return self._words.take(pc.index_in(pa.array(ids), value_set=self._ids))


def _plain(name: str, kind: str = TEXT) -> Plain:
    return Plain((Column(name, "about", kind),))


def _or_none(words: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(words, ""), pa.scalar(None, pa.string()), words)
