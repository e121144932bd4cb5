"""What processes used, from the operating system's accounting (/proc, so Linux only)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def process_tree(root: int) -> list[int]:
    """`root` and everything started below it, by process id."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these process trees, with that of children already ended."""
    ticks = 0
    for root in roots:
        for process in process_tree(root):
            fields = _stat(process)
            if fields:
                ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS_PER_SECOND


def resident_megabytes(process: int) -> float:
    """Memory that a process holds now, in megabytes (10^6 bytes)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(f"process {process} has ended")


def _stat(process: int) -> list[str]:
    """Fields of /proc/<process>/stat from the state on; empty where the process has ended."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The name in brackets may itself hold blanks and brackets.
    return text.rpartition(")")[2].split()
