"""Risk tables of visits told one by one, counted in plain Python, for the tests of durations."""

import numpy as np
from hypothesis import strategies as st

from analysis.risk_tables import RiskTable

ENDS = ("reached", "competing", "open")


def visits(*ends, last=12, least=0, most=30):
    """Lists of (seconds, end), whole seconds so that many are equal."""
    one = st.tuples(st.integers(0, last).map(float), st.sampled_from(ends or ENDS))
    return st.lists(one, min_size=least, max_size=most)


def one_cell(told):
    """The table of one cell, of shape (T,)."""
    return RiskTable(*(column[0] for column in columns_of([told])))


def table_of(cells):
    """The table of several cells, of shape (cells, T), padded to the longest."""
    return RiskTable(*columns_of(cells))


def columns_of(cells):
    times = [sorted({seconds for seconds, _ in cell}) for cell in cells]
    longest = max(1, *(len(one) for one in times))
    time = np.full((len(cells), longest), np.inf)
    at_risk, reached, competing = np.zeros((3, len(cells), longest))
    for row, (cell, own) in enumerate(zip(cells, times, strict=True)):
        for place, moment in enumerate(own):
            time[row, place] = moment
            at_risk[row, place] = sum(seconds >= moment for seconds, _ in cell)
            reached[row, place] = cell.count((moment, "reached"))
            competing[row, place] = cell.count((moment, "competing"))
    return time, at_risk, reached, competing


def rows_of(cells):
    """Cell, time, reached, competing and censored, a row a visit."""
    told = [(number, *one) for number, cell in enumerate(cells) for one in cell]
    number = np.array([one[0] for one in told], np.int64)
    seconds = np.array([one[1] for one in told], np.float64)
    counts = (np.array([one[2] == end for one in told], np.float64) for end in ENDS)
    return number, seconds, *counts


def same(found, expected, rel=1e-9):
    """Whether numbers are equal but for rounding, NaN where NaN."""
    return np.allclose(found, expected, rtol=rel, atol=1e-12, equal_nan=True)
