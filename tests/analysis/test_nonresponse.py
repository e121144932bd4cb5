"""Response rate 1 of AAPOR."""

import numpy as np
import pytest

from analysis.nonresponse import Dispositions, response_rate_1


def test_complete_interviews_by_everybody_who_belongs_or_may_belong():
    # 120 / ((120 + 30) + (40 + 60 + 10) + 40)
    found = response_rate_1(Dispositions(120, 30, 40, 60, 10, 40))
    assert (found.value, found.n, found.definition) == (0.4, 300, "AAPOR RR1")


def test_many_cells_at_once_and_nan_for_that_cell_alone():
    found = response_rate_1(
        Dispositions(np.array([5.0, 0.0, np.nan, 0.0]), refusal=np.array([15.0, 3.0, 1.0, 0.0]))
    )
    assert found.value == pytest.approx([0.25, 0, np.nan, np.nan], nan_ok=True)
    assert found.n[[0, 1, 3]].tolist() == [20, 3, 0]


def test_a_rate_of_nobody_is_undefined():
    found = response_rate_1(Dispositions(0))
    assert np.isnan(found.value)
    assert found.n == 0


def test_impossible_counts_are_named():
    with pytest.raises(ValueError, match="A count of non_contact is negative or infinite"):
        response_rate_1(Dispositions(1, non_contact=-1))
    with pytest.raises(ValueError, match=r"do not fit together: complete \(2,\)"):
        response_rate_1(Dispositions(np.ones(2), refusal=np.ones(3)))
