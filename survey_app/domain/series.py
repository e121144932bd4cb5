"""Series: the answers to an item that can be pooled and compared over time, numbered from 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from survey_app.domain.changes import BREAKING, RETURNED, Change, concerns

FIRST = 1


def carry_series(
    before: Mapping[str, int],
    last_asked: Collection[str],
    now_asked: Iterable[str],
    changes: Iterable[Change],
) -> dict[str, int]:
    """Return the number of each item's series in a new version.

    `before` has every item that was ever asked, `last_asked` the items of the last version. A
    breaking change begins a new series, however many there are; so does an item that comes back,
    unless that was told as a change and is held not to break. Items asked no more keep their
    number, for the day they come back.
    """
    changes = list(changes)
    breaking = [change for change in changes if change.kind == BREAKING]
    returned = [change for change in changes if change.code in RETURNED]
    series = dict(before)
    for item_id in now_asked:
        untold = item_id not in last_asked and not any(concerns(one, item_id) for one in returned)
        if item_id not in before:
            series[item_id] = FIRST
        elif untold or any(concerns(one, item_id) for one in breaking):
            series[item_id] = before[item_id] + 1
    return series
