"""A line of the terminal that shows that a long step is still at work."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_SECONDS = 1.0


@contextmanager
def step(
    write: Callable[[str], None],
    name: str,
    count: Callable[[], int] | None = None,
    *,
    every: float = EVERY_SECONDS,
) -> Iterator[None]:
    """Writes the name of a step at once, and again while it runs: how far it is, for how long.

    `write` takes text as it is, without a line's end. `count` answers for how many are done.
    """
    began, is_over = time.monotonic(), threading.Event()

    def show() -> None:
        done = f", {count():,} done" if count else ""
        write(f"\r{name}{done}, {time.monotonic() - began:.0f} s")

    def keep_showing() -> None:
        while not is_over.wait(every):
            show()

    write(f"{name} …")
    watcher = threading.Thread(target=keep_showing, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
        show()
        write("\n")
