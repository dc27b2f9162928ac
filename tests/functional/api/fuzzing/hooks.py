"""What no generated request can know, taken out of those of schemathesis (SCHEMATHESIS_HOOKS)."""

from __future__ import annotations

import os
from typing import Any

import schemathesis

#: Somebody there is not.
_NOBODY = 2**40


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    """Have an admin change anybody but themselves: whoever signs themselves out sees nothing more of the API."""
    own = int(os.environ.get("FUZZ_SELF", "0"))
    if isinstance(case.path_parameters, dict) and str(case.path_parameters.get("user_id")) == str(own):
        case.path_parameters["user_id"] = _NOBODY
    items = case.body.get("items") if isinstance(case.body, dict) else None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and item.get("id") == own:
            item["id"] = _NOBODY
