"""A service that follows no signal, as a worker that waits for its broker, and its pool."""

import os
import signal
import time

for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
is_child = os.fork() == 0
is_grandchild = is_child and os.fork() == 0
if not is_grandchild:
    os.write(1, b"waiting\n")
time.sleep(600)
