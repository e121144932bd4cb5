"""From a choice to its table. Loads pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from survey_app.report.answers.about import Anonymous, Named
from survey_app.report.answers.choosing import Rules
from survey_app.report.answers.codebook import Line, make_codebook
from survey_app.report.answers.columns import Column, Item, plan_items
from survey_app.report.answers.long import LongTable
from survey_app.report.answers.mixing import attribute_columns
from survey_app.report.answers.opening import Opened
from survey_app.report.answers.parts import Cells, Field, Part
from survey_app.report.answers.wide import WideTable


class Table(Protocol):
    """Columns, and rows in parts."""

    items: Sequence[Item]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Columns, some of them together."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in their order."""

    def parts(self, rows: int) -> Iterator[Part]:
        """What `cells` takes, in order, each of at most about so many rows."""

    def cells(self, part: Part) -> list[Cells]:
        """The cells of a part, field by field; several threads may ask at once."""


@dataclass(frozen=True)
class Made:
    """A table with its codebook; `withheld` responses and `left_out` columns are not told at all
    (see `anonymising`)."""

    table: Table
    codebook: list[Line]
    withheld: int = 0
    left_out: tuple[str, ...] = ()


def make_table(files: Sequence[Opened], rules: Rules) -> Made:
    """The table of a download, ready to be written."""
    choice = rules.choice
    items = plan_items(rules.versions, choice.texts, attribute_columns(files).values())
    about = Named(files, rules) if choice.named else Anonymous(files, rules)
    wide = WideTable(files, about, items, whole_days=choice.named)
    table: Table = LongTable(wide) if choice.shape == "long" else wide
    codebook = make_codebook(table.columns, items, rules.versions)
    if isinstance(about, Anonymous):
        return Made(table, codebook, about.withheld, about.left_out)
    return Made(table, codebook)
