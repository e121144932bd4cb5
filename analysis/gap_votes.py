"""The votes on gaps: differences of two answers, counted and voted like answers."""

from collections.abc import Sequence

import pyarrow as pa

from analysis.ballots import count_votes
from analysis.engines import Connection
from analysis.facts import FactsFolder
from analysis.gaps import tally_gaps
from analysis.reduce import Facts
from analysis.scorebook import Scorebook
from analysis.wanted import Wanted


def count_gaps(
    book: Scorebook,
    connection: Connection,
    folder: FactsFolder,
    months: Sequence[str],
    by: str = "",
) -> list[pa.Table]:
    """The votes of the months on every gap of the scorebook, see ``count_votes``.

    Raises
    ------
    FactsError
        For a response that answers a question of a gap more than once.
    """
    wanted = Wanted.of("ratings", book, by)
    files = folder.files("ratings", months) if wanted.keys else []
    if not files or all(kpi.statistic != "gap" for kpi in book.kpis):
        return []
    facts = Facts.of(connection, folder, wanted, files).table
    return [count_votes(book, one, by) for one in tally_gaps(connection, facts, book, wanted)]
