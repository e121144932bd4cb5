"""Scored rows: what was estimated for a KPI, judged and written down as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa

from analysis.changes import Moves
from analysis.deciding import NO_TARGET, NO_VERDICT, SUPPRESSED, UNDETERMINED
from analysis.definitions import DIMENSION, GROWING_STATISTICS, Kpi
from analysis.estimate import Estimates, Integers, Mask
from analysis.estimated import Breakdown, Estimated
from analysis.interval import CI_LEVEL, Floats
from analysis.periods import Period
from analysis.row_columns import (
    estimate_columns,
    hashes,
    judged_columns,
    kpi_columns,
    move_columns,
    scope_columns,
)
from analysis.score import Judged, judge
from analysis.scorebook import Scorebook
from analysis.scores import make_table
from analysis.windows import Windows
from analysis.withholding import withheld_cells, withhold

CONFIDENTIAL = "confidential"

NO_INDEX = "The target's index has no figure above 0 here, so it cannot be adjusted."
OTHER_LENGTH = "The target and the goalposts are for the length of the period."


@dataclass(frozen=True)
class Run:
    """What all rows of a run have in common, and the shape of its cells.

    A KPI's rows are its scopes, in each the periods, in each the windows.
    """

    book: Scorebook
    periods: Sequence[Period]
    windows: Windows
    indices: Mapping[str, Floats]
    common: dict[str, Any]
    per_cell: dict[str, Any]
    is_over: Mask

    @classmethod
    def of(
        cls,
        book: Scorebook,
        periods: Sequence[Period],
        windows: Windows,
        indices: Mapping[str, Floats],
        now: datetime,
        run_id: str,
    ) -> Self:
        """For the periods; ``indices`` (scopes, windows) are those that targets follow."""
        is_over = np.array([period.is_over(now, book.time_zone) for period in periods])
        told = {
            "period_type": [period.type.value for period in periods],
            "period_label": [period.label for period in periods],
            "period_start": [period.start.isoformat() for period in periods],
            "period_end": [period.end.isoformat() for period in periods],
        }
        shape = (len(periods), len(windows.types))
        per_cell = {
            name: np.broadcast_to(np.array(words, object)[:, None], shape)
            for name, words in told.items()
        }
        per_cell["window"] = np.broadcast_to(
            np.array([one.value for one in windows.types], object), shape
        )
        common = {"run_id": run_id, "computed_at": now.isoformat(), "ci_level": CI_LEVEL}
        return cls(book, periods, windows, indices, common, per_cell, is_over)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Scopes, periods, windows."""
        return (len(self.book.scopes), len(self.periods), len(self.windows.types))

    def score(self, kpi: Kpi, found: Estimated) -> "ScoredKpi":
        """The KPI judged and compared in every scope it is declared for, period and window."""
        number = {scope: at for at, scope in enumerate(self.book.scopes)}
        chosen = np.array([number[scope] for scope in self.book.scopes_of(kpi)], np.int64)
        hidden = withheld_cells(self.book, kpi, chosen, found.estimates)
        return self._score(kpi, found, hidden, chosen, chosen)

    def break_down(self, kpi: Kpi, parts: Breakdown) -> "ScoredKpi":
        """The KPI judged and compared in every value of a dimension; its goal is none of theirs."""
        rows = np.arange(len(parts.scopes))
        scored = self._score(kpi, parts.found, parts.hidden, rows, parts.scopes)
        values = np.array(parts.values, object)[:, None, None]
        column = np.broadcast_to(values, scored.target.shape)
        return replace(
            scored,
            columns=scored.columns | {DIMENSION + parts.dimension: column, "weight": None},
        )

    def _score(
        self, kpi: Kpi, found: Estimated, hidden: Mask, rows: Integers, chosen: Integers
    ) -> "ScoredKpi":
        """Some ``rows`` of the estimates, each judged as its scope among ``chosen``."""
        scopes = [self.book.scopes[at] for at in chosen]
        shape = (len(scopes), len(self.periods), len(self.windows.types))
        known = withhold(found.estimates, hidden)
        cells = (rows[:, None, None], self.windows.current[None])
        estimates, withheld = known.take(cells), hidden[cells]
        which = np.stack(
            [np.array(self.book.targets_on(kpi.id, period.start)) for period in self.periods],
            axis=-1,
        )[chosen]
        of_scope = (chosen[:, None, None], self.windows.current[None])
        adjusted = self._adjusted(kpi, which, of_scope)
        raw = np.array([one.value for one in self.book.targets_of(kpi.id)] + [np.nan])[which]
        has_index = np.array(
            [one.adjustment is not None for one in self.book.targets_of(kpi.id)] + [False]
        )[which]
        comparable = self._same_length(kpi)
        target = np.where(has_index[..., None], adjusted, raw[..., None])
        target = np.where(comparable, target, np.nan)
        judged = judge(kpi, estimates, target, np.broadcast_to(self.is_over[None, :, None], shape))
        unadjusted = has_index[..., None] & np.isnan(adjusted) & comparable
        _explain(judged, unadjusted, ~comparable)
        _tell_withheld(judged, withheld, self.book.minimum_n)
        weigh = dict(zip(self.book.scopes_of(kpi), self.book.weights_of(kpi), strict=True))
        weights = np.array([weigh[scope] for scope in scopes], np.float64)
        moves = Moves.of(known, found.series, rows, self.windows)
        # Figures may have the same sums and another order, or another share of them below.
        evidence = np.concatenate(
            [found.evidence[cells], found.estimates.value[cells][..., None]], axis=-1
        )
        columns = (
            self.common
            | {name: np.broadcast_to(column, shape) for name, column in self.per_cell.items()}
            | kpi_columns(kpi)
            | {"weight": np.broadcast_to(weights[:, None, None], shape)}
            | scope_columns(scopes, shape)
            | estimate_columns(estimates)
            | self._target_columns(kpi, which, shape)
            | {"target_adjusted": adjusted}
            | judged_columns(judged)
            | move_columns(moves)
            | {"inputs_hash": hashes(kpi, self.book, which, adjusted, evidence)}
            | {"suppressed_reason": np.where(withheld, CONFIDENTIAL, "")}
        )
        columns["obs_status"][withheld] = "Q"
        columns["n"] = np.where(withheld, np.nan, columns["n"])
        columns["n_eligible"] = np.where(withheld, np.nan, columns["n_eligible"])
        # A hash of few answers could be found out by trying them all.
        columns["inputs_hash"] = np.where(withheld.ravel(), "", columns["inputs_hash"])
        return ScoredKpi(kpi, chosen, weights, estimates, target, judged, moves, columns)

    def _adjusted(self, kpi: Kpi, which: Integers, cells: tuple[Any, ...]) -> Floats:
        """Targets adjusted for local conditions, NaN where they are not.

        (scopes, periods, windows): target x (index now / index at setting) ^ elasticity.
        """
        shape = np.broadcast_shapes(*(part.shape for part in cells))
        adjusted = np.full(shape, np.nan)
        for position, target in enumerate(self.book.targets_of(kpi.id)):
            held = np.broadcast_to((which == position)[..., None], shape)
            if target.adjustment is None or not held.any():
                continue
            now = self.indices[target.adjustment.index][cells]
            with np.errstate(invalid="ignore", divide="ignore"):
                factor = (now / target.adjustment.at_setting) ** target.adjustment.elasticity
            found = target.value * factor
            adjusted = np.where(held & np.isfinite(found) & (now > 0), found, adjusted)
        return adjusted

    def _same_length(self, kpi: Kpi) -> Mask:
        """Whether targets and goalposts fit a window: for what grows, one as long as its period."""
        if kpi.statistic not in GROWING_STATISTICS:
            return np.ones((1, len(self.periods), len(self.windows.types)), np.bool_)
        lengths = np.array([span.stop - span.start for span in self.windows.spans])
        own = np.array([len(period.months()) for period in self.periods])
        same: Mask = lengths[self.windows.current] == own[:, None]
        return same[None]

    def _target_columns(self, kpi: Kpi, which: Integers, shape: tuple[int, ...]) -> dict[str, Any]:
        targets = self.book.targets_of(kpi.id)
        told = {
            "target": np.array([one.value for one in targets] + [np.nan]),
            "target_scope": np.array([*(one.scope_label for one in targets), ""], object),
            "target_version": np.array([float(one.version) for one in targets] + [np.nan]),
            "target_source": np.array([one.source.value for one in targets] + [""], object),
        }
        return {
            name: np.broadcast_to(column[which][..., None], shape) for name, column in told.items()
        }


@dataclass(frozen=True)
class ScoredKpi:
    """One KPI, scored: arrays of the shape (scopes, periods, windows).

    ``scopes`` are the positions in the scorebook's scopes of those that the KPI counts for,
    ``weights`` (scopes,) the weights it has there, ``columns`` what its rows hold.
    """

    kpi: Kpi
    scopes: Integers
    weights: Floats
    estimates: Estimates
    target: Floats
    judged: Judged
    moves: Moves
    columns: dict[str, Any]

    def table(self, schema: pa.Schema, **more: Any) -> pa.Table:
        """The rows, with what only all KPIs together tell."""
        return make_table(self.columns | more, self.target.size, schema)


def _tell_withheld(judged: Judged, withheld: Mask, minimum_n: int) -> None:
    """One word for cells of few people and for those that would give them away."""
    judged.verdict[withheld] = SUPPRESSED
    judged.reason[withheld] = (
        f"Withheld: fewer than {minimum_n} people, or it would tell about so few."
    )


def _explain(judged: Judged, unadjusted: Mask, longer: Mask) -> None:
    """Say why there is no target where one was set, and leave out what it would be for."""
    longer = np.broadcast_to(longer, judged.score.shape)
    for cells, sentence in ((unadjusted, NO_INDEX), (longer, OTHER_LENGTH)):
        told = judged.reason[cells]
        judged.reason[cells] = [one.replace(NO_TARGET, sentence) for one in told]
    judged.verdict[unadjusted & (judged.verdict == NO_VERDICT)] = UNDETERMINED
    for column in (judged.score, judged.score_low, judged.score_high):
        column[longer] = np.nan
