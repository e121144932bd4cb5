"""YAML read with line numbers: every problem is collected with its line, its place and a remedy."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import yaml

NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# What no database and no file can keep: control characters, and half of a pair that stands for
# one character.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Differences and products of such numbers are still far from infinity.
LARGEST_NUMBER = 1e15
# Longer than any definition needs, short enough that no number turns into infinity.
LONGEST_NUMBER = 40


@dataclass(frozen=True)
class BookProblem:
    """What is wrong with a scorebook, where, and how to mend it."""

    line: int
    place: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.place}: {self.message}"


def read_document(text: str, problems: list[BookProblem]) -> "Entry | None":
    """The top mapping of the YAML text; None, with the problem noted, if there is none."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        message = f"This is not YAML: {error.problem or error.context}. Mend the text there."
        problems.append(BookProblem(line, "document", "not_yaml", message))
        return None
    except yaml.YAMLError as error:
        message = f"This is not YAML: {' '.join(str(error).split())}. Mend the text there."
        problems.append(BookProblem(1, "document", "not_yaml", message))
        return None
    except RecursionError:
        message = "This is nested too deeply to be a scorebook. Check its brackets."
        problems.append(BookProblem(1, "document", "not_yaml", message))
        return None
    if not isinstance(node, yaml.MappingNode):
        message = "A scorebook is a mapping of keys to values, beginning with 'format:'."
        problems.append(BookProblem(1, "document", "not_a_mapping", message))
        return None
    return Entry(node, "document", problems)


class Entry:
    """One mapping of the document, read key by key; ``finish`` reports the keys nobody read.

    A reader that finds a problem notes it and returns None (or the default). Text is taken as it is
    written, so ``id: 007`` is the text 007 and ``name: yes`` the text yes.
    """

    def __init__(self, node: yaml.MappingNode, place: str, problems: list[BookProblem]) -> None:
        self.place = place
        self.line = node.start_mark.line + 1
        self._problems = problems
        self._known: list[str] = []
        self._nodes: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in self._nodes:
                self.note(key, "repeated_key", f"'{key}' is given twice. Keep one.", line)
            self._nodes[key] = value
            self._lines[key] = line

    def note(self, key: str | None, code: str, message: str, line: int | None = None) -> None:
        """Note a problem at a key of this entry, or at the entry itself."""
        at = line if line is not None else self._lines.get(key or "", self.line)
        self._problems.append(BookProblem(at, self.place, code, message))

    def has(self, key: str) -> bool:
        """Whether the key is given a value; a key with an empty value counts as left out."""
        node = self._nodes.get(key)
        return node is not None and node.tag != "tag:yaml.org,2002:null"

    def text(self, key: str, default: str | None = None) -> str | None:
        """A text, not empty; without a default the key is required."""
        written = self._scalar(key, required=default is None)
        if written is None:
            return default
        if not written.strip() and default is None:
            self.note(key, "empty", f"'{key}' is empty. Give it a text.")
            return None
        return written

    def word(self, key: str, allowed: Iterable[str], default: str | None = None) -> str | None:
        """One word out of a closed list; without a default the key is required."""
        written = self._scalar(key, required=default is None)
        if written is None:
            return default
        return written if self._is_word(key, written, list(allowed)) else None

    def reference(self, key: str, ids: Iterable[str], kind: str) -> str | None:
        """The id of something the document defines elsewhere; required."""
        one = self.text(key)
        if one is None or one in ids:
            return one
        message = f"There is no {kind} '{one}'. Add it to the scorebook or correct the id."
        self.note(key, f"unknown_{kind}", message)
        return None

    def number(
        self, key: str, default: float | None = None, optional: bool = False
    ) -> float | None:
        """A finite decimal number."""
        written = self._scalar(key, required=default is None and not optional)
        if written is None:
            return default
        if not self._is_plain(key, written, NUMBER):
            self.note(key, "not_a_number", f"'{key}' is '{written}'; write a number such as 2.5.")
            return None
        if not abs(float(written)) <= LARGEST_NUMBER:
            self.note(key, "too_large", f"'{key}' is {written}; write a number of at most 1e15.")
            return None
        return float(written)

    def whole(self, key: str, default: int | None = None) -> int | None:
        """A whole number of 1 or more."""
        written = self._scalar(key, required=default is None)
        if written is None:
            return default
        if not self._is_plain(key, written, WHOLE) or int(written) < 1:
            self.note(key, "not_whole", f"'{key}' is '{written}', not a whole number from 1 up.")
            return None
        return int(written)

    def day(self, key: str, optional: bool = False) -> date | None:
        """A date written YYYY-MM-DD."""
        written = self._scalar(key, required=not optional)
        if written is None:
            return None
        try:
            # Python would read other forms too, such as 2026-W05-6.
            if DAY.fullmatch(written):
                return date.fromisoformat(written)
        except ValueError:
            pass
        self.note(key, "not_a_date", f"'{key}' is '{written}', not a date such as 2026-01-31.")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty if the key is left out."""
        found = []
        for item in self._items(key):
            if isinstance(item, yaml.ScalarNode):
                found.append(str(item.value))
            else:
                self.note(key, "not_text", f"'{key}' holds something that is not a single text.")
        if len(set(found)) < len(found):
            self.note(key, "repeated", f"'{key}' names something twice. Keep one of each.")
        return tuple(found)

    def words(self, key: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """A list of words, each out of a closed list."""
        listed = list(allowed)
        return tuple(word for word in self.texts(key) if self._is_word(key, word, listed))

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers of 1 or more."""
        found = []
        for written in self.texts(key):
            if WHOLE.fullmatch(written) and len(written) <= LONGEST_NUMBER and int(written) >= 1:
                found.append(int(written))
            else:
                self.note(key, "not_whole", f"'{written}' in '{key}' is no whole number from 1 up.")
        return tuple(found)

    def names(self) -> list[str]:
        """All keys that are given, in their order."""
        return list(self._nodes)

    def entry(self, key: str) -> "Entry | None":
        """A mapping below this one; required."""
        if not self._given(key, required=True):
            return None
        node = self._nodes[key]
        if not isinstance(node, yaml.MappingNode):
            self.note(key, "not_a_mapping", f"'{key}' must hold keys and values of its own.")
            return None
        return Entry(node, f"{self.place}, {key}", self._problems)

    def entries(self, key: str, name: str, required: bool = False) -> list["Entry"]:
        """A list of mappings; the place of each is ``name`` with its id or number."""
        found = []
        for number, item in enumerate(self._items(key, required), start=1):
            if not isinstance(item, yaml.MappingNode):
                message = f"Entry {number} of '{key}' must hold keys and values."
                self.note(key, "not_a_mapping", message, item.start_mark.line + 1)
                continue
            ids = [str(v.value) for k, v in item.value if k.value == "id"]
            found.append(Entry(item, f"{name} {ids[0] if ids else number}", self._problems))
        return found

    def allow(self, key: str) -> None:
        """Say that the key may stand here though nothing more is read from it."""
        self._known.append(key)

    def finish(self) -> None:
        """Report every key that no reader asked for."""
        for key in self._nodes:
            if key in self._known:
                continue
            near = get_close_matches(key, self._known, n=1)
            remedy = f"Did you mean '{near[0]}'?" if near else "Take it out."
            self.note(key, "unknown_key", f"'{key}' means nothing here. {remedy}")

    def _given(self, key: str, required: bool) -> bool:
        self._known.append(key)
        if self.has(key):
            return True
        if required:
            self.note(key, "missing_key", f"'{key}' is missing here. Add it.")
        return False

    def _scalar(self, key: str, required: bool) -> str | None:
        if not self._given(key, required):
            return None
        node = self._nodes[key]
        if not isinstance(node, yaml.ScalarNode):
            self.note(key, "not_text", f"'{key}' must be a single value, not a list or a mapping.")
            return None
        if UNFIT.search(node.value):
            message = f"'{key}' holds a control character or half of a character. Write it anew."
            self.note(key, "control", message)
            return None
        return str(node.value)

    def _items(self, key: str, required: bool = False) -> Sequence[yaml.Node]:
        if not self._given(key, required):
            return ()
        node = self._nodes[key]
        if not isinstance(node, yaml.SequenceNode):
            self.note(key, "not_a_list", f"'{key}' must be a list: one '- ' line for each entry.")
            return ()
        items: list[yaml.Node] = node.value
        return items

    def _is_plain(self, key: str, written: str, pattern: re.Pattern[str]) -> bool:
        node = self._nodes[key]
        quoted = isinstance(node, yaml.ScalarNode) and node.style is not None
        return not quoted and len(written) <= LONGEST_NUMBER and bool(pattern.fullmatch(written))

    def _is_word(self, key: str, written: str, allowed: list[str]) -> bool:
        if written in allowed:
            return True
        near = get_close_matches(written, allowed, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        message = f"'{written}' is not a {key} known here; choose {' or '.join(allowed)}.{hint}"
        self.note(key, "unknown_word", message)
        return False
