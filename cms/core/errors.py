"""Errors that carry one sentence for a person and the HTTP status a surface answers with."""

from __future__ import annotations

from collections.abc import Mapping

from cms.core.i18n import Text, _


class CmsError(Exception):
    """Something a person should hear about; `message` is a (lazy) sentence that says what to do."""

    status = 400
    #: A word for programs; it stays when the sentence is worded anew.
    code = "bad_request"
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
    code = "not_found"
    default = _("There is nothing here.")


class Unauthenticated(CmsError):  # noqa: N818 -- named for the answer it becomes
    """Who asks has to say who they are, or did so with something that is not (or no longer) worth anything."""

    status = 401
    code = "unauthenticated"
    default = _("Sign in to go on.")


class Forbidden(CmsError):  # noqa: N818 -- named for the answer it becomes
    """The person sees the thing, but may not do this with it."""

    status = 403
    code = "forbidden"
    default = _("You may not do this. An admin can change what your role allows.")


class Invalid(CmsError):  # noqa: N818 -- named for the answer it becomes
    """What was sent cannot be taken; `fields` names each field with its sentence."""

    status = 422
    code = "invalid"
    default = _("Some fields need another look.")

    def __init__(self, message: Text | None = None, fields: Mapping[str, Text] | None = None) -> None:
        super().__init__(message if message is not None or not fields else next(iter(fields.values())))
        self.fields: dict[str, Text] = dict(fields or {})


class WrongState(Invalid):
    """What is asked for does not go with the state that a thing is in; the sentence says what to do first."""

    status = 409
    code = "wrong_state"
    default = _("This does not go with the state that it is in.")


class NoSuchPlace(Invalid):
    """A list has no such place: its cursors did not name it, or no numbered page leads so far; `fields` names which."""

    status = 404
    code = "no_such_place"
    default = _("This list has no such place. Begin again at its first page.")


class Conflict(CmsError):  # noqa: N818 -- named for the answer it becomes
    """Somebody else was faster: what was sent is based on an older state."""

    status = 409
    code = "conflict"
    default = _("Somebody else saved this in the meantime. Your text is kept; compare and save again.")


class OldVersion(Conflict):
    """What was to be changed is not in the state that was named with the change (RFC 9110, 13.1.1)."""

    status = 412
    code = "old_version"
    default = _("Somebody else saved this in the meantime. Nothing was changed; read it anew and try again.")


class TooLarge(CmsError):  # noqa: N818 -- named for the answer it becomes
    """More was sent than is taken."""

    status = 413
    code = "too_large"
    default = _("This is larger than what can be taken.")


class Unavailable(CmsError):  # noqa: N818 -- named for the answer it becomes
    """Something this needs does not answer just now."""

    status = 503
    code = "unavailable"
    default = _("This cannot be done just now. Nothing was changed; please try again in a moment.")


class OutcomeUnknown(Unavailable):
    """The database was asked to keep what was done, and its answer got lost: it may be there or not."""

    code = "outcome_unknown"
    default = _(
        "The database was cut off while this was being saved, so it may be saved or not. "
        "Look whether it is there before you send it again."
    )
