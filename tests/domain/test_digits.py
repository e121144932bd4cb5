"""Digits of all scripts, and commas that can only be decimal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.domain.digits import with_ascii_digits, with_point
from tests.domain.strategies import laws


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("١٢", "12"),
        ("۱۲", "12"),
        ("१२", "12"),
        ("３", "3"),
        ("𝟗", "9"),
        ("²½", "²½"),
        ("٣٫٥", "3٫5"),
        ("a١\u202e", "a1\u202e"),
        ("\ud800٣", "\ud8003"),
        ("五", "五"),
        ("", ""),
    ],
)
def test_decimal_digits_of_other_scripts_become_plain(typed: str, plain: str) -> None:
    assert with_ascii_digits(typed) == plain


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("3,5", "3.5"),
        ("-3,50", "-3.50"),
        ("+3,5", "+3.5"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("1,2345", "1.2345"),
        ("٣٫٥", "3.5"),
        ("1٫234", "1.234"),
        # Could be either: these stay, to be refused.
        ("1,234", "1,234"),
        ("-123,456", "-123,456"),
        ("1,234,567", "1,234,567"),
        ("1.234,5", "1.234,5"),
        ("3,", "3,"),
        (",5", ",5"),
        ("3,5 km", "3,5 km"),
        ("3,5\n", "3,5\n"),
        ("1٬234", "1٬234"),
    ],
)
def test_a_comma_is_read_where_it_can_only_be_decimal(typed: str, plain: str) -> None:
    assert with_point(typed) == plain


@laws
@given(st.text())
def test_nothing_else_changes(text: str) -> None:
    plain = with_ascii_digits(text)
    assert len(plain) == len(text)
    assert all(
        after == before or (before.isdecimal() and after in "0123456789")
        for before, after in zip(text, plain, strict=True)
    )
    assert with_ascii_digits(plain) == plain
