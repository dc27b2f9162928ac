"""What people are told when a text cannot be taken as it is."""

from __future__ import annotations

from cms.core.i18n import _, register_lib_messages

register_lib_messages(
    {
        "document-not-an-object": _("The text did not arrive whole. Please save again; what you typed is kept."),
        "document-unknown-block": _("The text holds a block that this site does not know: %(kind)s."),
        "document-too-large": _(
            "The text is too long for one entry (at most %(nodes)s parts and %(characters)s characters). "
            "Please divide it into several."
        ),
    }
)
