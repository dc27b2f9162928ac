"""How a person likes the back office: light or dark, navigation folded, rows close together. Kept in a cookie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from werkzeug.wrappers import Response

from cms.core.cookies import keep_cookie, read_cookie

COOKIE = "mh_look"
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Look:
    """The choices; `theme` is empty as long as the system decides, `navigation` as long as the page does."""

    theme: str = ""
    navigation: str = ""
    compact: bool = False

    def folds(self, *, writing: bool = False) -> bool:
        """Tell whether the navigation is folded: as chosen, else on pages for writing, which need the room."""
        return self.navigation == "folded" or (writing and not self.navigation)

    def text(self) -> str:
        """Return the cookie's value, such as `dark.folded`."""
        words = (self.theme, self.navigation, "compact" if self.compact else "")
        return ".".join(word for word in words if word)


def look() -> Look:
    """Read the cookie of this request; unknown words in it mean nothing."""
    words = set(read_cookie(COOKIE).split("."))
    theme = next((word for word in ("light", "dark") if word in words), "")
    navigation = next((word for word in ("folded", "open") if word in words), "")
    return Look(theme, navigation, "compact" in words)


def change_look(before: Look, theme: str | None, navigation: str | None, rows: str | None) -> Look:
    """Return the look with the given choices changed; words that are not a choice change nothing."""
    changed = before
    if theme in {"light", "dark", "auto"}:
        changed = replace(changed, theme="" if theme == "auto" else theme)
    if navigation in {"folded", "open"}:
        changed = replace(changed, navigation=navigation)
    if rows in {"compact", "comfortable"}:
        changed = replace(changed, compact=rows == "compact")
    return changed


def keep_look(response: Response, chosen: Look) -> Response:
    """Store the choices for a year."""
    keep_cookie(response, COOKIE, chosen.text(), lasts=_YEAR)
    return response
