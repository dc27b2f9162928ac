"""Errors that carry one sentence for a person and the HTTP status a surface answers with."""

from __future__ import annotations

from collections.abc import Mapping

from cms.core.i18n import Text, _


class CmsError(Exception):
    """Something a person should hear about; `message` is a (lazy) sentence that says what to do."""

    status = 400
    default: Text = _("That did not work. Please try again.")

    def __init__(self, message: Text | None = None) -> None:
        super().__init__(message if message is not None else self.default)

    @property
    def message(self) -> str:
        """The sentence in the language of whoever reads it now."""
        return str(self.args[0])

    def __str__(self) -> str:
        return self.message


class NotFound(CmsError):  # noqa: N818 -- named for the answer it becomes
    """There is no such thing, or the person may not know of it."""

    status = 404
    default = _("There is nothing here.")


class Forbidden(CmsError):  # noqa: N818 -- named for the answer it becomes
    """The person sees the thing, but may not do this with it."""

    status = 403
    default = _("You may not do this. An admin can change what your role allows.")


class Invalid(CmsError):  # noqa: N818 -- named for the answer it becomes
    """What was sent cannot be taken; `fields` names each field with its sentence."""

    status = 422
    default = _("Some fields need another look.")

    def __init__(self, message: Text | None = None, fields: Mapping[str, Text] | None = None) -> None:
        super().__init__(message if message is not None or not fields else next(iter(fields.values())))
        self.fields: dict[str, Text] = dict(fields or {})


class Conflict(CmsError):  # noqa: N818 -- named for the answer it becomes
    """Somebody else was faster: what was sent is based on an older state."""

    status = 409
    default = _("Somebody else saved this in the meantime. Your text is kept; compare and save again.")


class TooLarge(CmsError):  # noqa: N818 -- named for the answer it becomes
    """More was sent than is taken."""

    status = 413
    default = _("This is larger than what can be taken.")


class Unavailable(CmsError):  # noqa: N818 -- named for the answer it becomes
    """Something this needs does not answer just now."""

    status = 503
    default = _("This cannot be done just now. Nothing was changed; please try again in a moment.")
