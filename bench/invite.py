"""Group `invite`: mails sent, contacts taken in."""

from __future__ import annotations

from bench.contacts import measure_contacts
from bench.mail import measure_mail
from bench.results import Figure


def measure_group(full: bool) -> dict[str, Figure]:
    """The group's figures; both sizes are the same, since none takes five minutes."""
    return measure_mail() | measure_contacts()
