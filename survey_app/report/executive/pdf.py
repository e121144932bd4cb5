"""An executive report as a PDF/UA file: tagged, with a title, a language and words for drawings.

The typesetter is loaded with the first file. The same report gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_app.report.executive.report import ExecutiveReport

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).with_name("executive.typ")
# The fonts within the typesetter; Latin, Greek and Cyrillic, then most other alphabets.
FONTS = ("Libertinus Serif", "DejaVu Sans Mono")
STANDARD = "ua-1"
# Characters that need no look whether there is a letter for them.
PLAIN = frozenset(map(chr, range(0x20, 0x7F))) | {"\n"}


def write_pdf(report: ExecutiveReport) -> bytes:
    """The report as a PDF file, dated as of its run.

    What the typesetter's own fonts lack is set in those of the system, and what these lack too is
    written as the number of its character: '[U+1F600]'.
    """
    told = _printable(asdict(report))
    return typeset(told, pdf_standards=[STANDARD], timestamp=report.subject.scored_at)


def file_name(report: ExecutiveReport) -> str:
    """What the file is called: period, scope, and the first digits of the run's id."""
    subject = report.subject
    scope = subject.scope_label.replace(":", "_")
    return f"report_{subject.period_label}_{scope}_{subject.run_id[:8]}.pdf"


def typeset(told: dict[str, Any], **how: Any) -> Any:
    """A report as `asdict` gives it, typeset; `how` as `typst.compile` takes it."""
    import typst

    words = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return typst.compile(
        str(TEMPLATE),
        font_paths=_fonts(not all(_is_drawn(letter, False) for letter in set(words) - PLAIN)),
        sys_inputs={"report": words, "fonts": "|".join(FONTS)},
        **how,
    )


def _printable(told: Any) -> Any:
    """The same with each character written that one of the fonts has a letter for."""
    if isinstance(told, dict):
        return {name: _printable(one) for name, one in told.items()}
    if isinstance(told, (list, tuple)):
        return [_printable(one) for one in told]
    if not isinstance(told, str):
        return told
    lacking = {
        ord(letter): f"[U+{ord(letter):04X}]"
        for letter in set(told) - PLAIN
        if not _is_drawn(letter, True)
    }
    return told.translate(lacking)


@cache
def _is_drawn(letter: str, with_system: bool) -> bool:
    """Whether any of the fonts has a letter for a character; the standard asks for one."""
    import typst

    families = ", ".join(f'"{name}"' for name in FONTS)
    source = f'#set document(title: "x")\n#set text(font: ({families}))\n#sys.inputs.letter'
    try:
        typst.compile(
            source.encode(),
            font_paths=_fonts(with_system),
            sys_inputs={"letter": f"a{letter}a"},
            pdf_standards=[STANDARD],
        )
    except typst.TypstError:
        return False
    return True


@cache
def _fonts(with_system: bool) -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=with_system)
