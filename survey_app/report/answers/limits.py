"""What an anonymised download is bound by; loads nothing."""

from __future__ import annotations

# Fewer people than these are never told apart.
LEAST_PEOPLE = 5
# An attribute with more different values than these tells people apart: it has no column.
MOST_VALUES = 1000
# Looks different from an empty cell, which says that there is nothing.
WITHHELD = "(withheld)"
