"""Make the next pieces on threads while one is used; Arrow leaves Python's lock to others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

MAKERS = 2

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def made_ahead(pieces: Iterator[Piece], make: Callable[[Piece], Made]) -> Iterator[Made]:
    """`make` of each piece, in order; so many as there are makers are made ahead."""
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(MAKERS) as pool:
        try:
            for piece in pieces:
                waiting.append(pool.submit(make, piece))
                if len(waiting) > MAKERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
