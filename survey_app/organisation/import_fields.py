"""Fields that the import forms of several rooms share."""

from __future__ import annotations

from collections.abc import Sequence

import yaml
from wtforms import TextAreaField, ValidationError


class MappingField(TextAreaField):
    """How the columns of a file are named, as YAML text; empty where they have our names.

    After validation `mapping` holds the document for `domain.mapping`, or None if it is empty.
    """

    mapping: object = None

    def pre_validate(self, form: object) -> None:
        """Read the text; every scalar stays the text it is, so that no date or 'no' is guessed."""
        try:
            self.mapping = yaml.load(self.data or "", Loader=yaml.BaseLoader)
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            line = f" Line {mark.line + 1} cannot be read." if mark else ""
            raise ValidationError(
                f"This is not YAML.{line} Write one line for each column, like "
                '"started_at: opened_at" or "unit: {constant: company}".'
            ) from error


def example_mapping(lines: Sequence[str]) -> dict[str, object]:
    """Attributes of a mapping field: its size, and an example to write over."""
    return {"rows": max(len(lines), 4), "class": "code", "placeholder": "\n".join(lines)}
