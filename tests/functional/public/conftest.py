"""A fresh request for each look at the site: what the factories read is forgotten first."""

from collections.abc import Callable

import pytest
from flask import Flask

from cms.extensions import db
from tests.clients import PageClient


@pytest.fixture
def visit(app: Flask, client: PageClient) -> Callable[..., str]:
    """Return the text of a page as a stranger finds it; anything but 200 fails."""

    def get(path: str, status: int = 200) -> str:
        db.session.remove()
        answer = client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status} {answer.headers.get('Location', '')}"
        return answer.get_data(as_text=True)

    return get
