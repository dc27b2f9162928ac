"""Programs that use the API for the people of the tests."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.functional.api.client import ApiClient
from tests.people import Person


@pytest.fixture
def api_as(app: Flask) -> Callable[[Person], ApiClient]:
    """Give a signed-in client for a person (a stranger's for nobody); the same client each time."""
    clients: dict[str, ApiClient] = {}

    def client_of(person: Person) -> ApiClient:
        if person.name not in clients:
            made = ApiClient(app)
            clients[person.name] = made if person.role is None else made.sign_in(person)
        return clients[person.name]

    return client_of


@pytest.fixture
def stranger(app: Flask) -> ApiClient:
    """A client without a token."""
    return ApiClient(app)


class _Quiet(WSGIRequestHandler):
    """Answers without a line for each request, of which there are thousands."""

    def log_request(self, *_args: object, **_more: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Server:
    """A site that answers at an address of this machine."""

    app: Flask
    url: str


@pytest.fixture
def server(make_app: Callable[..., Flask]) -> Iterator[Server]:
    """Run a site on a free port, for programs that are not ours."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://localhost:{listening.getsockname()[1]}"
        app = make_app(CMS_BASE_URL=url)
        made = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, fd=os.dup(listening.fileno()))
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield Server(app, url)
    made.shutdown()
    thread.join(10)
    made.server_close()
