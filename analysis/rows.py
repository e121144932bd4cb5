"""Scored rows: what was estimated for a KPI, judged and written down as columns."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa

from analysis.answers import WindowedVotes
from analysis.definitions import Kpi, Scope, Scorebook
from analysis.estimate import Estimates, Integers, Mask, Texts
from analysis.interval import CI_LEVEL, Floats
from analysis.periods import Period
from analysis.score import Judged, judge, scope_label
from analysis.scores import make_table
from analysis.windows import Windows


@dataclass(frozen=True)
class Estimated:
    """A KPI's estimates, shape (scopes, windows), and what they rest on.

    ``evidence`` (scopes, windows, numbers) are the sums that the estimates follow from, ``series``
    the series of the question that counts in each window.
    """

    estimates: Estimates
    evidence: Floats
    series: Integers

    @classmethod
    def from_votes(cls, estimates: Estimates, counted: WindowedVotes) -> Self:
        """Estimates of votes, with the sentence on answers of other series that are left out."""
        for window, note in enumerate(counted.note):
            if note:
                reasons = estimates.reason[:, window]
                estimates.reason[:, window] = [f"{reason} {note}".strip() for reason in reasons]
        sums = counted.sums
        evidence = np.stack([getattr(sums, one.name) for one in fields(sums)], axis=-1)
        return cls(estimates, evidence, counted.series)

    @classmethod
    def plain(cls, estimates: Estimates, evidence: Floats) -> Self:
        """Estimates of what has one series only."""
        return cls(estimates, evidence, np.ones(estimates.shape[1], np.int64))


@dataclass(frozen=True)
class Run:
    """What all rows of a run have in common, and the shape of its cells.

    A KPI's rows are its scopes, in each the periods, in each the windows.
    """

    book: Scorebook
    periods: Sequence[Period]
    windows: Windows
    common: dict[str, Any]
    per_cell: dict[str, Any]
    is_over: Mask

    @classmethod
    def of(
        cls,
        book: Scorebook,
        periods: Sequence[Period],
        windows: Windows,
        now: datetime,
        run_id: str,
    ) -> Self:
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
        return cls(book, periods, windows, common, per_cell, is_over)

    def score(self, kpi: Kpi, found: Estimated) -> pa.Table:
        """The scored rows of a KPI."""
        scopes = self.book.scopes_of(kpi)
        number = {scope: at for at, scope in enumerate(self.book.scopes)}
        chosen = np.array([number[scope] for scope in scopes], np.int64)
        shape = (len(scopes), len(self.periods), len(self.windows.types))
        estimates = found.estimates.take((chosen[:, None, None], self.windows.current[None]))
        evidence = found.evidence[chosen[:, None, None], self.windows.current[None]]
        targets, which = self._targets(kpi, chosen)
        target = np.broadcast_to(targets[which][..., None], shape)
        is_over = np.broadcast_to(self.is_over[None, :, None], shape)
        judged = judge(kpi, estimates, target, is_over)
        rows = int(np.prod(shape))
        columns = (
            self.common
            | {name: np.broadcast_to(cells, shape) for name, cells in self.per_cell.items()}
            | _kpi_columns(kpi)
            | _scope_columns(scopes, shape)
            | _estimate_columns(estimates)
            | self._target_columns(kpi, which, shape)
            | _judged_columns(judged)
            | {"inputs_hash": _hashes(kpi, self.book, which, evidence)}
        )
        return make_table(columns, rows)

    def _targets(self, kpi: Kpi, scopes: Integers) -> tuple[Floats, Integers]:
        """The values of the KPI's targets, NaN at the end, and which holds: (scopes, periods)."""
        values = np.array([one.value for one in self.book.targets_of(kpi.id)] + [np.nan])
        which = np.stack(
            [np.array(self.book.targets_on(kpi.id, period.start)) for period in self.periods],
            axis=-1,
        )
        return values, which[scopes]

    def _target_columns(self, kpi: Kpi, which: Integers, shape: tuple[int, ...]) -> dict[str, Any]:
        targets = self.book.targets_of(kpi.id)
        told = {
            "target": np.array([one.value for one in targets] + [np.nan]),
            "target_scope": np.array([*map(scope_label, targets), ""], object),
            "target_version": np.array([float(one.version) for one in targets] + [np.nan]),
            "target_source": np.array([one.source.value for one in targets] + [""], object),
        }
        return {
            name: np.broadcast_to(column[which][..., None], shape) for name, column in told.items()
        }


def _kpi_columns(kpi: Kpi) -> dict[str, Any]:
    return {
        "kpi_id": kpi.id,
        "kpi_version": kpi.version,
        "kpi_name": kpi.name,
        "goal_id": kpi.goal,
        "unit": kpi.unit,
        "statistic": kpi.statistic,
        "direction": kpi.direction.value,
        "weight": kpi.weight,
        "score_rule": kpi.score.rule,
    }


def _scope_columns(scopes: Sequence[Scope], shape: tuple[int, ...]) -> dict[str, Any]:
    told = {
        "scope_type": [scope.type.value for scope in scopes],
        "scope_id": [scope.id for scope in scopes],
        "scope_name": [scope.name for scope in scopes],
    }
    return {
        name: np.broadcast_to(np.array(words, object)[:, None, None], shape)
        for name, words in told.items()
    }


def _estimate_columns(found: Estimates) -> dict[str, Any]:
    return {
        "value": found.value,
        "n": found.n,
        "n_eligible": found.n_eligible,
        "n_censored": found.n_censored,
        "effective_n": found.effective_n,
        "std_error": found.std_error,
        "ci_level": np.where(found.has_interval, CI_LEVEL, np.nan),
        "ci_low": found.low,
        "ci_high": found.high,
        "ci_method": found.ci_method,
    }


def _judged_columns(judged: Judged) -> dict[str, Any]:
    columns = {one.name: getattr(judged, one.name) for one in fields(judged)}
    return columns | {"verdict_reason": columns.pop("reason")}


def _hashes(kpi: Kpi, book: Scorebook, which: Integers, evidence: Floats) -> Texts:
    """SHA-256 over what a value is made from: definition, target and all that was counted.

    ``which`` (scopes, periods) are the targets, ``evidence`` (scopes, periods, windows, numbers)
    the sums.
    """
    definition = json.dumps(kpi.to_dict(), sort_keys=True, default=str).encode()
    targets = [
        json.dumps(one.to_dict(), sort_keys=True, default=str).encode()
        for one in book.targets_of(kpi.id)
    ]
    begun = [hashlib.sha256(definition + b"\0" + target) for target in [*targets, b""]]
    width = evidence.shape[-1] * 8
    content = np.ascontiguousarray(evidence.astype("<f8")).view(f"V{width}").ravel().tolist()
    of_cell = np.repeat(which.ravel(), evidence.shape[2]).tolist()
    hashes = np.empty(len(content), object)
    for at, (target, cell) in enumerate(zip(of_cell, content, strict=True)):
        digest = begun[target].copy()
        digest.update(cell)
        hashes[at] = digest.hexdigest()
    return hashes
