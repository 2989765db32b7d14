"""A line in the terminal that shows that a long step is still running."""

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
    """Write the name of a step at once, and repeatedly how far it is and for how long it has run.

    `write` is called with text without a line end. `count` returns how many are done.
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
