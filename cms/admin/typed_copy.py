"""The name of the copy that a browser keeps of what is typed: sent with a save, told again in the answer.

The script of the edit page (frontend/src/admin/typed.js) removes the copy when the answer to a save that went well
leads to `#saved-NAME`. Without scripts there is no name and nothing differs.
"""

from __future__ import annotations

import re

from flask import request

_NAME = re.compile(r"[a-z0-9]{10}-[0-9]{1,4}")


def copy_name() -> str:
    """Return the name that came with the form; empty if none came, or none that our script gives."""
    name = request.form.get("copy", "")
    return name if _NAME.fullmatch(name) else ""


def saved_anchor() -> str | None:
    """Return the fragment that tells the page after a save which copy it may forget; None if there is none."""
    name = copy_name()
    return f"saved-{name}" if name else None
