"""One series of a question at a time: answers before and after a breaking change never mix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.cells import Integers, Mask
from analysis.definitions import RatingSource

NOTE = (
    "Only series {series} of the question counts; answers from before the question changed are "
    "left out."
)


@dataclass(frozen=True)
class CountedSeries:
    """The series that counts, or None where there is no answer, and a sentence on what does not."""

    number: int | None
    note: str = ""


def newest_series(
    source: RatingSource, versions: Integers, series: Integers, answered: Mask
) -> CountedSeries:
    """The newest series that has an answer with a value in one of the source's versions.

    Of rows of one length: each row's version, series, and whether it stands for answers.
    """
    wanted = answered & _is_wanted(source.versions, versions)
    present = {int(one) for one in series[wanted]}
    if not present:
        return CountedSeries(None)
    newest = max(present)
    return CountedSeries(newest, NOTE.format(series=newest) if len(present) > 1 else "")


def _is_wanted(wanted: Sequence[int], versions: Integers) -> Mask:
    return np.isin(versions, wanted) if wanted else np.ones(len(versions), dtype=np.bool_)
