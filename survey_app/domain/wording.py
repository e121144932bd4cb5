"""Warnings, most about wording: what textbooks on asking questions advise against.

They keep nothing from being published: rules that look for words are wrong now and then, and say
which words made them speak. Texts are judged in the questionnaire's own language, as far as
`phrases` knows it; translations are not judged.

Sources, by idea: Payne, The Art of Asking Questions (1951); Bradburn, Sudman and Wansink, Asking
Questions (2004); Fowler, Improving Survey Questions (1995); Dillman, Smyth and Christian, Internet,
Phone, Mail, and Mixed-Mode Surveys (2014).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_app.domain.ambiguous_labels import find_ambiguous
from survey_app.domain.answering_time import expected_minutes
from survey_app.domain.phrases import PHRASES, Phrases
from survey_app.domain.places import TOP, entry_place, question_place, section_place
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.rating import Ces, Nps, Rated, Scale
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import Question, Questionnaire
from survey_app.domain.reachability import find_doubtful
from survey_app.domain.scale_wording import warn_of_scale

# Payne advised short questions, of a score of words; this is our line.
MOST_WORDS = 30
# The longer it takes, the fewer finish, and the less care they take (Galesic and Bosnjak 2009,
# Public Opinion Quarterly 73); asked for the ideal length, people say about ten minutes (Revilla
# and Ochoa 2017, International Journal of Market Research 59). The line is ours.
MOST_MINUTES = 12
WORDS = re.compile(r"[\w'’-]+|&|[.,;:?!()/]")
SENTENCES = re.compile(r"(?<=[.?!])\s+")
# Holds the words of one conjunction together ("as well as").
JOINT = "__"
# How many words before two things may say that they are the ends of a range.
RANGE_REACH = 6


def warn(questionnaire: Questionnaire) -> list[Problem]:
    """Return what might be asked better, each with its place and a remedy.

    What cannot be told of a questionnaire with problems (see `checking`) is left out.
    """
    phrases = PHRASES.get(questionnaire.language.partition("-")[0].lower())
    warnings: list[Problem] = []
    if phrases is not None:
        warnings += _leading("introduction", questionnaire.introduction, phrases, asks=False)
    for number, section in enumerate(questionnaire.sections, start=1):
        if phrases is not None:
            found = _leading("title", section.title, phrases, asks=False)
            warnings += [one.within(section_place(number, section.id)) for one in found]
        for position, question in enumerate(section.questions, start=1):
            place = f"{section_place(number, section.id)}, {question_place(position, question.id)}"
            warnings += [one.within(place) for one in _warn_of(question, phrases)]
    warnings += find_ambiguous(questionnaire)
    warnings += find_doubtful(questionnaire)
    _short, long = expected_minutes(questionnaire)
    if long > MOST_MINUTES:
        message = (
            f"Answering takes up to {long:.0f} minutes. Beyond {MOST_MINUTES} fewer people finish, "
            "and those who do take less care. Leave out what nobody will act on."
        )
        warnings.append(Problem(TOP, "takes_long", message))
    return warnings


def _warn_of(question: Question, phrases: Phrases | None) -> Iterator[Problem]:
    words = len(question.text.split())
    if words > MOST_WORDS:
        yield Problem(
            "text",
            "long_question",
            f"The question has {words} words; beyond {MOST_WORDS} many read only part of it. "
            "Shorten it, or move what explains it to the help.",
        )
    scale = question.scale if isinstance(question, (Rated, Matrix)) else None
    agreeing = phrases is not None and _is_agreeing(question, scale, phrases)
    yield from warn_of_scale(question, phrases)
    if phrases is None:
        return
    read = {"text": question.text, **dict(_judged(question)), "help": question.help}
    for place, text in read.items():
        yield from _leading(place, text, phrases, asks=place != "help")
    for place, text in _judged(question):
        yield from (one.within(place) for one in _warn_of_text(question, text, phrases))
        if agreeing and (found := _negation(place, text, phrases)):
            yield _about(
                "negated_statement",
                found,
                "To disagree with a statement that denies something is to say no to a no, and many "
                "slip. Say it without the negation, and turn the scale if need be.",
            ).within(place)


def _judged(question: Question) -> Iterator[tuple[str, str]]:
    """The texts with their places that one thing is answered to."""
    if isinstance(question, Matrix):
        yield "text", question.text
        for number, row in enumerate(question.rows, start=1):
            yield entry_place("row", number, row.code), row.label
    elif isinstance(question, (Rated, YesNo)):
        yield "text", question.text


def _warn_of_text(question: Question, text: str, phrases: Phrases) -> Iterator[Problem]:
    if joined := find_joined(text, phrases, either=not isinstance(question, (Nps, YesNo))):
        # Payne 1951; Bradburn, Sudman and Wansink 2004: one question, one idea.
        yield _about(
            "double_barrelled",
            joined,
            "It seems to ask two things at once: whoever finds one good and the other bad cannot "
            "answer. Ask them apart.",
        )
    if found := phrases.absolute.search(text):
        # Payne 1951: words of all or nothing make people deny what is nearly so.
        yield _about(
            "absolute_wording",
            found[0],
            "Hardly anything is so without exception, so people disagree with what is nearly true. "
            "Ask how often, or leave it out.",
        )


def _leading(place: str, text: str, phrases: Phrases, asks: bool) -> Iterator[Problem]:
    """Loaded words, also around the questions; where it asks, words that press for an answer too.

    Payne 1951, Bradburn, Sudman and Wansink 2004: loaded words pull the answer to a side.
    """
    found = phrases.loaded.search(text) or (phrases.leading.search(text) if asks else None)
    if found:
        yield _about(
            "leading_wording",
            found[0],
            "It tells what answer is hoped for. Use words that suit both answers.",
        ).within(place)


def find_joined(text: str, phrases: Phrases, either: bool) -> str:
    """Return the words that join two things in a sentence of a text that asks, or ''.

    `either` also looks for things joined by "or".
    """
    for sentence in _asking(text):
        if found := _find_joined(sentence, phrases, either):
            return found
    return ""


def _asking(text: str) -> Iterator[str]:
    """The sentences that ask: those with a question mark, and the last; no list after a colon."""
    sentences = SENTENCES.split(text.strip())
    for at, sentence in enumerate(sentences):
        begun, colon, _listed = sentence.partition(": ")
        if at == len(sentences) - 1 or sentence.endswith(("?", "？")):
            yield begun if colon else sentence


def _find_joined(sentence: str, phrases: Phrases, either: bool) -> str:
    words = WORDS.findall(phrases.long_joins.sub(_as_one_word, sentence))
    low = [word.lower() for word in words]
    joining = phrases.both | (phrases.either if either else frozenset())
    for at, word in enumerate(low):
        if (word not in joining and JOINT not in word) or not 0 < at < len(low) - 1:
            continue
        left, right = at - 1, at + 1
        if low[left] == "," and left > 0:
            left -= 1
        while right < len(low) - 1 and low[right] in phrases.passed_over:
            right += 1
        if not _is_harmless(words, low, (left, at, right), phrases):
            return " ".join(words[left : right + 1]).replace(" ,", ",").replace(JOINT, " ")
    return ""


def _as_one_word(found: re.Match[str]) -> str:
    return JOINT.join(found[0].split())


def _is_harmless(
    words: list[str], low: list[str], places: tuple[int, int, int], phrases: Phrases
) -> bool:
    left, at, right = places
    one, other = low[left], low[right]
    near = {*low[max(0, at - RANGE_REACH) : at]}
    names = (
        not phrases.nouns_are_capital
        and at > 1
        and words[left][:1].isupper()
        and words[right][:1].isupper()
    )
    return (
        not (one[:1].isalpha() and other[:1].isalpha())
        or one == other
        or names
        or bool(near & phrases.ranges)
        or not phrases.harmless.isdisjoint((one, other))
        or (one.rstrip("-"), other) in phrases.pairs
        # "Satisfied or dissatisfied" offers both sides of one thing, as it should.
        or (
            low[at] in phrases.either and (other.endswith(one) or (one, other) in phrases.opposites)
        )
    )


def _is_agreeing(question: Question, scale: Scale | None, phrases: Phrases) -> bool:
    """Whether one agrees or disagrees with a statement."""
    if scale is None:
        return False
    texts = (question.text, *scale.anchors.values())
    return isinstance(question, Ces) or any(phrases.agreeing.search(text) for text in texts)


def _negation(place: str, text: str, phrases: Phrases) -> str:
    """The negation in a statement; what asks for agreement ("agree or not") is no statement."""
    if place == "text" and phrases.agreeing.search(text):
        return ""
    found = phrases.negated.search(text)
    return found[0] if found else ""


def _about(code: str, words: str, message: str) -> Problem:
    return Problem("", code, f"{quoted(words)}: {message}")
