"""Digits of all scripts: who writes Arabic or Hindi types other signs for the same numbers."""

from __future__ import annotations

import re
import unicodedata

DECIMAL_COMMA = re.compile(r"[+-]?\d+[,٫]\d+", re.ASCII)
# Could be a thousand or one and a bit.
AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)


def with_ascii_digits(text: str) -> str:
    """Return the text with each decimal digit of another script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(_ascii(sign) for sign in text)


def with_point(text: str) -> str:
    """Return a typed number with a decimal point, where its comma can only be the decimal sign.

    "3,5" is read; "1,234" could be either, so it stays as it is (and is refused by the reader).
    """
    plain = with_ascii_digits(text)
    if not DECIMAL_COMMA.fullmatch(plain) or AMBIGUOUS.fullmatch(plain):
        return plain
    return plain.replace(",", ".").replace("٫", ".")


def _ascii(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    return sign if digit is None else str(digit)
