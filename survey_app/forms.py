"""What every form of the product is made of."""

from __future__ import annotations

from typing import Any

import flask_wtf

# What WTForms says, in words that tell a remedy.
REMEDIES = {
    "Not a valid integer value.": "Write a whole number, like 12.",
    "Not a valid float value.": "Write a number, like 4.5.",
    "Not a valid date value.": "Write a date like 2026-07-31.",
    "Not a valid time value.": "Write a time like 09:30.",
    "Not a valid choice.": "Choose one of those offered.",
    "Invalid Choice: could not coerce.": "Choose one of those offered.",
    "'%(value)s' is not a valid choice for this field.": (
        "'%(value)s' is not offered. Choose only what is."
    ),
    "'%(value)s' are not valid choices for this field.": (
        "'%(value)s' are not offered. Choose only what is."
    ),
}


class _Remedies:
    """Takes the place of the catalogues of translations that WTForms ships."""

    def gettext(self, message: str) -> str:
        return REMEDIES.get(message, message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self.gettext(singular if count == 1 else plural)


class FlaskForm(flask_wtf.FlaskForm):
    """A form whose messages say what to write instead."""

    class Meta(flask_wtf.FlaskForm.Meta):
        """How WTForms makes it."""

        def get_translations(self, _form: Any) -> _Remedies:
            """Messages in plain words; the customers' pages are translated elsewhere."""
            return _Remedies()
