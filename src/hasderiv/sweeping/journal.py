"""A journal of finished stretches, so that a run that was broken off goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, as_completed
from pathlib import Path
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def begun(
    path: Path,
    wanted: Collection[K],
    submit: Callable[[K], Future[V]],
    encode: Callable[[K, V], Any],
    decode: Callable[[Any], tuple[K, V]],
    done: Callable[[], None],
) -> Callable[[], dict[K, V]]:
    """Submits the wanted stretches, but for those that the journal holds; what it returns waits for what was found.

    ``encode`` gives the line of a stretch as JSON has it, ``decode`` undoes that; ``done`` is called for each stretch.
    """
    found = {at: value for at, value in _read(path, decode) if at in wanted}
    futures = {submit(at): at for at in wanted if at not in found}

    def completed() -> dict[K, V]:
        for _ in range(len(found)):
            done()
        with path.open("a", encoding="utf-8") as file:
            for future in as_completed(futures):
                at = futures[future]
                found[at] = future.result()
                file.write(json.dumps(encode(at, found[at])) + "\n")
                file.flush()
                done()
        return found

    return completed


def _read(path: Path, decode: Callable[[Any], tuple[K, V]]) -> Iterator[tuple[K, V]]:
    """What an earlier run wrote; a line that was cut short counts for nothing."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            yield decode(json.loads(line))
        except (ValueError, TypeError):
            continue
