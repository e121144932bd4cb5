"""What a column of a written table holds: its type, its words, its bounds."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

# What a cell may hold once it is read: dates and moments no longer as text.
Typed: TypeAlias = str | int | float | date | datetime | None


class Kind(StrEnum):
    """Types of columns, by their names in a Frictionless Table Schema (v1)."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"


NUMERIC = (Kind.INTEGER, Kind.NUMBER)


@dataclass(frozen=True)
class Field:
    """One column.

    Attributes
    ----------
    unit : str
        What a number counts: ``seconds``, ``share``, ``points``, ``KPI`` for the KPI's own unit.
    required : bool
        Whether no cell is ever empty.
    choices : tuple of str
        All words that may stand in the column; empty for free text.
    least, most : float or None
        The bounds of a number, both included.
    """

    name: str
    kind: Kind
    title: str
    description: str
    unit: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def is_text(self) -> bool:
        """Whether rows hold the column as text: dates and moments too, as ISO 8601."""
        return self.kind not in NUMERIC

    def describe(self) -> dict[str, Any]:
        """The column as a field of a Frictionless Table Schema (v1)."""
        described: dict[str, Any] = {"name": self.name, "type": self.kind.value}
        # The standard's own form knows neither fractions of a second nor a zone but Z.
        described["format"] = "any" if self.kind is Kind.DATETIME else "default"
        described |= {"title": self.title, "description": self.description}
        if self.unit:
            described["unit"] = self.unit
        bounds = {
            "required": self.required or None,
            "enum": list(self.choices) or None,
            "minimum": self.least,
            "maximum": self.most,
        }
        constraints = {name: bound for name, bound in bounds.items() if bound is not None}
        return described | ({"constraints": constraints} if constraints else {})

    def read(self, cell: object) -> Typed:
        """A row's cell as a value of the column's type; None where it is empty.

        Moments come in UTC. Raises ValueError for what is not of the type, NaN and infinity too.
        """
        if self.is_text:
            if not isinstance(cell, str):
                raise ValueError(f"The text column {self.name} holds {cell!r}, which is not text.")
            return self._read_text(cell)
        if cell is None:
            return None
        allowed = int if self.kind is Kind.INTEGER else int | float
        if isinstance(cell, bool) or not isinstance(cell, allowed) or not math.isfinite(cell):
            raise ValueError(
                f"The numeric column {self.name} holds {cell!r}, which is not a number of its type."
            )
        return cell if self.kind is Kind.INTEGER else float(cell)

    def _read_text(self, cell: str) -> Typed:
        if not cell:
            return None
        if self.kind is Kind.DATE:
            return date.fromisoformat(cell)
        if self.kind is Kind.DATETIME:
            return datetime.fromisoformat(cell).astimezone(UTC)
        return cell


def names_of(fields: Iterable[Field]) -> tuple[str, ...]:
    """The names of the columns, in order."""
    return tuple(field.name for field in fields)


def texts_of(fields: Iterable[Field]) -> frozenset[str]:
    """The names of those columns that rows hold as text."""
    return frozenset(field.name for field in fields if field.is_text)
