"""Group `invite`: contacts taken in."""

from __future__ import annotations

from bench.contacts import measure_contacts
from bench.results import Figure


def measure_group(full: bool) -> dict[str, Figure]:
    """The group's figures; both sizes are the same."""
    return measure_contacts()
