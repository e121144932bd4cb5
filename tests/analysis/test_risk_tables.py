"""Who is at risk when, and what cannot be a table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.risk_tables import RiskTable, entry_at, last_place, quotient
from tests.analysis.visiting import one_cell, rows_of, table_of, visits

CELLS = st.lists(visits(), min_size=1, max_size=6)


def equal(table, expected):
    return all(
        np.array_equal(getattr(table, name), getattr(expected, name))
        for name in ("time", "at_risk", "reached", "competing")
    )


@settings(deadline=None)
@given(CELLS, st.randoms())
def test_rows_give_the_tables_of_their_cells(cells, random):
    columns = rows_of(cells)
    order = list(range(len(columns[0])))
    random.shuffle(order)
    tables = RiskTable.from_rows(*(one[order] for one in columns), cells=len(cells))
    for numbers, table in tables:
        assert equal(table, table_of([cells[number] for number in numbers]))


@settings(deadline=None)
@given(CELLS)
def test_groups_of_a_cell_share_all_times_of_the_cell(cells):
    """Every second visit belongs to the second group; who is at risk is counted anew at each."""
    number, *columns = rows_of(cells)
    group = np.arange(len(number)) % 2
    tables = RiskTable.by_group(number, group, *columns, cells=len(cells), groups=2)
    assert sorted(np.concatenate([numbers for numbers, _ in tables])) == list(range(len(cells)))
    for numbers, table in tables:
        assert table.time.shape == (len(numbers), 2, table.time.shape[-1])
        for row, cell in enumerate(numbers):
            for own in (0, 1):
                mine = (number == cell) & (group == own)
                moments = np.unique(columns[0][number == cell])
                width = len(moments)
                assert table.time[row, own, :width].tolist() == moments.tolist()
                expected = [(columns[0][mine] >= moment).sum() for moment in moments]
                assert table.at_risk[row, own, :width].tolist() == expected
                assert not table.at_risk[row, own, width:].any()
                for name, column in zip(("reached", "competing"), columns[1:3], strict=True):
                    ended = [column[mine & (columns[0] == moment)].sum() for moment in moments]
                    assert getattr(table, name)[row, own, :width].tolist() == ended


def test_who_is_censored_at_a_time_was_at_risk_then():
    table = one_cell([(5.0, "reached"), (5.0, "open"), (5.0, "competing"), (9.0, "open")])
    found = RiskTable.count(
        np.array([5.0, 9.0]), np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.array([1.0, 1.0])
    )
    assert equal(found, table)
    assert found.at_risk.tolist() == [4, 1]
    assert found.ended.tolist() == [2, 0]


def test_cells_are_counted():
    table = table_of([[], [(1.0, "open")], [(1.0, "reached"), (2.0, "competing"), (2.0, "open")]])
    assert table.n.tolist() == [0, 1, 3]
    assert table.n_censored.tolist() == [0, 1, 1]
    assert table.competes.tolist() == [False, False, True]
    assert bool(one_cell([(1.0, "open"), (2.0, "competing")]).competes)


def test_the_other_ends_can_be_what_is_waited_for():
    told = [(1.0, "reached"), (1.0, "competing"), (2.0, "competing"), (3.0, "open")]
    other = {"reached": "competing", "competing": "reached", "open": "open"}
    assert equal(one_cell(told).swapped(), one_cell([(time, other[end]) for time, end in told]))


@pytest.mark.parametrize(
    ("told", "time", "known"),
    [
        ([], 0.0, False),
        ([(5.0, "open")], 5.0, True),
        ([(5.0, "open")], 5.5, False),
        ([(5.0, "reached"), (5.0, "open")], 5.5, False),
        ([(5.0, "reached"), (5.0, "competing")], 5.5, True),
        ([(3.0, "open"), (5.0, "reached")], 99.0, True),
        ([(3.0, "reached"), (5.0, "open")], 99.0, False),
    ],
)
def test_a_curve_is_known_while_a_visit_is_seen_and_for_ever_once_all_have_ended(told, time, known):
    assert bool(one_cell(told).is_known_at(time)) is known
    # Beside a longer cell the short one is padded; both must be told apart.
    longer = [(float(at), "open") for at in range(1, 101)]
    assert table_of([told, longer]).is_known_at(time).tolist() == [known, True]


SOUND = {
    "time": np.array([0.0, 1.0, 2.0]),
    "at_risk": np.array([9.0, 3.0, 2.0]),
    "reached": np.array([2.0, 1.0, 1.0]),
    "competing": np.array([1.0, 0.0, 1.0]),
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reached": np.array([1.0])}, "need one shape"),
        ({name: np.zeros((2, 0)) for name in SOUND}, "a time or more"),
        ({name: np.array(1.0) for name in SOUND}, "a time or more"),
        ({"time": np.array([0.0, 1.0, 1.0])}, "rising"),
        ({"time": np.array([0.0, 2.0, 1.0])}, "rising"),
        ({"time": np.array([np.nan, 1.0, 2.0])}, "finite"),
        ({"time": np.array([0.0, 1.0, np.inf])}, "finite"),
        ({"time": np.array([-1.0, 1.0, 2.0])}, "not negative"),
        ({"reached": np.array([2.0, -1.0, 1.0])}, "not be negative"),
        ({"competing": np.array([1.0, 0.0, -1.0])}, "not be negative"),
        ({"competing": np.array([1.0, 0.0, np.nan])}, "not be negative"),
        ({"competing": np.array([1.0, 0.0, 2.0])}, "no more visits"),
        ({"at_risk": np.array([9.0, 3.0, 3.0])}, "no more visits"),
        ({"competing": np.array([1.0, 1.0, 1.0])}, "no more visits"),
    ],
)
def test_what_cannot_be_a_table_is_refused(change, words):
    RiskTable(**SOUND)
    with pytest.raises(ValueError, match=words):
        RiskTable(**SOUND | change)


def test_times_after_the_last_visit_say_nothing():
    nobody = np.zeros(3)
    time = np.array([4.0, 9.0, np.inf])
    table = RiskTable(time, np.array([1.0, 0.0, 0.0]), nobody, nobody)
    assert (float(table.n), bool(table.is_known_at(4.0)), bool(table.is_known_at(9.0))) == (
        1,
        True,
        False,
    )


def test_the_start_is_a_time():
    table = RiskTable.count(np.array([0.0]), np.array([1.0]), np.array([0.0]), np.array([2.0]))
    assert (float(table.n), float(table.n_censored)) == (3, 2)


def test_entries_and_places_are_each_cells_own():
    values = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert entry_at(values, np.array([2, 0])).tolist() == [3.0, 4.0]
    assert float(entry_at(values[0], np.int64(1))) == 2.0
    marked = np.array([[True, False, True, False], [False] * 4, [True, False, False, False]])
    assert last_place(marked).tolist() == [2, 3, 0]
    assert int(last_place(marked[0])) == 2


def test_a_quotient_by_nothing_is_nothing():
    above, below = np.array([[1.0], [3.0]]), np.array([0.0, -2.0, 0.5])
    assert quotient(above, below).tolist() == [[0.0, 0.0, 2.0], [0.0, 0.0, 6.0]]
