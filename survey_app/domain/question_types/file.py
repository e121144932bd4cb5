"""A file that somebody sends with their answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from survey_app.domain.definition_fields import ListField, WholeField, WordField, find_flaw
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.questionnaire import Answer, Definition, Question, QuestionPart, Value

# Media types by the kinds that a definition names. What a browser could run is in none of them.
KINDS: dict[str, tuple[str, ...]] = {
    "image": ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic"),
    "pdf": ("application/pdf",),
    "document": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.oasis.opendocument.text",
        "application/msword",
    ),
    "spreadsheet": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.ms-excel",
    ),
    "audio": ("audio/mpeg", "audio/mp4", "audio/ogg", "audio/x-wav"),
    "video": ("video/mp4", "video/quicktime", "video/webm"),
}
MOST_MEGABYTES = 25
MEGABYTE = 1024 * 1024
KEYS = ("id", "name", "size", "type")
LONGEST_ID = 100
LONGEST_NAME = 255


class FilePart(QuestionPart):
    """Definition of a question for a file."""

    kinds = ListField(WordField(known=tuple(KINDS)), most=10, load_default=("image", "pdf"))
    megabytes = WholeField(load_default=10)


@dataclass(frozen=True, kw_only=True)
class File(Question):
    """A question answered with one file of at most `megabytes` (of 1024² bytes), of these `kinds`.

    The value is {"id", "name", "size" in bytes, "type"}; the file itself is kept elsewhere, under
    its id. In a form the value is its JSON.
    """

    type: ClassVar[str] = "file"
    definition: ClassVar[Definition] = FilePart

    kinds: tuple[str, ...] = ("image", "pdf")
    megabytes: int = 10

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types that are taken."""
        return tuple(media for kind in self.kinds for media in KINDS[kind])

    def check(self) -> list[Problem]:
        """See `Question.check`: the kinds and the size."""
        problems = []
        if not self.kinds:
            known = ", ".join(KINDS)
            message = f"No kind of file is taken. Name some of: {known}."
            problems.append(Problem("kinds", "no_kinds", message))
        if not 1 <= self.megabytes <= MOST_MEGABYTES:
            message = f"Set the largest size between 1 and {MOST_MEGABYTES} megabytes."
            problems.append(Problem("megabytes", "bad_size", message))
        return problems

    def check_upload(self, name: str, size: int, media_type: str) -> Problem | None:
        """Return why a file cannot be taken: `media_type` is what its bytes say, '' if unknown."""
        if not size:
            return Problem.told(
                self.id,
                "empty_file",
                "The file {name} is empty. Choose another one.",
                name=quoted(name),
            )
        if size > self.megabytes * MEGABYTE:
            return Problem.told(
                self.id,
                "file_too_large",
                "The file {name} is larger than {megabytes} MB. Choose a smaller one.",
                name=quoted(name),
                megabytes=self.megabytes,
            )
        if media_type not in self.media_types:
            return Problem.told(
                self.id,
                "wrong_kind",
                "The file {name} is of no kind that is taken here. Choose one of: {kinds}.",
                name=quoted(name),
                kinds=self.kinds,
            )
        return None

    def read(self, values: Sequence[str]) -> Value | Problem | None:
        """See `Question.read`: the JSON of a value."""
        given = self.read_single(values)
        if given is None or isinstance(given, Problem):
            return given
        try:
            value = json.loads(given)
        except (ValueError, RecursionError):
            value = None
        if not _is_file(value):
            return Problem.told(
                self.id, "not_a_file", "The file did not arrive. Choose it once more."
            )
        unfit = self.check_upload(value["name"], value["size"], value["type"])
        return unfit or {key: value[key] for key in KEYS}

    def encode(self, value: Value) -> list[str]:
        """See `Question.encode`."""
        return [json.dumps(value)]

    def say(self, answer: Answer) -> str:
        """See `Question.say`: the file's name."""
        return str(answer["value"]["name"])


def _is_file(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != set(KEYS):
        return False
    texts = (value["id"], value["name"], value["type"])
    if not all(isinstance(text, str) and not find_flaw(text) for text in texts):
        return False
    size = value["size"]
    return (
        0 < len(value["id"]) <= LONGEST_ID
        and len(value["name"]) <= LONGEST_NAME
        and isinstance(size, int)
        and not isinstance(size, bool)
        and size >= 0
    )
