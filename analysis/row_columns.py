"""The columns of scored rows, from what was estimated, judged and compared."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from analysis.changes import Moves
from analysis.deciding import NO_DATA, PROVISIONAL
from analysis.definitions import Kpi, Scope
from analysis.estimate import Estimates, Integers, Texts
from analysis.interval import CI_LEVEL, Floats
from analysis.score import Judged
from analysis.scorebook import Scorebook


def kpi_columns(kpi: Kpi) -> dict[str, Any]:
    return {
        "kpi_id": kpi.id,
        "kpi_version": kpi.version,
        "kpi_name": kpi.name,
        "goal_id": kpi.goal,
        "unit": kpi.unit,
        "statistic": kpi.statistic,
        "direction": kpi.direction.value,
        "score_rule": kpi.score.rule,
    }


def scope_columns(scopes: Sequence[Scope], shape: tuple[int, ...]) -> dict[str, Any]:
    told = {
        "scope_type": [scope.type.value for scope in scopes],
        "scope_id": [scope.id for scope in scopes],
        "scope_name": [scope.name for scope in scopes],
    }
    return {
        name: np.broadcast_to(np.array(words, object)[:, None, None], shape)
        for name, words in told.items()
    }


def estimate_columns(found: Estimates) -> dict[str, Any]:
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


def judged_columns(judged: Judged) -> dict[str, Any]:
    columns = {one.name: getattr(judged, one.name) for one in fields(judged)}
    status = np.where(judged.verdict == PROVISIONAL, "P", "A").astype(object)
    status[judged.verdict == NO_DATA] = "M"
    return columns | {"verdict_reason": columns.pop("reason"), "obs_status": status}


def move_columns(moves: Moves) -> dict[str, Any]:
    return {
        "prev_value": moves.previous,
        "change_abs": moves.change,
        "change_ci_low": moves.low,
        "change_ci_high": moves.high,
        "change_p": moves.p,
        "trend_slope": moves.slope,
    }


def hashes(kpi: Kpi, book: Scorebook, which: Integers, adjusted: Floats, evidence: Floats) -> Texts:
    """SHA-256 over what a value is made from: definition, target and all that was counted.

    ``which`` (scopes, periods) are the targets, ``adjusted`` (scopes, periods, windows) what local
    conditions make of them, ``evidence`` (scopes, periods, windows, numbers) the sums.
    """
    evidence = np.concatenate([evidence, adjusted[..., None]], axis=-1)
    definition = json.dumps(kpi.to_dict(), sort_keys=True, default=str).encode()
    targets = [
        json.dumps(one.to_dict(), sort_keys=True, default=str).encode()
        for one in book.targets_of(kpi.id)
    ]
    begun = [hashlib.sha256(definition + b"\0" + one).digest() for one in [*targets, b""]]
    width = evidence.shape[-1] * 8
    content = np.ascontiguousarray(evidence.astype("<f8")).view(f"V{width}").ravel().tolist()
    of_cell = np.repeat(which.ravel(), evidence.shape[2]).tolist()
    return np.array(
        [
            hashlib.sha256(begun[target] + cell).hexdigest()
            for target, cell in zip(of_cell, content, strict=True)
        ],
        object,
    )
