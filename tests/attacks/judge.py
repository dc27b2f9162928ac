"""A judge of whole pages: what a browser would run or fetch that the page did not mean."""

from __future__ import annotations

from tests.unit.lib.document.oracle import Judge

#: Script elements that hold data, which browsers do not run.
_DATA = frozenset({"application/ld+json", "application/json"})
_OURS = ("/theme/", "/static/")


class PageJudge(Judge):
    """As the judge of documents, but a page has its own scripts, styles and notes about itself."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        allowed = (
            (tag == "script" and (named.get("src", "").startswith(_OURS) or named.get("type") in _DATA))
            or (tag == "link" and named.get("href", "/").startswith(("/", "http://localhost")))
            or (tag == "noscript" and not attrs)
            or (tag == "meta" and "http-equiv" not in named)
            or (tag == "template" and not named.keys() - {"id", "class"} - {k for k in named if k.startswith("data-")})
        )
        before = len(self.complaints)
        super().handle_starttag(tag, attrs)
        if allowed and f"<{tag}>" in self.complaints[before:]:
            self.complaints.remove(f"<{tag}>")

    def handle_comment(self, data: str) -> None:
        if "alert" in data:
            super().handle_comment(data)


def complaints_about(page: str) -> list[str]:
    """Return what is dangerous in a whole page."""
    judge = PageJudge()
    judge.feed(page)
    judge.close()
    return judge.complaints
