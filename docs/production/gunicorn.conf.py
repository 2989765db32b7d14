"""gunicorn for Django: one process with threads for each instance, and one instance per core.

Each instance serves its own metrics at its own port, so that Prometheus sees every process.
"""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 1
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# Seconds that requests in progress have to finish after a signal to stop.
graceful_timeout = 30
timeout = 60
# nginx opens a connection for each request.
keepalive = 0
# For the worker's heartbeat file; a busy disk must not look like a worker that hangs.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
