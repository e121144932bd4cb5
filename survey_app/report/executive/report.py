"""What an executive report says, ready to be written as a page or as a PDF: words and positions."""

from __future__ import annotations

from dataclasses import dataclass

from survey_app.report.axes import Axis


@dataclass(frozen=True)
class Subject:
    """What a report is about, as plain values: moments are written in the organisation's zone."""

    organisation: str
    scope_name: str
    scope_label: str
    period_label: str
    period_type: str
    period_words: str
    run_id: str
    # Seconds since 1970, for the file's own date.
    scored_at: int
    # Whether the period is closed, and what came in late: sentences.
    state: tuple[str, ...]
    # What the run was made with: name and value.
    made_with: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Note:
    """What a manager says, with the name of what it is about ('' for all of the report)."""

    id: int
    about: str
    text: str
    author: str
    written: str


@dataclass(frozen=True)
class Line:
    """A goal's score or a KPI: its drawing, and its numbers written for the reader."""

    id: str
    name: str
    verdict: str
    axis: Axis
    # What the drawing shows, for who does not see it.
    alt: str
    value: str
    interval: str
    target: str
    # The distance from the target with its sign; '' without a target.
    deviation: str
    long_value: str
    long_interval: str


@dataclass(frozen=True)
class GoalOverview:
    """One goal; `depth` counts the goals above it. Without a score it has no line of its own."""

    id: str
    name: str
    depth: int
    aim: str
    vision: str
    sentences: tuple[str, ...]
    line: Line | None
    kpis: tuple[Line, ...]


@dataclass(frozen=True)
class Finding:
    """A goal or KPI and what is found of it, in a sentence or two."""

    id: str
    name: str
    sentence: str


@dataclass(frozen=True)
class Findings:
    """The first findings of a kind, and how many more there are."""

    shown: tuple[Finding, ...]
    more: int


@dataclass(frozen=True)
class Unjudged:
    """KPIs that have no verdict for one and the same reason."""

    verdict: str
    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """What changed for certain against the period before, and how much could be compared."""

    better: Findings
    worse: Findings
    sentence: str


@dataclass(frozen=True)
class ExecutiveReport:
    """All of it, the answer first."""

    subject: Subject
    title: str
    answer: str
    evidence: tuple[str, ...]
    goals: tuple[GoalOverview, ...]
    left_out: tuple[str, ...]
    changes: Changes
    undecided: Findings
    unjudged: tuple[Unjudged, ...]
    notes: tuple[Note, ...]
    # How to read it: heading and paragraph.
    method: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether no goal and no KPI of the run is meant for the scope."""
        return not self.goals
