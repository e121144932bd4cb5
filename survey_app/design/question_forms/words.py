"""Forms of questions for words and files, of consents, and of texts that ask nothing."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectMultipleField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.design.question_forms.question_form import (
    SHORT,
    QuestionForm,
    WholeNumber,
    in_order,
    need,
)
from survey_app.domain.question_types.file import KINDS, MOST_MEGABYTES

KIND_LABELS = {
    "image": "Pictures",
    "pdf": "PDF",
    "document": "Documents (Word, OpenDocument)",
    "spreadsheet": "Spreadsheets (Excel, OpenDocument)",
    "audio": "Sound",
    "video": "Films",
}

# As high as a long answer is, unless somebody says otherwise.
LINES = 4


class TextForm(QuestionForm):
    """Words: a short answer on one line, or a long one."""

    kind = "text"

    room = RadioField(
        "Room for the answer",
        choices=[
            SelectChoice("short", "A short answer, on one line"),
            SelectChoice("long", "A long answer, on several lines"),
        ],
        default="long",
    )
    lines = WholeNumber(
        "Lines shown", [need("how many lines are shown, such as 4")], default=LINES, render_kw=SHORT
    )
    longest = WholeNumber(
        "Longest answer in characters",
        [need("how many characters an answer may have, such as 2000")],
        default=2000,
        render_kw=SHORT,
    )

    @classmethod
    def shown(cls, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.shown`."""
        if stored.get("lines") == 1:
            return {**stored, "room": "short", "lines": LINES}
        return {**stored, "room": "long"}

    def validate_lines(self, field: WholeNumber) -> None:
        """A long answer has several lines."""
        if self.room.data == "long" and field.data == 1:
            raise ValidationError("Give a long answer 2 lines or more, or choose a short one.")

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        lines = 1 if self.room.data == "short" else self.lines.data
        return {**super().typed(stored), "lines": lines, "longest": self.longest.data}


class ConsentForm(QuestionForm):
    """A box to tick."""

    kind = "consent"

    statement = TextAreaField(
        "Statement beside the box",
        [DataRequired("Write what is agreed to, such as: You may call me about my answers.")],
        description="What is agreed to, in full. The box is never ticked beforehand.",
        render_kw={"rows": 3},
    )

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        return {**super().typed(stored), "statement": self.statement.data or ""}


class InfoForm(QuestionForm):
    """A text to read; nothing can be asked of it."""

    kind = "info"

    text = TextAreaField(
        "What people read", [DataRequired("Write what people read.")], render_kw={"rows": 4}
    )
    required = None
    missing = None
    kpi = None

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`: what would ask for an answer goes."""
        return {
            "id": (self.id.data or "").strip(),
            "type": self.kind,
            "text": self.text.data or "",
            "help": self.help.data or "",
            "required": None,
            "missing": None,
        }


class FileForm(QuestionForm):
    """A file that is sent along."""

    kind = "file"

    kinds = SelectMultipleField(
        "Files that are taken",
        [DataRequired("Tick at least one kind of file, such as pictures.")],
        choices=[SelectChoice(kind, KIND_LABELS[kind]) for kind in KINDS],
        default=("image", "pdf"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    megabytes = WholeNumber(
        "Largest size in megabytes",
        [need("the largest size, such as 10")],
        default=10,
        description=f"Up to {MOST_MEGABYTES}.",
        render_kw=SHORT,
    )

    def typed(self, stored: dict[str, Any]) -> dict[str, Any]:
        """See `QuestionForm.typed`."""
        kinds = in_order(self.kinds.data, stored.get("kinds", ()))
        return {**super().typed(stored), "kinds": kinds, "megabytes": self.megabytes.data}
