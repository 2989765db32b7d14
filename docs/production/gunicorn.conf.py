"""gunicorn for what Django answers: one process of threads for each instance, and one a core.

Each instance tells its own numbers at its own port, so that Prometheus sees every process.
"""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 1
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# What is being answered when it is told to end has so long to finish.
graceful_timeout = 30
timeout = 60
# nginx opens a connection for each request.
keepalive = 0
# The worker's sign of life; a disk that is busy must not look like a worker that hangs.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
