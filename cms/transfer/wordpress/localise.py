"""A document of the old site to one of ours: its pictures and links name media files and entries by id.

What is not here must not be asked for elsewhere: a picture, sound or film that is missing becomes a link, so
that no reader's browser asks another host for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborNode

from cms.core.i18n import _
from cms.transfer.wordpress.addresses import SiteMap
from cms.transfer.wordpress.nodes import Node, attribute, first, fragment, inner, node

_MEDIA: Final = frozenset({"image", "audio", "video", "file"})
_LOADED: Final = "img, audio, video, iframe, object, embed, source, track, picture, input[type=image]"


@dataclass(slots=True)
class Localiser:
    """Knows what became of the old site's attachments and entries; collects what is missing.

    `media` and `entries` map ids there to ids here.
    """

    site_map: SiteMap
    media: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)
    #: Where the document was on the old site: its relative addresses are meant from there.
    address: str = ""
    #: Addresses of media that the body asks for and that are not here.
    missing: list[str] = field(default_factory=list)
    #: Ids of entries that the body links to and that are not here yet.
    awaited: set[str] = field(default_factory=set)

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the document with everything named as it is named here."""
        return {**document, "content": list(self._blocks(document.get("content", [])))}

    def _blocks(self, blocks: list[Node]) -> Iterator[Node]:
        for block in blocks:
            kind = block["type"]
            if kind in _MEDIA:
                yield from self._medium(block)
            elif kind == "gallery":
                yield from self._gallery(block)
            elif kind == "rawHtml":
                yield {**block, "attrs": {**block["attrs"], "html": self._raw(block["attrs"]["html"])}}
            else:
                yield self._with_content(self._with_link(block))

    def _with_content(self, block: Node) -> Node:
        if "content" not in block:
            return block
        made: list[Node] = []
        for child in block["content"]:
            if child["type"] == "text":
                made.append(self._text(child))
            elif child["type"] == "inlineImage":
                made.append(self._inline_image(child))
            else:
                made.extend(self._blocks([child]))
        return {**block, "content": made}

    def _medium(self, block: Node) -> Iterator[Node]:
        block = self._with_content(self._with_link(block))
        attributes = dict(block.get("attrs", {}))
        address = attributes.get("src", "")
        if poster := attributes.pop("poster", None):
            attributes["posterId"] = self._media_id(poster)
        media_id = attributes.get("mediaId") or self._media_id(address)
        if media_id is None:
            if address:
                yield node("paragraph", self._links_to(address, attributes, block["type"]))
            if caption := block.get("content"):
                yield node("paragraph", caption)
            return
        attributes.pop("src", None)
        attributes["mediaId"] = media_id
        yield {**block, "attrs": {name: value for name, value in attributes.items() if value is not None}}

    def _gallery(self, block: Node) -> Iterator[Node]:
        parts = [part for image in block.get("content", []) for part in self._medium(image)]
        images = [part for part in parts if part["type"] == "image"]
        if images:
            yield {**block, "content": images}
        elif caption := block.get("attrs", {}).get("caption"):
            parts.append(node("paragraph", [{"type": "text", "text": caption}]))
        yield from (part for part in parts if part["type"] != "image")

    def _inline_image(self, image: Node) -> Node:
        attributes = dict(image.get("attrs", {}))
        address = attributes.pop("src", "")
        media_id = attributes.get("mediaId") or self._media_id(address)
        if media_id is None:
            return self._link_to(address, attributes)
        return {**image, "attrs": {**attributes, "mediaId": media_id}}

    def _text(self, text: Node) -> Node:
        marks = text.get("marks", [])
        if not any(mark["type"] == "link" for mark in marks):
            return text
        made = [self._with_link(mark) if mark["type"] == "link" else mark for mark in marks]
        return {**text, "marks": made}

    def _with_link(self, thing: Node) -> Node:
        """Return a block or mark whose `href`, if it has one, names the entry or file of ours it leads to."""
        attributes = thing.get("attrs", {})
        href = attributes.get("href")
        if not href:
            return thing
        href = self._from_root(href)
        attributes = {**attributes, "href": href}
        thing = {**thing, "attrs": attributes}
        entry = self.site_map.entry_at(href)
        media = self.media.get(self.site_map.upload_at(href) or "") if entry is None else None
        if media is not None:
            return {**thing, "attrs": {**attributes, "href": f"cms:media/{media}"}}
        if entry is None:
            return thing
        if entry not in self.entries:
            self.awaited.add(entry)
            return thing
        part = urlsplit(href).fragment
        target = f"cms:entry/{self.entries[entry]}" + (f"#{part}" if part else "")
        return {**thing, "attrs": {**attributes, "href": target}}

    def _media_id(self, address: str) -> int | None:
        return self.media.get(self.site_map.upload_at(self._whole(address)) or "")

    def _whole(self, address: str) -> str:
        """Return the address of a medium with its host: a file that is missing can only be there."""
        base = self.address if urlsplit(self.address).netloc else self.site_map.site
        try:
            return urljoin(base, address) if base else address
        except ValueError:
            return address

    def _from_root(self, href: str) -> str:
        """Return a link that was meant from the old address of the document as meant from the root of the site."""
        try:
            parts = urlsplit(href)
            if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
                return href
            joined = urlsplit(urljoin(self._whole(self.address or "/"), href))
        except ValueError:
            return href
        return urlunsplit(("", "", joined.path, joined.query, joined.fragment)) or href

    def _links_to(self, address: str, attributes: Mapping[str, Any], kind: str) -> list[Node]:
        link = self._link_to(address, attributes)
        if kind != "file":
            return [link]
        # The card of a file has a button with this word; its readers look for it.
        return [link, {"type": "text", "text": " "}, {**link, "text": str(_("Download"))}]

    def _link_to(self, address: str, attributes: Mapping[str, Any]) -> Node:
        words = next((str(attributes[name]) for name in ("alt", "title", "name") if attributes.get(name)), "")
        if not address:
            return {"type": "text", "text": words or "…"}
        address = self._whole(address)
        self.missing.append(address)
        words = words or unquote(urlsplit(address).path.rpartition("/")[2]) or address
        return {"type": "text", "text": words, "marks": [{"type": "link", "attrs": {"href": address}}]}

    def _raw(self, html: str) -> str:
        body = fragment(html)
        found = body.css(_LOADED)
        if not found:
            return html
        for element in found:
            if address := attribute(element, "src") or attribute(element, "data"):
                self.missing.append(self._whole(address))
            _to_link(element)
        return inner(body)


def _to_link(element: LexborNode) -> None:
    address = attribute(element, "src") or attribute(element, "data")
    words = attribute(element, "alt") or attribute(element, "title") or address
    for name in list(element.attributes):
        del element.attrs[name]
    if not address:
        element.unwrap()
        return
    link = first(fragment("<a></a>"), "a")
    if link is None:
        return
    link.attrs["href"] = address
    link.insert_child(words)
    element.replace_with(link)
