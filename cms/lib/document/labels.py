"""The words that a rendered document says by itself; whoever renders may give them in another language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Labels:
    """Words of the page around the author's own; `{number}` and `{provider}` are filled in."""

    section_link: str = "Link to this section"
    note: str = "Note"
    tip: str = "Tip"
    warning: str = "Warning"
    done: str = "Done"
    to_do: str = "To do"
    footnotes: str = "Notes"
    footnote: str = "Note {number}"
    back: str = "Back to the text"
    page: str = "Page {number}"
    table: str = "Table"
    download: str = "Download"
    video_from: str = "Video from {provider}"
    audio_from: str = "Audio from {provider}"
    post_from: str = "Post from {provider}"
    document_from: str = "Content from {provider}"
    embed_notice: str = "Nothing is asked of {provider} until you press the button; then it can see that you are here."
    load_video: str = "Load the video"
    load_audio: str = "Load the player"
    load_post: str = "Load the post"
    load_document: str = "Load the content"


ENGLISH = Labels()
