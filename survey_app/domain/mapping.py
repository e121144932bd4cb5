"""Read other systems' CSV exports: which of their columns, or which constant, is which of ours.

A mapping is a small document, {our name: rule}. A rule is one of

    their_column                             the cell of that column
    {constant: company}                      the same cell for every row
    {if_ended: completed}                    the same cell for every row where another cell of ours
                                             is filled (each importer says which words it knows)
    {column: theirs, names: {Their: ours}}   the cell of that column, its words put into ours;
                                             words that the table does not name stay as they are
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.tables import Row, read_csv

PLACE = "mapping"


class MappedRow(NamedTuple):
    """One row under our names. The cells have no surrounding whitespace; what is absent is ''.

    `told` are the names that the file or its mapping says anything of, be it ''.
    """

    number: int
    cells: dict[str, str]
    columns: dict[str, str]
    told: frozenset[str]

    def place(self, name: str) -> str:
        """Return where a cell comes from: 'row 7, column opened_at', or 'mapping, unit'."""
        if name in self.columns:
            return f"row {self.number}, column {self.columns[name]}"
        return f"{PLACE}, {name}"


@dataclass(frozen=True)
class Rule:
    """Where the cells of one of our columns come from: `column` if it is not '', or `constant`."""

    column: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    constant: str = ""
    if_filled: str = ""


def read_mapped_csv(
    data: bytes,
    mapping: object,
    required: Sequence[str],
    optional: Sequence[str],
    conditions: Mapping[str, str] | None = None,
) -> tuple[list[MappedRow], list[Problem]]:
    """Read a CSV file by `mapping`, or by our own column names if that is None.

    With a mapping only what it names is read, and the file may have any other columns. Without
    one, `required` columns must be there, `optional` ones may, others are problems. `conditions`
    are words for conditional constants: {"if_ended": "ended_at"}. With problems, import nothing.
    """
    if mapping is None:
        rows, problems = read_csv(data, required, optional, fill=False)
        columns = {name: name for name in (*required, *optional)}
        told = frozenset(rows[0].cells if rows else ())
        blank = dict.fromkeys(columns, "")
        return [MappedRow(row.number, blank | row.cells, columns, told) for row in rows], problems
    rules, problems = _read_rules(mapping, required, optional, conditions or {})
    if problems:
        return [], problems
    theirs = list(dict.fromkeys(rule.column for rule in rules.values() if rule.column))
    rows, problems = read_csv(data, theirs, None)
    columns = {name: rule.column for name, rule in rules.items() if rule.column}
    blank = dict.fromkeys((*required, *optional), "")
    told = frozenset(rules)
    return [
        MappedRow(row.number, _translate(row, rules, blank), columns, told) for row in rows
    ], problems


def _translate(row: Row, rules: Mapping[str, Rule], blank: Mapping[str, str]) -> dict[str, str]:
    cells = dict(blank)
    for name, rule in rules.items():
        if rule.column:
            cell = row.cells[rule.column]
            cells[name] = rule.names.get(cell, cell)
    for name, rule in rules.items():
        if not rule.column and (not rule.if_filled or cells[rule.if_filled]):
            cells[name] = rule.constant
    return cells


def _read_rules(
    mapping: object, required: Sequence[str], optional: Sequence[str], conditions: Mapping[str, str]
) -> tuple[dict[str, Rule], list[Problem]]:
    known = [*required, *optional]
    if not isinstance(mapping, Mapping):
        return {}, [
            Problem(
                PLACE,
                "not_a_mapping",
                "A mapping has one line for each of our columns, like "
                f'"{known[0]}: name of their column".',
            )
        ]
    rules: dict[str, Rule] = {}
    problems = []
    for name, entry in mapping.items():
        if name not in known:
            problems.append(
                Problem(
                    PLACE,
                    "unknown_column",
                    f"{quoted(str(name))} is not a column of ours."
                    f"{did_you_mean(str(name), known)} Known columns are {', '.join(known)}.",
                )
            )
            continue
        rule = _read_rule(entry, conditions)
        if rule is None:
            words = "".join(f", {{{word}: value}}" for word in conditions)
            problems.append(
                Problem(
                    f"{PLACE}, {name}",
                    "unknown_rule",
                    f"Write the name of their column, {{constant: value}}{words}, or "
                    "{column: theirs, names: {Their word: our_word}}.",
                )
            )
        else:
            rules[name] = rule
    problems += [
        Problem(
            PLACE,
            "not_mapped",
            f"The mapping does not say where {quoted(name)} comes from. Add a line for it, like "
            f'"{name}: name of their column" or "{name}: {{constant: value}}".',
        )
        for name in required
        if name not in mapping
    ]
    return rules, problems


def _read_rule(entry: object, conditions: Mapping[str, str]) -> Rule | None:
    if isinstance(entry, str) and entry.strip():
        return Rule(column=entry.strip())
    if not isinstance(entry, Mapping):
        return None
    if set(entry) == {"constant"} and _is_text(entry["constant"]):
        return Rule(constant=str(entry["constant"]).strip())
    for word, filled in conditions.items():
        if set(entry) == {word} and _is_text(entry[word]):
            return Rule(constant=str(entry[word]).strip(), if_filled=filled)
    names = entry.get("names", {})
    if (
        set(entry) <= {"column", "names"}
        and _is_text(entry.get("column"))
        and isinstance(names, Mapping)
        and all(_is_text(word) for pair in names.items() for word in pair)
    ):
        return Rule(column=str(entry["column"]).strip(), names=dict(names))
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
