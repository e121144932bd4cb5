"""What the KPIs of a scorebook ask of the facts, and what a tally of it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from analysis.cells import Coded
from analysis.definitions import (
    DIMENSION,
    DurationSource,
    FigureSource,
    RatingSource,
    RatioSource,
)
from analysis.facts import COLUMNS, FactFile
from analysis.scorebook import Scorebook

# What is asked of each kind, by two columns or one.
ASKED = {
    "ratings": ("questionnaire", "question"),
    "durations": ("process", "milestone"),
    "figures": ("measure",),
}
PLACE = ("unit", "representative")
TALLY_COLUMNS: dict[str, tuple[str, ...]] = {
    "ratings": (
        "questionnaire", "question", "unit", "representative", "version", "series", "scale_low",
        "scale_high", "value", "missing",
    ),
    "durations": (
        "process", "milestone", "unit", "representative", "event", "seconds", "running_since",
    ),
    "figures": ("measure", "unit", "representative", "period_start", "value"),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the KPIs of a scorebook ask of one kind of facts, sorted.

    ``dimensions`` are the columns by which answers are weighted or broken down.
    """

    kind: str
    keys: tuple[tuple[str, ...], ...]
    dimensions: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the tally, but for month and count."""
        return (*TALLY_COLUMNS[self.kind], *self.dimensions)

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The tally's columns with their types."""
        own = {
            "running_since": pa.timestamp("us", "UTC"),
            "month": pa.string(),
            "count": pa.int64(),
        }
        own |= dict.fromkeys(self.dimensions, pa.string())
        return {
            name: own.get(name) or COLUMNS[self.kind][name]
            for name in (*self.columns, "month", "count")
        }

    def empty(self) -> pa.Table:
        """A tally of nothing."""
        return code_texts(pa.schema(self.types).empty_table())

    @classmethod
    def of(cls, kind: str, book: Scorebook, by: str = "") -> "Wanted":
        """What the scorebook's KPIs ask for; with ``by``, broken down by that dimension."""
        keys = set[tuple[str, ...]]()
        for kpi in book.kpis:
            match kpi.source:
                case RatingSource(questionnaire, question, _, expected) if kind == "ratings":
                    keys |= {(questionnaire, one) for one in (question, expected) if one}
                case DurationSource(process, milestone) if kind == "durations":
                    keys.add((process, milestone))
                case FigureSource(measure) if kind == "figures":
                    keys.add((measure,))
                case RatioSource(numerator, denominator) if kind == "figures":
                    keys |= {(numerator,), (denominator,)}
        if kind == "figures":
            keys |= {(target.adjustment.index,) for target in book.targets if target.adjustment}
        dimensions = {
            DIMENSION + margin.dimension
            for kpi in book.kpis
            for margin in kpi.margins
            if kind == "ratings"
        }
        if by:
            dimensions.add(DIMENSION + by)
        return cls(kind, tuple(sorted(keys)), tuple(sorted(dimensions)))

    def filter(self, facts: Table, files: Sequence[FactFile]) -> Table:
        """The facts that are asked for, and perhaps some that are not.

        Facts of one question lie together. Where the files' statistics name none that is not asked
        for, what else there is is little, and comparing every row would cost more than counting it.
        """
        for at, name in enumerate(ASKED[self.kind]):
            asked = {key[at] for key in self.keys}
            if any(
                not file.statistics.ends.get(name, frozenset((None,))) <= asked for file in files
            ):
                facts = facts.filter(facts[name].isin(sorted(asked)))
        return facts

    def only(self, tally: pa.Table) -> pa.Table:
        """The rows of a tally that are asked for."""
        named = [Coded.of(tally[name]) for name in ASKED[self.kind]]
        asked = np.zeros([len(one.words) + 1 for one in named], np.bool_)
        for key in self.keys:
            at = [
                one.words.index(word)
                for one, word in zip(named, key, strict=True)
                if word in one.words
            ]
            if len(at) == len(named):
                asked[tuple(at)] = True
        keep = asked[tuple(one.codes for one in named)]
        return tally if keep.all() else tally.filter(pa.array(keep))


def code_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of texts as codes into a list of the different ones; another one as it is."""
    return column.dictionary_encode() if pa.types.is_string(column.type) else column


def repeat(value: object, kind: pa.DataType, rows: int) -> pa.Array:
    """A column of one value, coded as by ``code_text``."""
    if pa.types.is_string(kind):
        codes = pa.repeat(pa.scalar(0, pa.int32()), rows)
        return pa.DictionaryArray.from_arrays(codes, pa.array([value], kind))
    return pa.repeat(pa.scalar(value, kind), rows)


def code_texts(tally: pa.Table) -> pa.Table:
    """The same tally with its texts coded."""
    columns = [code_text(column) for column in tally.columns]
    return pa.table(columns, names=tally.column_names)
