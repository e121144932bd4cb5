"""Published versions made ready to be answered, once in the life of a process.

A version never changes, so all that can be worked out from it is kept: the questionnaire in each
language and its form.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import current_app

from survey_app.design.queries import read_definition, version_by_number
from survey_app.domain.answers import AnswerForm
from survey_app.domain.piping import has_pipes
from survey_app.domain.question_types.file import File
from survey_app.domain.questionnaire import RANDOM, Questionnaire
from survey_app.domain.routing import attributes_in
from survey_app.domain.translating import in_language


class Version:
    """One published version, or a draft that is looked at before."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.definition = definition
        self.questionnaire = read_definition(definition)
        self.languages = self.questionnaire.languages
        self._translated: dict[str, Questionnaire] = {}
        self._forms: dict[str, AnswerForm] = {}

    def in_language(self, language: str) -> Questionnaire:
        """The questionnaire with its texts in one of its languages."""
        if language not in self._translated:
            self._translated[language] = read_definition(in_language(self.definition, language))
        return self._translated[language]

    def form(self, language: str) -> AnswerForm:
        """The form that reads what was posted; its problems name things in this language."""
        if language not in self._forms:
            self._forms[language] = AnswerForm(self.in_language(language))
        return self._forms[language]

    @cached_property
    def is_random(self) -> bool:
        """Whether people see it in different orders."""
        holders = (*self.questionnaire.sections, *self.questionnaire.questions)
        return any(getattr(one, "order", "") == RANDOM for one in holders)

    @cached_property
    def has_pipes(self) -> bool:
        """Whether its texts repeat answers or what is known of the contact, in any language."""
        return any(has_pipes(self.in_language(language)) for language in self.languages)

    @cached_property
    def is_same_for_all(self) -> bool:
        """Whether its first page is the same for everybody who has not answered yet."""
        conditions = [
            one.show_if
            for one in (*self.questionnaire.sections, *self.questionnaire.questions)
            if one.show_if is not None
        ]
        personal = any(attributes_in(condition) for condition in conditions)
        return not (self.is_random or self.has_pipes or personal)

    @cached_property
    def takes_files(self) -> bool:
        """Whether it asks for a file anywhere."""
        return any(isinstance(question, File) for question in self.questionnaire.questions)


def version_of(key: str, number: int) -> Version:
    """The published version; raises NotFound."""
    # Kept with the app, not in this module: another app has another database.
    kept: dict[tuple[str, int], Version] = current_app.extensions.setdefault(
        "soundings_versions", {}
    )
    version = kept.get((key, number))
    if version is None:
        version = kept[key, number] = Version(version_by_number(key, number).definition)
    return version
