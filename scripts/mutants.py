"""`make mutants`: change the code, see whether a test fails, and list what no test noticed.

Which files are changed and which tests are run stands in pyproject.toml, ``[tool.mutmut]``.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

PAGE = Path("docs/reference/mutants.md")
MUTMUT = Path(sys.executable).with_name("mutmut")
KILLED = ("killed", "timeout", "caught by type check")
HEAD = """# What no test notices

`make mutants` changes the code of the statistics in one place at a time (another operator, number,
word) with mutmut and runs the tests: a change that no test notices, a surviving mutant, is either
no change at all or a promise that no test keeps. It writes this page.

| file | changes | noticed | survived | survived % |
|---|--:|--:|--:|--:|
{rows}

## The survivors

Most change nothing that comes out: a check that two lists are of one length, a warning kept quiet
that is not given, a None that becomes NaN, a `<` where equality cannot be.

```diff
{survivors}
```
"""


def main() -> int:
    """Run, and write the page."""
    subprocess.run([MUTMUT, "run"], check=True)
    write_page(_ask("results", "--all", "true"), lambda name: _ask("show", name))
    print(f"Written: {PAGE}")
    return 0


def write_page(results: str, show: Callable[[str], str]) -> None:
    """Write the page from the results, a line a mutant, and what shows each as a diff."""
    found = [line.strip().split(": ") for line in results.splitlines() if ": " in line]
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    survivors = []
    for name, status in sorted(found):
        file = name.partition(".x")[0].replace(".", "/") + ".py"
        is_killed = status in KILLED
        counts[file][is_killed] += 1
        if not is_killed:
            changed = [one for one in show(name).splitlines() if one[:2] in ("- ", "+ ")]
            survivors += [f"# {file}, {name.rpartition('.')[2]}", *changed]
    counts["all"] = sum(counts.values(), Counter())
    rows = "\n".join(
        f"| {file} | {one.total()} | {one[True]} | {one[False]} | {one[False] / one.total():.1%} |"
        for file, one in counts.items()
    )
    PAGE.write_text(HEAD.format(rows=rows, survivors="\n".join(survivors)), encoding="utf-8")


def _ask(*words: str) -> str:
    return subprocess.run([MUTMUT, *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
