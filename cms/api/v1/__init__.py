"""Version 1 of the API: one blueprint for each noun, nested below `/api/v1`. It only grows."""

from __future__ import annotations

from cms.api.routes import ApiBlueprint
from cms.api.v1 import (
    auth,
    categories,
    me,
    media,
    my_sign_ins,
    my_tokens,
    outside,
    pages,
    permissions,
    posts,
    problems,
    roles,
    search,
    settings,
    tags,
    users,
)

PARTS = (
    auth,
    categories,
    me,
    media,
    my_sign_ins,
    my_tokens,
    outside,
    pages,
    permissions,
    posts,
    problems,
    roles,
    search,
    settings,
    tags,
    users,
)

blueprint = ApiBlueprint("api_v1", __name__, url_prefix="/api/v1", description="Version 1")
for _part in PARTS:
    blueprint.register_blueprint(_part.blueprint)
