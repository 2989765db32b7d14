"""Runs a module as `python -m` does, for no longer than the process that started it.

    python -m lms_progress.embedded.attached PARENT celery --app lms_progress worker

The kernel's signal (`children.dies_with_parent`) asks for a clean end, but not every process can
follow it: a worker that waits for its broker notes the signal and goes on waiting. So a thread
watches the parent, and ends the process once it has had its time. Processes that the module
forks end with it.
"""

import os
import runpy
import signal
import sys
import threading
import time

from .children import end_with_parent

GRACE_SECONDS = 5
_CHECK_SECONDS = 1


def main() -> None:
    parent, module = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=_watch, args=(parent,), name="watch parent", daemon=True).start()
    end_forks_with_this()
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_CHECK_SECONDS)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


def end_forks_with_this() -> None:
    """Has the kernel kill forked processes when this one ends, and theirs when they end."""
    own = os.getpid()

    def in_child() -> None:
        nonlocal own
        parent, own = own, os.getpid()
        end_with_parent(parent, signal.SIGKILL)

    os.register_at_fork(after_in_child=in_child)


if __name__ == "__main__":
    main()
