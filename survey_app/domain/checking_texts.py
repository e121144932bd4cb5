"""Whether texts repeat only what is known by then, and are there in every language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from survey_app.domain.definition_fields import LANGUAGE
from survey_app.domain.piping import CONTACT, PIPE, pipes_in
from survey_app.domain.places import question_place, section_place
from survey_app.domain.problems import Problem, did_you_mean, quoted
from survey_app.domain.questionnaire import RANDOM, Question, Questionnaire
from survey_app.domain.translating import CONSTRAINT, idle_texts, missing_texts, texts_of
from survey_app.domain.wire import dump_definition

# Of many texts, so many are named.
NAMED = 3
# The ends of names (see `translating`) of texts that are never repeated into.
PLAIN = ("anchors", "unit")


def check_texts(questionnaire: Questionnaire) -> list[Problem]:
    """Return what is wrong with pipes and with translations."""
    definition = dump_definition(questionnaire)
    texts = texts_of(definition)
    pages = _Pages(questionnaire)
    problems: list[Problem] = []
    for name, text in texts.items():
        problems += [problem.within(pages.place_of(name)) for problem in pages.check(name, text)]
    lacking, idle = missing_texts(definition), idle_texts(definition)
    problems += _find_one_language(questionnaire.translations)
    for language, translated in questionnaire.translations.items():
        found = [
            *_check_language(language, questionnaire.language),
            *_name_texts(lacking[language], "missing_translation", "are not translated", "Add"),
            *_name_texts(idle[language], "idle_translation", "are not in the original", "Remove"),
            *_compare_pipes(texts, translated),
        ]
        problems += [problem.within(f"translation {language}") for problem in found]
    return problems


@dataclass
class _Pages:
    """On which page each question, section and item stands, counted from 0."""

    questionnaire: Questionnaire

    def __post_init__(self) -> None:
        self.places: dict[str, str] = {}
        self.page_of: dict[str, int] = {}
        # Items of sections in random order, by section: on pages of their own their order is open.
        self.drawn: dict[str, str] = {}
        for number, section in enumerate(self.questionnaire.sections, start=1):
            self.places[f"{section.id}.title"] = section_place(number, section.id)
            for position, question in enumerate(section.questions, start=1):
                place = f"{section_place(number, section.id)}, "
                self.places[question.id] = place + question_place(position, question.id)
                if section.order == RANDOM:
                    self.drawn.update(dict.fromkeys(_ids_of(question), section.id))
        for at, page in enumerate(self.questionnaire.pages):
            for section in page.sections:
                self.page_of.setdefault(f"{section.id}.title", at)
            for question in page.questions:
                self.page_of.update(dict.fromkeys(_ids_of(question), at))
        self.items = {item.id for item in self.questionnaire.items}

    def place_of(self, name: str) -> str:
        """The place of a text in words."""
        if name in self.places:
            return f"{self.places[name]}, title"
        owner, _dot, rest = name.partition(".")
        kind, _dot, code = rest.partition(".")
        if owner == CONSTRAINT and rest.isdecimal():
            return f"constraint {rest}, message"
        if owner not in self.places:
            return name
        if kind in ("options", "rows"):
            return f"{self.places[owner]}, {kind.removesuffix('s')} {quoted(code)}"
        return f"{self.places[owner]}, {f'{kind} {code}' if code else kind}"

    def check(self, name: str, text: str) -> Iterator[Problem]:
        """What is wrong with the pipes of one text."""
        left = PIPE.sub("", text)
        if "{{" in left and "}}" in left:
            yield Problem(
                "",
                "broken_pipe",
                "Two braces that repeat nothing would be shown as they are. Write {{q1}}, or "
                "{{contact.name|there}} with words for where nothing is known.",
            )
        for pipe in dict.fromkeys(pipes_in(text)):
            if problem := self._check_pipe(name, pipe):
                yield problem

    def _check_pipe(self, name: str, pipe: str) -> Problem | None:
        owner, _dot, rest = name.partition(".")
        of_constraint = owner == CONSTRAINT and rest.isdecimal()
        if of_constraint or rest.partition(".")[0] in PLAIN:
            message = (
                f"Nothing is repeated in this text, so {quoted(pipe)} would be shown as it is. "
                "Repeat it in the question's text or help instead."
            )
            return Problem("", "pipe_not_filled", message)
        if pipe.startswith(CONTACT):
            return None
        if pipe not in self.items:
            near = did_you_mean(pipe, self.items)
            return Problem(
                "",
                "unknown_pipe",
                f"There is no question {quoted(pipe)} to repeat.{near} Name a question, or "
                "contact. and an attribute.",
            )
        if name == "thanks":
            return None
        # The introduction comes before all pages.
        here = self.page_of.get(name, self.page_of.get(owner, -1))
        drawn_together = pipe in self.drawn and self.drawn[pipe] == self.drawn.get(owner)
        if self.page_of[pipe] < here and not drawn_together:
            return None
        return Problem(
            "",
            "not_yet_answered",
            f"{pipe} is not answered before this is shown. Put this on a later page than {pipe}, "
            "or set the paging so that it is.",
        )


def _ids_of(question: Question) -> list[str]:
    return [question.id, *(item.id for item in question.items)]


def _find_one_language(languages: Iterable[str]) -> Iterator[Problem]:
    by_name: dict[str, list[str]] = {}
    for language in languages:
        by_name.setdefault(language.lower(), []).append(language)
    for first, *others in by_name.values():
        for other in others:
            yield Problem(
                f"translation {other}",
                "duplicate_language",
                f"{quoted(first)} and {quoted(other)} are one language. Keep one of the two.",
            )


def _check_language(language: str, own: str) -> Iterator[Problem]:
    if not LANGUAGE.fullmatch(language):
        message = f"{quoted(language)} is no language code. Use one like en or de-CH."
        yield Problem("", "bad_language", message)
    elif language.lower() == own.lower():
        message = f"The questionnaire is written in {own} itself. Remove this translation."
        yield Problem("", "own_language", message)


def _name_texts(names: list[str], code: str, trouble: str, remedy: str) -> Iterator[Problem]:
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        told = f"{len(names)} of the texts {trouble}: {', '.join(names[:NAMED])}{more}."
        yield Problem("", code, f"{told} {remedy} what is named.")


def _compare_pipes(texts: Mapping[str, str], translated: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in translated.items():
        wanted, found = set(pipes_in(texts.get(name, text))), set(pipes_in(text))
        if wanted == found:
            continue
        lacks = "".join(f" It lacks {{{{{one}}}}}." for one in sorted(wanted - found))
        adds = "".join(f" It adds {{{{{one}}}}}." for one in sorted(found - wanted))
        yield Problem(
            name,
            "pipes_differ",
            f"The translation does not repeat what its original repeats.{lacks}{adds} Correct it.",
        )
