"""The figures of a run, and bench/results.json."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Figure:
    """One key of results.json: the median over `n` runs, in `unit`.

    `reference` is the median of what it was compared with, in that thing's own unit, or None.
    """

    value: float
    unit: str
    reference: float | None
    n: int
    note: str


def median_of(values: Sequence[float], unit: str, note: str) -> Figure:
    """The median of one figure a run."""
    return Figure(_rounded(statistics.median(values)), unit, None, len(values), note)


def ratio_of(ours: Sequence[float], references: Sequence[float], unit: str, note: str) -> Figure:
    """The median of ratios, each taken within one run."""
    ratios = [our / reference for our, reference in zip(ours, references, strict=True)]
    reference = _rounded(statistics.median(references))
    return Figure(_rounded(statistics.median(ratios)), unit, reference, len(ratios), note)


def write_results(figures: dict[str, Figure], path: Path = RESULTS) -> None:
    """Put the figures into the file; those of groups that were not measured now stay."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept.update({key: asdict(figure) for key, figure in figures.items()})
    text = json.dumps(dict(sorted(kept.items())), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
