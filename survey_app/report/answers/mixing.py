"""Which responses a download has, and what could pick each of them out.

Loads pyarrow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from survey_app.report.answers.anonymising import WITHHELD_CODE, Mixtures, People, group_rows
from survey_app.report.answers.choosing import Rules
from survey_app.report.answers.columns import LONGEST_NAME, ODD, Cell
from survey_app.report.answers.limits import MOST_VALUES, WITHHELD
from survey_app.report.answers.opening import Opened
from survey_app.report.answers.parts import Part, read_parts

ATTRIBUTE = "attribute."
FIRST_COLUMNS = ("version", "month", "unit", "representative", "language")
VERSION, MONTH, UNIT, REPRESENTATIVE, LANGUAGE = range(5)
ROWS_AT_ONCE = 65_536


def attribute_names(files: Sequence[Opened]) -> list[str]:
    """The contacts' attributes that any of the files has."""
    return sorted({name for one in files for name in one.month.attributes})


def attribute_columns(files: Sequence[Opened]) -> dict[str, str]:
    """The column of each attribute, by the attribute's name; each column's name once."""
    columns: dict[str, str] = {}
    taken: set[str] = set()
    for name in attribute_names(files):
        plain = base = (ATTRIBUTE + ODD.sub("_", name))[:LONGEST_NAME].rstrip("_")
        number = 2
        while plain.lower() in taken:
            plain, number = f"{base[: LONGEST_NAME - 4]}_{number}", number + 1
        taken.add(plain.lower())
        columns[name] = plain
    return columns


class Chosen:
    """Which rows a download has, before anything is withheld."""

    needed = ("unit", "complete")

    def __init__(self, rules: Rules) -> None:
        self._units = None if rules.within is None else np.array(sorted(rules.within), np.int32)
        self._complete = rules.choice.complete

    def mask(self, batch: pa.RecordBatch) -> NDArray[np.bool_]:
        """True for the rows in sight that were asked for."""
        chosen = np.ones(batch.num_rows, bool)
        if self._units is not None:
            # No unit has the id 0, so what belongs to none is out of sight.
            chosen &= np.isin(integers(batch["unit"]), self._units)
        if self._complete:
            chosen &= batch["complete"].to_numpy(False)
        return chosen


class Mixed:
    """The mixture of what could pick somebody out, for each response of a download."""

    def __init__(self, files: Sequence[Opened], rules: Rules) -> None:
        attributes = attribute_columns(files)
        self.columns = (*FIRST_COLUMNS, *attributes.values())
        self._attributes = tuple(attributes)
        # The words that the codes from 1 stand for; the ids of units and people are known before.
        self._words: list[dict[str, int]] = [{} for _ in self.columns]
        self._dropped: set[int] = set()
        self._units = self._codes_of_ids(UNIT, rules.names.units)
        people = {id_: key for id_, (key, _name) in rules.names.representatives.items()}
        self._people = self._codes_of_ids(REPRESENTATIVE, people)
        self._read(files, Chosen(rules))

    def _read(self, files: Sequence[Opened], chosen: Chosen) -> None:
        seen = [np.zeros((0, len(self.columns)), np.int32)]
        rows, persons = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
        count = 0
        needed = (*chosen.needed, "representative", "language", "attributes", "person")
        for part in read_parts(files, needed, ROWS_AT_ONCE):
            mask = chosen.mask(part.batch)
            places = np.full(part.batch.num_rows, -1, np.int32)
            if mask.any():
                batch = part.batch if mask.all() else part.batch.filter(pa.array(mask))
                mixed = self._mix(part, batch)
                groups = group_rows(mixed)
                _, first = np.unique(groups, return_index=True)
                seen.append(mixed[first])
                places[mask] = count + groups
                count += len(first)
                persons.append(batch["person"].to_numpy())
            rows.append(places)
        found = np.concatenate(seen)
        found[:, sorted(self._dropped)] = WITHHELD_CODE
        groups = group_rows(found)
        _, first = np.unique(groups, return_index=True)
        # One row a mixture; then the mixture of each response, -1 where it was not chosen.
        self.mixtures: Mixtures = found[first]
        self.rows = np.append(groups, -1).astype(np.int32)[np.concatenate(rows)]
        self._persons = np.concatenate(persons)

    @property
    def kept(self) -> list[int]:
        """The columns that have a place in the file."""
        return [number for number in range(len(self.columns)) if number not in self._dropped]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The columns that have none, as their values are too many."""
        return tuple(self.columns[number] for number in sorted(self._dropped))

    def people(self) -> People:
        """Who has which mixture."""
        return People.of(self.rows[self.rows >= 0], self._persons)

    def sacrificed(self) -> list[int]:
        """The columns in the order in which they are withheld: the representative first, then the
        attributes, the most various first, then language, month and unit."""
        attributes = [number for number in self.kept if number >= len(FIRST_COLUMNS)]
        attributes.sort(key=lambda number: -len(self._words[number]))
        return [REPRESENTATIVE, *attributes, LANGUAGE, MONTH, UNIT]

    def words(self, mixtures: Mixtures) -> tuple[tuple[Cell | None, ...], ...]:
        """Mixtures of the columns that are kept as cells; None where there is nothing."""
        columns = [
            np.array([WITHHELD, *(word or None for word in self._words[number])], object)[codes]
            for number, codes in zip(self.kept, mixtures.T, strict=True)
        ]
        versions = [int(version) for version in columns[0]]
        return tuple(zip(versions, *(column.tolist() for column in columns[1:]), strict=True))

    def _mix(self, part: Part, batch: pa.RecordBatch) -> Mixtures:
        mixed = np.empty((batch.num_rows, len(self.columns)), np.int32)
        mixed[:, VERSION] = self._code(VERSION, str(part.source.version.number))
        mixed[:, MONTH] = self._code(MONTH, part.source.month.month)
        mixed[:, UNIT] = self._units[integers(batch["unit"])]
        mixed[:, REPRESENTATIVE] = self._people[integers(batch["representative"])]
        mixed[:, LANGUAGE] = self._of_words(LANGUAGE, batch["language"], lambda word: word)
        attributes = batch["attributes"]
        for number, name in enumerate(self._attributes, start=len(FIRST_COLUMNS)):
            mixed[:, number] = self._of_words(number, attributes, partial(_attribute, name))
        return mixed

    def _code(self, column: int, word: str) -> int:
        words = self._words[column]
        if column in self._dropped:
            return WITHHELD_CODE
        code = words.setdefault(word, len(words) + 1)
        if column >= len(FIRST_COLUMNS) and len(words) > MOST_VALUES:
            self._dropped.add(column)
        return code

    def _codes_of_ids(self, column: int, names: dict[int, str]) -> NDArray[np.int32]:
        """The code by id; the id 0 is none."""
        codes = np.zeros(max(names, default=0) + 1, np.int32)
        for id_, name in {0: "", **names}.items():
            codes[id_] = self._code(column, name)
        return codes

    def _of_words(
        self, column: int, words: pa.DictionaryArray, say: Callable[[str], str]
    ) -> NDArray[np.int32]:
        codes = [self._code(column, say(word)) for word in words.dictionary.to_pylist()]
        return np.array(codes, np.int32)[words.indices.to_numpy()]


def integers(column: pa.Array) -> NDArray[np.int32]:
    """Ids as whole numbers, 0 for none."""
    return column.fill_null(0).to_numpy()  # type: ignore[no-any-return]


@lru_cache(maxsize=65_536)
def parse_attributes(text: str) -> dict[str, str]:
    """A contact's attributes."""
    return {str(name): str(value) for name, value in json.loads(text).items()}


def _attribute(name: str, text: str) -> str:
    return parse_attributes(text).get(name, "")
