import logging
import socket
from typing import Any

class ThreadWorker:
    log: logging.Logger

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None: ...
