"""The first question in the mail: a link for each answer, which only preselects it on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import force_locale, gettext

from survey_app.design.languages import locale_of
from survey_app.design.queries import read_definition, version_by_number
from survey_app.domain.piping import pipe
from survey_app.domain.preselecting import choices_of, preselectable
from survey_app.domain.translating import in_language
from survey_app.invite.composing import Choice
from survey_app.invite.models import Campaign


@dataclass(frozen=True)
class Asked:
    """The question in one language: its text, and (field and value for the page, label)."""

    text: str
    answers: Sequence[tuple[str, str]]

    def choices(self, link: str) -> list[Choice]:
        """Its answers as links to the page behind a personal link."""
        return [Choice(label, f"{link}?{query}") for query, label in self.answers]


class FirstQuestion:
    """The first question of a published version, read once a language."""

    def __init__(self, definition: dict[str, object]) -> None:
        self._definition = definition
        self._languages = read_definition(definition).languages
        self._asked: dict[str, Asked] = {}

    def in_language(self, wished: str) -> Asked:
        """The question in a contact's language, or in the questionnaire's first."""
        spoken = wished.split("-")[0].lower()
        fitting = [one for one in self._languages if one.split("-")[0].lower() == spoken]
        language = wished if wished in self._languages else [*fitting, self._languages[0]][0]
        if language not in self._asked:
            questionnaire = read_definition(in_language(self._definition, language))
            # What would be repeated is not known yet: its words for nothing stand there.
            question = preselectable(pipe(questionnaire, {}, {}))
            assert question is not None  # first_question gives no other
            spoken = language.split("-")[0].lower()
            with force_locale(spoken if locale_of(spoken) else "en"):
                choices = choices_of(question, gettext("Yes"), gettext("No"))
            self._asked[language] = Asked(
                question.text,
                [(urlencode({f"a.{question.id}": value}), label) for value, label in choices],
            )
        return self._asked[language]


def first_question(campaign: Campaign) -> FirstQuestion | None:
    """The question that a campaign's mails begin with, if it wants one that can be preselected."""
    if not campaign.first_question:
        return None
    version = version_by_number(campaign.questionnaire_key, campaign.version_number)
    if preselectable(read_definition(version.definition)) is None:
        return None
    return FirstQuestion(version.definition)
