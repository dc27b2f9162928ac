"""What no generated request can know, taken out of those of schemathesis (SCHEMATHESIS_HOOKS)."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

#: Beyond so many items only cursors lead on.
_FURTHEST = 10_000


#: Somebody there is not.
_NOBODY = 2**40


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    """Mend requests before they are sent."""
    _spare_oneself(case)
    if case.meta is not None and case.meta.generation.mode.is_positive and isinstance(case.query, dict):
        _follow_lists(case.query)


def _spare_oneself(case: Any) -> None:
    """Have an admin change anybody but themselves: whoever signs themselves out sees nothing more of the API."""
    own = int(os.environ.get("FUZZ_SELF", "0"))
    if isinstance(case.path_parameters, dict) and str(case.path_parameters.get("user_id")) == str(own):
        case.path_parameters["user_id"] = _NOBODY
    items = case.body.get("items") if isinstance(case.body, dict) else None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("id") == own:
            item["id"] = _NOBODY


def _follow_lists(query: dict[str, Any]) -> None:
    """Leave out what no schema tells of lists, and what is answered with 422.

    Cursors are given out by lists, so that one made up is none; and pages end at 10,000 items, whatever is on each.
    """
    query.pop("cursor", None)
    page, items = str(query.get("page", "1")), str(query.get("per_page", "20"))
    if page.isdigit() and items.isdigit() and (int(page) - 1) * int(items) >= _FURTHEST:
        del query["page"]
