"""What goes wrong while a provider proves who somebody is: one sentence for the person, the cause for the log."""

from __future__ import annotations

from cms.core.errors import CmsError
from cms.core.i18n import Text, _


class ProviderError(CmsError):
    """Nobody was proven; `cause` is for the log and never shown."""

    def __init__(self, message: Text, cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause


class NotAnswering(ProviderError):  # noqa: N818 -- named for what the person is told
    """The provider did not answer, or not in a way that makes sense."""

    def __init__(self, label: str, cause: str) -> None:
        words = _("%(provider)s does not answer just now. Please try again in a moment.", provider=label)
        super().__init__(words, cause)


class NotProven(ProviderError):  # noqa: N818 -- named for what the person is told
    """The provider's answer does not hold."""

    def __init__(self, label: str, cause: str) -> None:
        words = _("What %(provider)s answered could not be proven. Nothing was done; please try again.", provider=label)
        super().__init__(words, cause)
