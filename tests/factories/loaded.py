"""A process that has loaded the product, and of which each command is a copy.

A command begins at once then, where a process of its own would first load for seconds. That it
begins from nothing too is tried where installations run as a whole (`tests/test_serving.py`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NURSERY = """
import json, os, sys
from survey_app.cli import main

for line in sys.stdin:
    wish = json.loads(line)
    if "of" in wish:
        ended, status = os.waitpid(wish["of"], os.WNOHANG)
        told = os.waitstatus_to_exitcode(status) if ended else None
        print(json.dumps(told), flush=True)
        continue
    child = os.fork()
    if child:
        print(child, flush=True)
        continue
    os.environ.clear()
    os.environ.update(wish["environment"])
    for number, name in enumerate(("/dev/null", wish["out"], wish["err"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
    sys.argv = ["soundings", *wish["arguments"]]
    main()
    sys.exit()
"""
SECONDS_FOR_A_COMMAND = 60.0


@dataclass(frozen=True)
class Command:
    """A command that was begun: its process id, and the files to which it tells."""

    process: int
    out: Path
    err: Path


@dataclass
class Loaded:
    """A process that has loaded the product."""

    nursery: subprocess.Popen[str]
    folder: Path
    count: int = 0

    def begin(self, *arguments: str, environment: Mapping[str, str]) -> Command:
        """Begin a command with this environment and no other."""
        self.count += 1
        out, err = (self.folder / f"{self.count}.{name}" for name in ("out", "err"))
        process = self._ask(
            arguments=arguments, environment=dict(environment), out=str(out), err=str(err)
        )
        return Command(process, out, err)

    def exit_code(self, command: Command) -> int | None:
        """How it ended, -9 if it was killed; None while it runs."""
        ended: int | None = self._ask(of=command.process)
        return ended

    def kill(self, command: Command) -> None:
        """Kill it, and wait until it has ended."""
        os.kill(command.process, signal.SIGKILL)
        assert self._wait(command, 10) == -signal.SIGKILL

    def run(
        self, *arguments: str, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as `subprocess.run` does."""
        command = self.begin(*arguments, environment=environment)
        code = self._wait(command, SECONDS_FOR_A_COMMAND)
        out, err = (one.read_text("utf-8") for one in (command.out, command.err))
        return subprocess.CompletedProcess(list(arguments), code, out, err)

    def _wait(self, command: Command, seconds: float) -> int:
        until = time.monotonic() + seconds
        while (code := self.exit_code(command)) is None:
            if time.monotonic() > until:
                self.kill(command)
                raise TimeoutError(f"It went on: {command.err.read_text('utf-8')}")
            time.sleep(0.01)
        return code

    def _ask(self, **wish: Any) -> Any:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(json.dumps(wish) + "\n")
        self.nursery.stdin.flush()
        told = self.nursery.stdout.readline()
        assert told, "the loaded process has ended; its own words are above"
        return json.loads(told)


@contextmanager
def load() -> Iterator[Loaded]:
    """Load the product, and end the process at last."""
    with (
        tempfile.TemporaryDirectory(prefix="soundings-commands-") as folder,
        subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as nursery,
    ):
        yield Loaded(nursery, Path(folder))
