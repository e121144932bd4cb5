"""How many of the visits have reached a milestone after how long: the curve of a duration KPI."""

import numpy as np

from analysis.cells import Tally
from analysis.definitions import DurationSource
from analysis.duration_shares import Share
from analysis.estimate import Integers
from analysis.interval import Floats
from analysis.risk_tables import RiskTable
from analysis.survival_curves import cumulative_incidence, effective_visits, kaplan_meier
from analysis.survival_limits import AALEN_JOHANSEN, ALL_REACHED, KAPLAN_MEIER, NONE_REACHED
from analysis.told_cells import EMPTY, SUPPRESSED, Document, ToldCells, plain
from analysis.visits import VisitTally

# A step that is left out moves the curve by less than this share: 200 steps draw any curve.
TOLERANCE = 0.005
# Shares in a curve's steps, and their limits, are told to so many decimals.
DECIMALS = 6
# At so many times, at most, it is said how many visits are still waited for.
TIMES_AT_RISK = 6
# Steps between these times that people read easily: seconds, minutes, hours, days.
ROUND_TIMES = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    172800, 432000, 604800, 864000, 1728000, 2592000, 5184000, 8640000, 17280000, 31536000,
)  # fmt: skip


def curve_exhibits(cells: ToldCells, visits: VisitTally) -> list[tuple[int, Document]]:
    """The share that has reached the milestone by each time, in every scope.

    Kaplan and Meier's where nothing competes, else Aalen and Johansen's cumulative incidence, with
    the pointwise 95 % limits of ``analysis.duration_shares``.

    Returns
    -------
    list of (position of the scope, document)
        Scopes without visits are left out. A document holds by window ``status``, ``n``,
        ``reached``, ``called_back``, ``left``, ``open``, ``method``, ``steps`` ([seconds, share,
        low, high], the share from that time on), ``at_risk`` (``seconds``, ``n``) and ``until``,
        the longest time that any visit was seen.
    """
    source = cells.kpi.source
    assert isinstance(source, DurationSource)
    by_window = {
        window: _curves(cells, visits.tally(source, cells.windows.spans[cells.span(window)]))
        for window in cells.windows.types
    }
    found = []
    for at, scope in enumerate(cells.scopes):
        windows = {}
        for window, curves in by_window.items():
            status = cells.status(int(scope), window)
            windows[window.value] = {"status": status} | (
                curves.get(at, {}) if status != SUPPRESSED else {}
            )
        if any(one["status"] != EMPTY for one in windows.values()):
            document = {"process": source.process, "milestone": source.milestone}
            found.append((int(scope), document | {"windows": windows, "tolerance": TOLERANCE}))
    return found


def _curves(cells: ToldCells, tally: Tally) -> dict[int, Document]:
    """The curve of every scope that has visits, by its place in ``cells``."""
    place = np.full(tally.scopes, -1, np.int64)
    place[cells.scopes] = np.arange(len(cells.scopes))
    told = tally.only(place[tally.scope] >= 0)
    counts = {name: told.sums(told.floats(name)) for name in ("called_back", "left")}
    found: dict[int, Document] = {}
    tables = RiskTable.from_rows(
        place[told.scope],
        told.floats("seconds"),
        told.floats("reached"),
        told.floats("called_back") + told.floats("left"),
        told.floats("open"),
        len(cells.scopes),
    )
    for numbers, table in tables:
        share = reached_by(table)
        limits = share.interval()
        low, high = np.asarray(limits.low), np.asarray(limits.high)
        for row, number in enumerate(numbers):
            if table.n[row] == 0:
                continue
            scope = cells.scopes[number]
            one = RiskTable(
                table.time[row], table.at_risk[row], table.reached[row], table.competing[row]
            )
            found[int(number)] = {
                "n": int(table.n[row]),
                "reached": int(table.reached[row].sum()),
                "called_back": int(counts["called_back"][scope]),
                "left": int(counts["left"][scope]),
                "open": int(table.n_censored[row]),
                "method": AALEN_JOHANSEN if table.competes[row] else KAPLAN_MEIER,
                "steps": _steps(one, share.value[row], low[row], high[row]),
                "at_risk": _at_risk(one),
                "until": float(one.time[one.at_risk > 0][-1]),
            }
    return found


def reached_by(table: RiskTable) -> Share:
    """The share that has reached the milestone by each of a table's times.

    Parameters
    ----------
    table : RiskTable
        Of shape (..., T).

    Returns
    -------
    Share
        With arrays of shape (..., T): what ``share_within`` gives at each time.

    Examples
    --------
    >>> time, none = np.array([20.0, 40.0, 50.0, 90.0]), np.zeros(4)
    >>> finished, called_back = np.array([1.0, 0, 1, 0]), np.array([0.0, 1, 0, 0])
    >>> table = RiskTable.count(time, finished, called_back, np.array([0.0, 0, 0, 2]))
    >>> reached_by(table).value.round(3).tolist()
    [0.2, 0.2, 0.4, 0.4]
    """
    incidence, pending = cumulative_incidence(table), kaplan_meier(table)
    competes = np.broadcast_to(table.competes[..., np.newaxis], table.time.shape)
    level = np.clip(np.where(competes, incidence.level, 1 - pending.level), 0.0, 1.0)
    visits = effective_visits(table)
    # Where the curve is empty it errs no more; the visits that emptied it do.
    least = np.where(pending.level == 0, level * (1 - level) / visits, 0.0)
    variance = np.fmax(incidence.variance, least)
    inside = (level > 0) & (level < 1)
    rule = np.select(
        [level <= 0, level >= 1, competes],
        [NONE_REACHED, ALL_REACHED, AALEN_JOHANSEN],
        KAPLAN_MEIER,
    )
    return Share(
        np.nan,
        level,
        table.n,
        table.n_censored,
        visits,
        np.where(inside, np.sqrt(variance), np.nan),
        rule,
        np.full(level.shape, "", "<U1"),
    )


def _steps(table: RiskTable, share: Floats, low: Floats, high: Floats) -> list[list[float | None]]:
    """The curve's steps, without those that would move it by less than TOLERANCE."""
    kept = thin(share[table.reached > 0])
    at = np.flatnonzero(table.reached > 0)[kept]
    levels = [one[at].round(DECIMALS) for one in (share, low, high)]
    return [
        [float(time), *(plain(level) for level in step)]
        for time, *step in zip(table.time[at], *levels, strict=True)
    ]


def thin(level: Floats) -> Integers:
    """The steps of a rising curve to draw: the first, the last, and each that is far enough.

    Until the next step that is kept, a curve drawn with these only is less than TOLERANCE below
    the curve.

    Examples
    --------
    >>> thin(np.array([0.1, 0.101, 0.104, 0.106, 0.5, 0.501])).tolist()
    [0, 3, 4, 5]
    """
    kept: list[int] = []
    for at, share in enumerate(level.tolist()):
        if not kept or share - level[kept[-1]] >= TOLERANCE or at == len(level) - 1:
            kept.append(at)
    return np.array(kept, np.int64)


def _at_risk(table: RiskTable) -> list[Document]:
    """How many visits are still waited for at a few round times."""
    seen = table.at_risk > 0
    until = table.time[seen][-1]
    step = next((one for one in ROUND_TIMES if until / one < TIMES_AT_RISK), ROUND_TIMES[-1])
    found = []
    for time in np.arange(0.0, until + 1e-9, step)[:TIMES_AT_RISK]:
        later = np.flatnonzero(seen & (table.time >= time))
        found.append({"seconds": float(time), "n": int(table.at_risk[later[0]])})
    return found
