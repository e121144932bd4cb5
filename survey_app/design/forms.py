"""Forms for drafts. They carry what was typed; whether it is sound, the domain says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, Regexp

from survey_app.design.condition_forms import ConditionFields
from survey_app.design.conditions import ALL, ANY
from survey_app.design.editing import check_name
from survey_app.domain.overruling import Overrule
from survey_app.domain.questionnaire import RANDOM, Question
from survey_app.forms import FlaskForm

CHANGE_LABELS = {
    "cosmetic": "cosmetic",
    "comparable": "comparable",
    "breaking": "breaking: new series",
}
KEY_HELP = (
    "Names it in imports and results, and stays for ever: small letters, digits, underscores."
)


class StartForm(FlaskForm):
    """A new questionnaire from its title."""

    title = StringField(
        "Title", [DataRequired("Write a title."), Length(max=500)], description="People see it."
    )
    key = StringField(
        "Key", [DataRequired("Give it a key, such as visit."), Length(max=64)], description=KEY_HELP
    )
    submit = SubmitField("Start the questionnaire")

    def validate_key(self, field: StringField) -> None:
        """A key is of letters, digits and underscores, whatever the title is."""
        for problem in check_name((field.data or "").strip(), self.title.data or ""):
            if problem.place == field.name:
                raise ValidationError(problem.message)


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

    title = StringField("Title", [DataRequired("Write a title."), Length(max=500)])
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
        [DataRequired("Name the language, such as en.")],
        default="en",
        description="A code such as en or de-CH, for screen readers. Translations are added under "
        "“Languages”.",
    )
    paging = RadioField(
        "How it is shown",
        choices=[
            SelectChoice("", "All on one page"),
            SelectChoice("sections", "A page for each section"),
            SelectChoice("questions", "A page for each question"),
        ],
        default="",
        description="Answers are kept page by page.",
    )
    submit = SubmitField("Save the draft")

    def content(self) -> dict[str, Any]:
        """The fields as keys of a definition; an empty one says nothing."""
        names = ("title", "introduction", "thanks", "language", "paging")
        return {name: self[name].data or "" for name in names}


class SectionForm(ConditionFields, RevisionForm):
    """One section."""

    title = StringField("Title", [Length(max=500)], description="May stay empty.")
    id = StringField(
        "Id",
        [DataRequired("Give it an id, such as visit.")],
        description="Letters, digits, underscores.",
    )
    random = BooleanField("Ask its questions in random order, drawn anew for each person")
    submit = SubmitField("Save the draft")

    def content(self) -> dict[str, Any]:
        """The fields as keys of a section; None takes a key out."""
        return {
            "id": (self.id.data or "").strip(),
            "title": self.title.data or "",
            "order": RANDOM if self.random.data else None,
            "show_if": self.condition,
        }


class OutlineForm(RevisionForm):
    """One of the small buttons beside a section or a question."""

    action = HiddenField(validators=[AnyOf(["up", "down", "copy", "remove"])])
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


class ConstraintForm(ConditionFields, RevisionForm):
    """A rule between answers."""

    with_answers = True

    asked = RadioField(
        "What must hold",
        choices=[SelectChoice(ALL, "All of these"), SelectChoice(ANY, "One of these at least")],
        default=ALL,
    )
    message = TextAreaField(
        "What people are told if it does not hold",
        [DataRequired("Write what people are told, such as: Give the later day here.")],
        description="What is wrong and how to mend it.",
        render_kw={"rows": 2},
    )
    at = SelectField("Told at", validate_choice=False, default="")
    submit = SubmitField("Save the draft")

    def offer_places(self, questions: Iterable[Question]) -> None:
        """Offer the questions at which the message can be told."""
        self.at.choices = [SelectChoice("", "The last question that is compared")]
        self.at.choices += [SelectChoice(one.id, f"{one.id}: {one.text}"[:90]) for one in questions]
        if self.at.data not in {choice.value for choice in self.at.choices}:
            self.at.choices.append(SelectChoice(self.at.data))

    def content(self) -> dict[str, Any]:
        """The fields as keys of a rule."""
        return {"must": self.condition, "message": self.message.data, "at": self.at.data or ""}


class LanguageForm(RevisionForm):
    """Another language."""

    language = StringField(
        "Language",
        [DataRequired("Write a language, such as German, or its code, such as de.")],
        description="Its name or its code, such as German, de or pt-BR.",
        render_kw={"list": "languages", "autocomplete": "off"},
    )
    submit = SubmitField("Add the language")


class TranslationForm(RevisionForm):
    """The texts of one language; each has a field `text-<name>`."""

    drop_idle = BooleanField("Remove these when saving")
    submit = SubmitField("Save the draft")

    def texts(self, names: Iterable[str]) -> dict[str, str]:
        """What was typed, by the names of the texts, as far as they were on the page."""
        posted = {name: request.form.get(f"text-{name}") for name in names}
        return {name: text for name, text in posted.items() if text is not None}


class TableForm(RevisionForm):
    """Translations as a file."""

    file = FileField("Translated table (CSV)")

    def source(self) -> bytes:
        """The bytes of the file; none where no file was chosen."""
        return self.file.data.read() if self.file.data else b""
