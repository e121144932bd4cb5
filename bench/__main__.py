"""`python -m bench [only=GROUP] [size=full]`: measure, and write bench/results.json."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench import analysis, coverage, invite, report, respond
from bench.results import RESULTS, Figure, write_results

# Each group measures and gives its figures by key; `full` asks for the sizes that take long.
GROUPS: dict[str, Callable[[bool], dict[str, Figure]]] = {
    "respond": respond.measure_group,
    "invite": invite.measure_group,
    "analysis": analysis.measure_group,
    "report": report.measure_group,
    "coverage": coverage.measure_group,
}


def main(arguments: list[str]) -> int:
    """Measure the groups asked for; an argument that is not understood is a sentence."""
    options = dict(argument.partition("=")[::2] for argument in arguments)
    if unknown := options.keys() - {"only", "size"}:
        return _refuse(f"{sorted(unknown)[0]!r} is not understood: only=GROUP and size=full are.")
    only, size = options.get("only", ""), options.get("size", "")
    if only and only not in GROUPS:
        return _refuse(f"there is no group {only!r}; there are {', '.join(GROUPS)}.")
    if size not in ("", "full"):
        return _refuse(f"there is no size {size!r}; there is full.")
    for name in [only] if only else GROUPS:
        figures = GROUPS[name](size == "full")
        write_results(figures)
        for key, figure in figures.items():
            print(f"{key:<40} {figure.value:>12,g} {figure.unit}")
    print(f"Written: {RESULTS.relative_to(RESULTS.parents[1])}")
    return 0


def _refuse(sentence: str) -> int:
    print(f"bench: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
