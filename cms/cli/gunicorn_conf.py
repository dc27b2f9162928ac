"""Settings of the WSGI server, the same under `flask serve` and under a gunicorn started by hand."""

import os
import signal
from pathlib import Path
from typing import Any

from cms.cli import lifeline
from cms.cli.watchdog import Watchdog, end_process

wsgi_app = "app:create_app()"
worker_class = "cms.cli.gunicorn_worker.Worker"
workers = int(os.environ.get("CMS_WORKERS") or 2)
threads = int(os.environ.get("CMS_THREADS") or 8)
# A process that does not stir is ended after this; a single request after CMS_REQUEST_SECONDS (see watchdog).
timeout = 60
request_seconds = float(os.environ.get("CMS_REQUEST_SECONDS") or 60)
# Longer addresses are answered with 414, more or larger headers with 431. The application's own limit for addresses
# is a little lower, so that its words are read.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
graceful_timeout = 15
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "warning"
logger_class = "cms.cli.gunicorn_log.Logger"
control_socket_disable = True
# The application decides which proxies it believes (CMS_TRUSTED_PROXIES); by default gunicorn would let
# anybody on this machine claim https by a header.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
if Path("/dev/shm").is_dir():  # noqa: S108 -- memory, so that a busy disk does not look like a hanging worker
    worker_tmp_dir = "/dev/shm"  # noqa: S108 -- as above; gunicorn makes an unnamed file there


def post_worker_init(worker: Any) -> None:
    """End the whole server when its supervisor is gone, and this process when a request hangs."""
    watchdog = Watchdog(request_seconds)
    worker.wsgi = watchdog.watched(worker.wsgi)
    watchdog.start(end_process)
    lifeline.watch(lambda: os.kill(worker.ppid, signal.SIGTERM))
