"""What posts and pages ask for beside the permission of their route, and what for: said in the document."""

from __future__ import annotations

_KINDS = ("post", "page")
#: When an entry is begun.
BEGINNING = {
    "content:entry:assign": "to name other authors",
    "content:raw-html:edit": "for new raw HTML",
}
#: By its kind, when one is published or scheduled, when it is changed, and when it goes.
PUBLISHED = {kind: {f"content:{kind}:publish": "for what is published or scheduled"} for kind in _KINDS}
CHANGING = {kind: {**PUBLISHED[kind], **BEGINNING} for kind in _KINDS}
REMOVING = {kind: {**PUBLISHED[kind], "content:entry:erase": "for `permanently`"} for kind in _KINDS}
