"""The reference of the library: its examples print what they say, and it names what there is."""

import doctest
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs/reference/library.md"
TEXT = PAGE.read_text(encoding="utf-8")
TOPICS = {part.partition("\n")[0]: part for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]}
EXAMPLES = {
    topic: block
    for topic, part in TOPICS.items()
    for block in re.findall(r"^```python\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
}
ROWS = re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_an_example_that_prints_what_it_says(topic):
    example = doctest.DocTestParser().get_doctest(EXAMPLES[topic], {}, topic, PAGE.name, 0)
    assert example.examples
    with np.printoptions(precision=6, suppress=True):
        assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("row", ROWS)
def test_every_function_named_is_there(row):
    """In a row, what begins with a dot belongs to the place of the name before it."""
    place = ""
    for name in re.findall(r"`([^`]+)`", row):
        module, _, path = name.partition(".")
        if module:
            place = name.rpartition(".")[0]
        else:
            module, _, path = f"{place}.{path}".partition(".")
        found = importlib.import_module(f"analysis.{module}")
        for part in path.split("."):
            found = getattr(found, part)
        assert found.__doc__


def test_every_topic_has_a_table():
    for topic, part in TOPICS.items():
        assert "| function | what it gives | source |" in part, topic
    assert len(ROWS) > 50
