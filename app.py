"""The application for servers and the `flask` command; `python app.py` is for a look on one's own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cms.factory import create_app

if TYPE_CHECKING:
    from flask import Flask

    app: Flask

__all__ = ["app", "create_app"]


def __getattr__(name: str) -> Any:
    """Make `app` when somebody first asks for it, so that importing `create_app` alone starts nothing."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = made = create_app()
    return made


if __name__ == "__main__":
    served = create_app()
    served.run(host="127.0.0.1", port=served.config["PORT"], debug=False)
