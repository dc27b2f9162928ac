"""Blocks of pictures, sounds, films and files: from a block and the HTML made of its inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from selectolax.lexbor import LexborNode

from cms.transfer.wordpress.gutenberg import Block
from cms.transfer.wordpress.nodes import (
    Node,
    as_html,
    attribute,
    blocks_of,
    first,
    fragment,
    inline_of,
    inner,
    layout_of,
    node,
    picture,
    plain,
    size_of,
)


def _image(block: Block, html: str) -> str:
    body = fragment(html)
    image = first(body, "img")
    if image is None:
        return html
    return as_html(picture(image, _caption(body), layout_of(block.text("align"), html)))


def _gallery(block: Block, _html: str) -> str:
    body = fragment(block.raw_html)
    pictures = []
    for image in body.css("img"):
        figure = image.parent
        while figure is not None and figure.tag not in ("figure", "body"):
            figure = figure.parent
        own = figure if figure is not None and len(figure.css("img")) == 1 else None
        pictures.append(picture(image, inner(first(own, "figcaption")) if own is not None else ""))
    if not pictures:
        return block.raw_html
    caption = plain(inner(first(body, ".blocks-gallery-caption")))
    return as_html(node("gallery", pictures, columns=block.number("columns"), caption=caption))


def _audio(_block: Block, html: str) -> str:
    body = fragment(html)
    audio = first(body, "audio")
    if not attribute(audio, "src"):
        return inner(body)
    return as_html(node("audio", _words(_caption(body)), src=attribute(audio, "src")))


def _video(_block: Block, html: str) -> str:
    body = fragment(html)
    video = first(body, "video")
    if video is None or not attribute(video, "src"):
        return inner(body)
    made = node(
        "video",
        _words(_caption(body)),
        src=attribute(video, "src"),
        poster=attribute(video, "poster"),
        width=size_of(video, "width"),
        height=size_of(video, "height"),
    )
    return as_html(made)


def _file(block: Block, html: str) -> str:
    links = fragment(html).css("a:not(.wp-block-file__button)")
    address = block.text("href") or next((attribute(link, "href") for link in links), "")
    if not address:
        return html
    name = plain(inner(links[0])) if links else ""
    return as_html(node("file", src=address, name=name or address.rpartition("/")[2]))


def _media_text(block: Block, html: str) -> str:
    body = fragment(html)
    figure = first(body, ".wp-block-media-text__media")
    text = first(body, ".wp-block-media-text__content")
    if figure is None or text is None:
        return html
    width = block.number("mediaWidth")
    media = node("column", _media_in(figure), width=width if width and 0 < width < 100 else None)
    words = node("column", blocks_of(inner(text)))
    if not media.get("content") or not words.get("content"):
        return as_html(*media.get("content", []), *words.get("content", []))
    right = block.text("mediaPosition") == "right"
    return as_html(node("columns", [words, media] if right else [media, words]))


def _media_in(figure: LexborNode) -> list[Node]:
    image, video = first(figure, "img"), first(figure, "video")
    if image is not None:
        return [picture(image)]
    if video is not None and attribute(video, "src"):
        return [node("video", src=attribute(video, "src"))]
    return []


def _cover(block: Block, html: str) -> str:
    body = fragment(html)
    inside = first(body, ".wp-block-cover__inner-container")
    # An older cover is a section whose only words are those over the picture.
    content = inner(inside) if inside is not None else _without_media(body)
    image = first(body, "img.wp-block-cover__image-background")
    address = block.text("url") or attribute(image, "src")
    if not address:
        return content
    kind = "video" if block.text("backgroundType") == "video" else "image"
    alt = (attribute(image, "alt") or block.text("alt")) if kind == "image" else ""
    return as_html(node(kind, src=address, alt=alt, layout=layout_of(block.text("align")))) + content


def _without_media(body: LexborNode) -> str:
    for element in body.css("img, video"):
        element.decompose()
    return inner(body)


def _caption(body: LexborNode) -> str:
    return inner(first(body, "figcaption"))


def _words(caption: str) -> list[Node] | None:
    return inline_of(caption) if caption.strip() else None


MEDIA_BLOCKS: Final[dict[str, Callable[[Block, str], str]]] = {
    "audio": _audio,
    "cover": _cover,
    "file": _file,
    "gallery": _gallery,
    "image": _image,
    "media-text": _media_text,
    "video": _video,
}
