"""What changed in how a question can be answered; `changes` says what kinds mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey_app.domain.places import entry_place
from survey_app.domain.problems import quoted
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.duration import Duration
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import Rated, Scale
from survey_app.domain.questionnaire import ITEM_SIGN, Question

COSMETIC, COMPARABLE, BREAKING = "cosmetic", "comparable", "breaking"
KINDS = (COSMETIC, COMPARABLE, BREAKING)
# Unicode counts these as punctuation, yet they say something; so does a minus before a digit.
MEANT = frozenset("%‰/")
MINUS = re.compile(r"[-\N{MINUS SIGN}](?=\d)")
APOSTROPHES = re.compile("['’ʼ`]")
# The attributes of types that restrict or shape an answer: code, kind, reason.
ATTRIBUTES: dict[str, tuple[str, str, str]] = {
    "unit": ("unit_changed", BREAKING, "The same number means something else in another unit."),
    "lowest": ("range_changed", BREAKING, "Other answers are possible, so others are given."),
    "highest": ("range_changed", BREAKING, "Other answers are possible, so others are given."),
    "earliest": ("range_changed", BREAKING, "Other days are possible, so others are given."),
    "latest": ("range_changed", BREAKING, "Other days are possible, so others are given."),
    "whole": ("rounding_changed", COMPARABLE, "Answers are rounded otherwise, by less than one."),
    "multiple": (
        "several_changed",
        BREAKING,
        "One choice and several choices are different questions: each option's share changes.",
    ),
    "least": ("limits_changed", BREAKING, "How many may be chosen decides how many are."),
    "most": ("limits_changed", BREAKING, "How many may be chosen decides how many are."),
    "places": ("places_changed", BREAKING, "Another number of places ranks other options."),
    "total": ("total_changed", BREAKING, "Shares of another total are other numbers."),
    "order": (
        "order_changed",
        COMPARABLE,
        "Whether the order is drawn spreads the effects of order; what can be answered stays.",
    ),
    "lines": ("field_changed", COMPARABLE, "A larger field is filled with more words."),
    "longest": ("field_changed", COMPARABLE, "Another limit only cuts the longest answers."),
    "kinds": ("files_changed", COMPARABLE, "Other kinds of files are taken."),
    "megabytes": ("files_changed", COMPARABLE, "Files of another size are taken."),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change between two versions, its kind and, in a sentence, the reason for the kind.

    `key` stays the same as long as the change does. `item` is the item whose series it concerns, or
    a matrix for all its rows, or '' for the whole questionnaire.
    """

    key: str
    place: str
    item: str
    kind: str
    code: str
    reason: str


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but space, punctuation and upper or lower case."""
    return _bare(one) == _bare(other)


def reworded(
    owner: str, item: str, place: str, old: str, new: str, what: str, code: str = "text_changed"
) -> Iterator[Change]:
    """The change of words that are answered to, if they changed."""
    if old == new:
        return
    if same_words(old, new):
        reason = "Only space, punctuation or the case of letters changed."
        yield Change(f"{owner}/{code}", place, item, COSMETIC, code, reason)
        return
    reason = f"{what} is worded otherwise, and another wording is another measurement."
    yield Change(f"{owner}/{code}", place, item, BREAKING, code, reason)


def compare_answering(old: Question, new: Question) -> Iterator[Change]:
    """The changes of type, scale, options, rows and limits of one question."""
    both_rated = isinstance(old, Rated) and isinstance(new, Rated)
    if old.type != new.type:
        code = "type_changed"
        reason = "It is answered in another way, so answers before and after do not compare."
        if both_rated:
            reason = "Its type has another name; what can be answered is told by its scale."
        kind = COMPARABLE if both_rated else BREAKING
        yield Change(f"{new.id}/{code}", "type", new.id, kind, code, reason)
        if not both_rated:
            return
    if isinstance(new, Rated) and isinstance(old, Rated):
        yield from _compare_scales(new.id, old.scale, new.scale, old.look, new.look)
        return
    if isinstance(new, Matrix) and isinstance(old, Matrix):
        yield from _compare_scales(new.id, old.scale, new.scale, old.look, new.look)
        yield from _compare_rows(new.id, old.rows, new.rows)
    if isinstance(new, Choice) and isinstance(old, Choice):
        yield from _compare_options(new.id, old.options, new.options)
    if isinstance(new, Ranking) and isinstance(old, Ranking):
        yield from _compare_options(new.id, old.options, new.options)
    if isinstance(new, ConstantSum) and isinstance(old, ConstantSum):
        yield from _compare_options(new.id, old.options, new.options)
    if isinstance(new, Consent) and isinstance(old, Consent):
        yield from reworded(
            new.id,
            new.id,
            "statement",
            old.statement,
            new.statement,
            "What is consented to",
            "statement_changed",
        )
    yield from _compare_attributes(old, new)


def _compare_attributes(old: Question, new: Question) -> Iterator[Change]:
    told: set[str] = set()
    if isinstance(old, Duration) and isinstance(new, Duration) and old.units != new.units:
        told.add("unit_changed")
        if old.offered == new.offered:
            code, reason = "units_moved", "The fields come with the greatest unit first anyway."
            yield Change(f"{new.id}/{code}", "units", new.id, COSMETIC, code, reason)
        else:
            code = "unit_changed"
            reason = "People answer to the unit they are asked for, rounded to it."
            yield Change(f"{new.id}/{code}", "units", new.id, BREAKING, code, reason)
    for name, (code, kind, reason) in ATTRIBUTES.items():
        if code not in told and getattr(old, name, None) != getattr(new, name, None):
            told.add(code)
            yield Change(f"{new.id}/{code}", name, new.id, kind, code, reason)


def _compare_scales(
    owner: str, old: Scale, new: Scale, old_look: str, new_look: str
) -> Iterator[Change]:
    def breaking(code: str, reason: str) -> Change:
        return Change(f"{owner}/{code}", "scale", owner, BREAKING, code, reason)

    if (old.lowest, old.highest) != (new.lowest, new.highest):
        reason = (
            f"The scale ran from {old.lowest} to {old.highest} and runs from {new.lowest} to "
            f"{new.highest}: the same opinion is another number."
        )
        yield breaking("scale_changed", reason)
    if old.direction != new.direction:
        yield breaking("direction_changed", "The other end of the scale is the better one now.")
    if old.anchors != new.anchors:
        points = sorted({*old.anchors, *new.anchors})
        if all(same_words(old.anchors.get(p, ""), new.anchors.get(p, "")) for p in points):
            code, reason = "anchors_changed", "Only space, punctuation or case changed."
            yield Change(f"{owner}/{code}", "scale", owner, COSMETIC, code, reason)
        else:
            reason = "The words at the points are what people choose between."
            yield breaking("anchors_changed", reason)
    # Points without a look of their own are shown as numbers.
    if (old_look or "numbers") != (new_look or "numbers"):
        reason = "Stars, faces and numbers are read differently, so they are answered differently."
        code = "look_changed"
        yield Change(f"{owner}/{code}", "look", owner, BREAKING, code, reason)


def _compare_rows(owner: str, old: Sequence[Option], new: Sequence[Option]) -> Iterator[Change]:
    before = {row.code: row for row in old}
    after = {row.code: row for row in new}
    for number, row in enumerate(new, start=1):
        item = f"{owner}{ITEM_SIGN}{row.code}"
        place = entry_place("row", number, row.code)
        if row.code in before:
            was = before[row.code]
            yield from reworded(item, item, place, was.label, row.label, "The row")
            if was.fixed != row.fixed:
                yield _held(item, place, item, "row")
        else:
            reason = "A new row: it has a series of its own, and others keep theirs."
            yield Change(f"{item}/row_added", place, item, COMPARABLE, "row_added", reason)
    for code in before:
        if code in after:
            continue
        item = f"{owner}{ITEM_SIGN}{code}"
        reason = "The row is asked no more: its series ends, and others keep theirs."
        place = f"row {quoted(code)}"
        yield Change(f"{item}/row_removed", place, item, COMPARABLE, "row_removed", reason)
    if _order_differs(list(before), list(after)):
        reason = "Rows above colour the answers below a little; each row stays."
        code = "rows_moved"
        yield Change(f"{owner}/{code}", "rows", owner, COMPARABLE, code, reason)


def _compare_options(owner: str, old: Sequence[Option], new: Sequence[Option]) -> Iterator[Change]:
    before = {option.code: option for option in old}
    after = {option.code: option for option in new}
    gone = {option.code: option.label for option in old if option.code not in after}
    for number, option in enumerate(new, start=1):
        place = entry_place("option", number, option.code)
        was = before.get(option.code)
        if was is None:
            recoded = next((code for code, label in gone.items() if label == option.label), None)
            gone.pop(recoded or "", None)
            yield _new_option(owner, place, option, recoded)
            continue
        name = f"{owner}/option/{option.code}"
        yield from reworded(
            name, owner, place, was.label, option.label, "The option", "option_reworded"
        )
        if was.exclusive != option.exclusive:
            reason = "Whether an option excludes others decides how often they are chosen."
            code = "exclusive_changed"
            yield Change(f"{name}/{code}", place, owner, BREAKING, code, reason)
        if was.fixed != option.fixed:
            yield _held(name, place, owner, "option")
        if was.other != option.other:
            reason = "Words are asked for beside the option; the option stays."
            yield Change(f"{name}/other_changed", place, owner, COMPARABLE, "other_changed", reason)
    for code in gone:
        reason = "Who would have chosen it chooses another one, so all shares shift."
        place = f"option {quoted(code)}"
        name = f"{owner}/option_removed/{code}"
        yield Change(name, place, owner, BREAKING, "option_removed", reason)
    if _order_differs(list(before), list(after)):
        reason = "Options that come first are chosen a little more often; the options stay."
        code = "options_moved"
        yield Change(f"{owner}/{code}", "options", owner, COMPARABLE, code, reason)


def _new_option(owner: str, place: str, option: Option, old_code: str | None) -> Change:
    if old_code is not None:
        code = "option_recoded"
        reason = f"It was stored as {quoted(old_code)} and is counted as another option now."
    else:
        code = "option_added"
        reason = "Some who chose another option choose the new one, so all shares shift."
    return Change(f"{owner}/{code}/{option.code}", place, owner, BREAKING, code, reason)


def _held(name: str, place: str, item: str, kind: str) -> Change:
    reason = f"Whether the {kind} keeps its place in a random order spreads the effects of order."
    return Change(f"{name}/fixed_changed", place, item, COMPARABLE, "fixed_changed", reason)


def _order_differs(old: list[str], new: list[str]) -> bool:
    common = set(old).intersection(new)
    return [one for one in old if one in common] != [one for one in new if one in common]


def _bare(text: str) -> str:
    """A text without punctuation (Unicode P) and spaces (Z): letters, numbers and signs stay."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    # The sign of a number is none of Unicode's punctuation.
    plain = MINUS.sub("\N{MINUS SIGN}", APOSTROPHES.sub("", plain))
    kept = (
        one if one in MEANT or unicodedata.category(one)[0] not in "PZ" else " " for one in plain
    )
    return " ".join("".join(kept).split())
