"""What a package of scores says of the run that it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class About:
    """A run as its files tell of it; '' where something is not known.

    ``period_end`` is excluded, ``facts_hash`` is the SHA-256 of all that was counted.
    """

    run_id: str
    period_label: str
    period_start: date
    period_end: date
    computed_at: datetime
    time_zone: str
    engine: str
    seed: int
    code_version: str = ""
    facts_hash: str = ""

    def lines(self) -> Iterator[tuple[str, str]]:
        """Name and value of all that is known."""
        told = (
            ("Run", self.run_id),
            ("Period", self.period_label),
            ("From", self.period_start.isoformat()),
            ("To before", self.period_end.isoformat()),
            ("Time zone", self.time_zone),
            ("Computed at", self.computed_at.isoformat()),
            ("Engine", self.engine),
            ("Seed", str(self.seed)),
            ("Code", self.code_version),
            ("Facts (SHA-256)", self.facts_hash),
        )
        return ((name, value) for name, value in told if value)
