"""Reading what a KPI of a scorebook says of dimensions: known shares, and breakdowns by them."""

import re

from analysis.definitions import ScopeType, Shares
from analysis.marked_yaml import Entry

# Shares written with six digits may miss 1 by so much.
SHARES_OFF = 1e-5
# A column of a CSV, whatever the alphabet.
DIMENSION_NAME = re.compile(r"[^\W\d]\w*")
# More breakdowns of one KPI than anybody reads.
MOST_DIMENSIONS = 5


def read_margins(entry: Entry) -> tuple[Shares, ...]:
    """The population's shares by each dimension that answers are weighted by."""
    found: list[Shares] = []
    for given in entry.entries("margins", "margin"):
        dimension, shares = given.text("dimension"), given.entry("shares")
        given.finish()
        if dimension is None or shares is None:
            continue
        read = [(category, shares.number(category)) for category in shares.names()]
        numbers = [(category, share) for category, share in read if share is not None]
        if any(share <= 0 for _, share in numbers):
            message = "Each share lies above 0. Leave out a category that nobody is in."
            given.note("shares", "not_a_share", message)
        elif abs(sum(share for _, share in numbers) - 1) > SHARES_OFF:
            message = f"The shares by {dimension} do not add up to 1. Correct them."
            given.note("shares", "shares_do_not_add_up", message)
        if dimension in (one.dimension for one in found):
            given.note(
                "dimension", "repeated_dimension", f"'{dimension}' is given twice. Keep one."
            )
        found.append(Shares(dimension, tuple(numbers)))
    return tuple(found)


def read_by(entry: Entry) -> tuple[str, ...]:
    """The dimensions by each of which the KPI is broken down."""
    names = entry.texts("by")
    for name in names:
        if not DIMENSION_NAME.fullmatch(name):
            message = (
                f"'{name}' cannot name a column. Dimensions have names of letters, digits and "
                "underscores that begin with a letter, such as region."
            )
            entry.note("by", "not_a_dimension", message)
    if len(names) > MOST_DIMENSIONS:
        message = f"'by' names {len(names)} dimensions. Keep {MOST_DIMENSIONS} at most."
        entry.note("by", "too_many_dimensions", message)
    return names


def check_broken_down(
    entry: Entry,
    scopes: tuple[ScopeType, ...],
    only_for: tuple[str, ...],
    people: dict[ScopeType, list[str]],
) -> None:
    """A breakdown of nobody: representatives are too few people to be broken down."""
    of_units = ScopeType.UNIT in scopes
    if only_for:
        of_units = of_units and any(one in people[ScopeType.UNIT] for one in only_for)
    if entry.has("by") and not of_units and (only_for or ScopeType.ALL not in scopes):
        message = (
            "'by' breaks down the company and its units, and the KPI is for neither. "
            "Take it out, or widen 'scopes' and 'for'."
        )
        entry.note("by", "broken_down_for_nobody", message)
