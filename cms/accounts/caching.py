"""What the page cache should know about people: signing in changes nothing that readers see."""

from __future__ import annotations

from cms.cache.invalidation import quiet_columns

quiet_columns(
    "users",
    (
        "current_login_at",
        "current_login_ip",
        "fs_uniquifier",
        "last_login_at",
        "last_login_ip",
        "login_count",
        "password",
        "updated_at",
    ),
)
