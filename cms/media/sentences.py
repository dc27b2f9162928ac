"""What people read when a file is not taken: what it is, and what to do instead."""

from __future__ import annotations

from cms.core.i18n import _, register_lib_messages

register_lib_messages(
    {
        "file-empty": _("Not taken: the file is empty."),
        "file-svg": _("Not taken: an SVG can hold scripts. Save it as PDF or PNG."),
        "file-page": _("Not taken: a web page or script can harm readers. Save it as PDF or as plain text."),
        "file-program": _("Not taken: this is a program."),
        "file-archive": _("Not taken: archives cannot be looked into. Upload the files in it one by one."),
        "file-macros": _("Not taken: the document has macros. Save it without them, or as PDF."),
        "file-damaged": _("Not taken: the file is damaged or incomplete. Save it again and try once more."),
        "file-picture-format": _("Not taken: browsers do not show %(format)s. Save the picture as JPEG or PNG."),
        "file-unknown": _(
            "Not taken: this is none of the kinds of file that are kept here: pictures (JPEG, PNG, GIF, WebP, AVIF),"
            " PDF, audio, video, office documents and plain text."
        ),
        "image-broken": _("Not taken: the picture is damaged or incomplete. Save it again and try once more."),
        "image-too-large": _(
            "Not taken: the picture has more than %(megapixels)s million pixels. Make it smaller and try once more."
        ),
        "image-too-many-frames": _(
            "Not taken: an animation may have %(frames)s frames with %(megapixels)s million pixels in all."
            " Make it shorter or smaller, or upload it as a video."
        ),
        "image-animated-avif": _("Not taken: save the animation as WebP, GIF or a video."),
    }
)
