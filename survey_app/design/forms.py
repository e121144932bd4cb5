"""Forms for drafts. They carry what was typed; whether it is sound, the domain says."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    FloatField,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from survey_app.domain.overruling import Overrule

CHANGE_LABELS = {
    "cosmetic": "cosmetic",
    "comparable": "comparable",
    "breaking": "breaking: new series",
}
KEY_HELP = (
    "Names it in imports and results, and stays for ever: small letters, digits, underscores."
)
MISSING_LABELS = {
    "not_applicable": "Does not apply",
    "dont_know": "I don't know",
    "refused": "I'd rather not say",
}


class StartForm(FlaskForm):
    """A new questionnaire from its title."""

    title = StringField("Title", [DataRequired(), Length(max=500)], description="People see it.")
    key = StringField("Key", [DataRequired(), Length(max=64)], description=KEY_HELP)
    submit = SubmitField("Start the questionnaire")


class UploadForm(FlaskForm):
    """A new questionnaire from a file or from pasted text."""

    file = FileField("File (YAML or JSON)")
    text = TextAreaField(
        "Or paste the definition",
        render_kw={"rows": 12, "class": "code", "spellcheck": "false"},
    )
    submit = SubmitField("Read it")

    def source(self) -> bytes | str:
        """What was given: the file if there is one, else the text."""
        return self.file.data.read() if self.file.data else (self.text.data or "")


class RevisionForm(FlaskForm):
    """Any change of a draft: says which revision its reader saw."""

    revision = HiddenField(validators=[InputRequired(), Regexp(r"\d{1,9}\Z")])

    def seen(self) -> int:
        """The revision that was seen; 0, which no draft has, where none was posted."""
        posted = self.revision.data or ""
        return int(posted) if self.revision.validate(self) else 0


class TextForm(RevisionForm):
    """The whole draft as YAML."""

    text = TextAreaField(
        "Definition",
        [DataRequired()],
        render_kw={"rows": 28, "class": "code", "spellcheck": "false"},
    )
    submit = SubmitField("Save the draft")


class AboutForm(RevisionForm):
    """What stands around the questions."""

    title = StringField("Title", [DataRequired(), Length(max=500)])
    introduction = TextAreaField(
        "Introduction",
        description="Why you ask, how long it takes.",
        render_kw={"rows": 4},
    )
    thanks = TextAreaField(
        "Thanks", description="Shown after sending: what happens next.", render_kw={"rows": 3}
    )
    language = StringField(
        "Language of the questions",
        [DataRequired()],
        default="en",
        description="A code such as en or de-CH, for screen readers.",
    )
    submit = SubmitField("Save the draft")


class SectionForm(RevisionForm):
    """One section."""

    title = StringField("Title", [Length(max=500)], description="May stay empty.")
    id = StringField("Id", [DataRequired()], description="Letters, digits, underscores.")
    submit = SubmitField("Save the draft")


class OutlineForm(RevisionForm):
    """One of the small buttons beside a section or a question."""

    action = HiddenField(validators=[AnyOf(["up", "down", "remove"])])
    section = IntegerField(validators=[InputRequired()])
    question = IntegerField(validators=[Optional()])


class ChangeForm(Form):
    """One change against the last version, and what kind it is held to be."""

    key = HiddenField()
    kind = SelectField(
        choices=[SelectChoice(kind, label) for kind, label in CHANGE_LABELS.items()],
        validate_choice=False,
    )
    note = StringField()


class PublishForm(RevisionForm):
    """Publishing the draft that was looked at, with its changes."""

    changes = FieldList(FormField(ChangeForm))

    def overruled(self) -> dict[str, Overrule]:
        """What each change is held to be, by its key."""
        return {
            entry["key"] or "": Overrule(entry["kind"] or "", entry["note"] or "")
            for entry in self.changes.data
        }


class QuestionForm(RevisionForm):
    """What all questions have; the types add their own fields before the button."""

    text = TextAreaField("What is asked", [DataRequired()], render_kw={"rows": 2})
    help = TextAreaField("Help", description="Small print below it.", render_kw={"rows": 2})
    id = StringField(
        "Id", [DataRequired()], description="Names the question in results, such as q1."
    )
    required = BooleanField("An answer is needed")
    missing = SelectMultipleField(
        "Also offer",
        choices=[SelectChoice(code, label) for code, label in MISSING_LABELS.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def fill(self, question: dict[str, Any]) -> None:
        """Show a question of a draft in the fields."""
        self.process(data={**question, "revision": self.revision.data})

    def question(self) -> dict[str, Any]:
        """The fields as a question of a definition."""
        return {
            "id": (self.id.data or "").strip(),
            "text": self.text.data or "",
            "help": self.help.data or "",
            "required": self.required.data,
            "missing": self.missing.data or [],
        }


class RatingForm(QuestionForm):
    """A rating question."""

    lowest = IntegerField("Lowest point", [InputRequired()], default=1)
    highest = IntegerField("Highest point", [InputRequired()], default=5)
    direction = SelectField(
        "Which end is better?",
        choices=[
            SelectChoice("higher_is_better", "The high end"),
            SelectChoice("lower_is_better", "The low end"),
        ],
    )
    anchors = TextAreaField(
        "Words at points",
        description="One a line, such as: 1 = very poor",
        render_kw={"rows": 3},
    )
    submit = SubmitField("Save the draft")

    def fill(self, question: dict[str, Any]) -> None:
        """See `QuestionForm.fill`."""
        scale = question.get("scale", {})
        words = [f"{point} = {word}" for point, word in scale.get("anchors", {}).items()]
        super().fill({**question, **scale, "anchors": "\n".join(words)})

    def question(self) -> dict[str, Any]:
        """See `QuestionForm.question`."""
        scale = {
            "lowest": self.lowest.data,
            "highest": self.highest.data,
            "direction": self.direction.data,
            "anchors": dict(_pairs(self.anchors.data)),
        }
        return {**super().question(), "type": "rating", "scale": scale}


class ChoiceForm(QuestionForm):
    """A choice question."""

    options = TextAreaField(
        "Options",
        [DataRequired()],
        description="One a line: the code that is stored, =, what people see. "
        "Such as: shop = In the shop",
        render_kw={"rows": 6},
    )
    multiple = BooleanField("Several may be chosen")
    submit = SubmitField("Save the draft")

    def fill(self, question: dict[str, Any]) -> None:
        """See `QuestionForm.fill`."""
        lines = [f"{option['code']} = {option['label']}" for option in question.get("options", [])]
        super().fill({**question, "options": "\n".join(lines)})

    def question(self) -> dict[str, Any]:
        """See `QuestionForm.question`."""
        options = [{"code": code, "label": label} for code, label in _pairs(self.options.data)]
        return {
            **super().question(),
            "type": "choice",
            "options": options,
            "multiple": self.multiple.data,
        }


class NumberForm(QuestionForm):
    """A number question."""

    unit = StringField("Unit", description="Such as minutes.")
    lowest = FloatField("Lowest", [Optional()])
    highest = FloatField("Highest", [Optional()])
    whole = BooleanField("Whole numbers only")
    submit = SubmitField("Save the draft")

    def question(self) -> dict[str, Any]:
        """See `QuestionForm.question`."""
        ends = {"lowest": self.lowest.data, "highest": self.highest.data}
        return {
            **super().question(),
            "type": "number",
            "unit": self.unit.data or "",
            "whole": self.whole.data,
            **{end: value for end, value in ends.items() if value is not None},
        }


class TextQuestionForm(QuestionForm):
    """A free text question."""

    lines = IntegerField("Height in lines", [InputRequired()], default=4)
    longest = IntegerField("Longest answer in characters", [InputRequired()], default=2000)
    submit = SubmitField("Save the draft")

    def question(self) -> dict[str, Any]:
        """See `QuestionForm.question`."""
        sizes = {"lines": self.lines.data, "longest": self.longest.data}
        return {**super().question(), "type": "text", **sizes}


QUESTION_FORMS: dict[str, type[QuestionForm]] = {
    "rating": RatingForm,
    "choice": ChoiceForm,
    "number": NumberForm,
    "text": TextQuestionForm,
}


def _pairs(text: str | None) -> list[tuple[str, str]]:
    """Lines of the form 'a = b'; a line without the sign stands for both."""
    pairs = []
    for line in (text or "").splitlines():
        if line.strip():
            left, sign, right = line.partition("=")
            pairs.append((left.strip(), right.strip() if sign else left.strip()))
    return pairs
