from __future__ import annotations

import pytest

from survey_app.report.method_words import say_method


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("", ""),
        ("student_t", "Student's t"),
        (
            "student_t_linearised",
            "Student's t, with the linearised standard error of weighted answers",
        ),
        ("wilson_effective_n", "Wilson, on the effective n of weighted answers"),
        ("wilson_none_reached", "Wilson, as nobody got there"),
        ("of_the_future", "of_the_future"),
    ],
)
def test_an_interval_says_how_it_was_computed(method: str, words: str) -> None:
    assert say_method(method) == words
