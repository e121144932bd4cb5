"""Series: the answers to an item that can be pooled and compared over time, numbered from 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from survey_app.domain.changes import BREAKING, Change, concerns

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
    since nobody compared what it is now with what it was. Items asked no more keep their number,
    for the day they come back.
    """
    breaking = [change for change in changes if change.kind == BREAKING]
    series = dict(before)
    for item_id in now_asked:
        if item_id not in before:
            series[item_id] = FIRST
        elif item_id not in last_asked or any(concerns(one, item_id) for one in breaking):
            series[item_id] = before[item_id] + 1
    return series
