"""Elements of a WXR file (versions 1.0, 1.1 and 1.2) to records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cms.transfer.wordpress.elements import Element, ElementReader
from cms.transfer.wordpress.records import Author, Item, Meta, Remark, Term

#: Version 1.0 wrote "tag" where later ones write "post_tag".
_TAXONOMIES: Final = {"tag": "post_tag"}


def read_author(element: Element) -> Author:
    """Return the author of a `wp:author` element; the display name, or first and last name, or none."""
    full_name = f"{element.find('wp:author_first_name')} {element.find('wp:author_last_name')}".strip()
    return Author(
        login=element.find("wp:author_login"),
        mail=element.find("wp:author_email"),
        name=element.find("wp:author_display_name") or full_name,
        source_id=element.find("wp:author_id"),
    )


def read_term(element: Element) -> Term:
    """Return the term of a `wp:category`, `wp:tag` or `wp:term` element of the channel."""
    if element.name == "wp:category":
        names = ("category_nicename", "cat_name", "category_parent", "category_description")
        taxonomy = "category"
    elif element.name == "wp:tag":
        names = ("tag_slug", "tag_name", "tag_parent", "tag_description")
        taxonomy = "post_tag"
    else:
        names = ("term_slug", "term_name", "term_parent", "term_description")
        taxonomy = element.find("wp:term_taxonomy")
    slug, name, parent, description = (element.find(f"wp:{field}") for field in names)
    return Term(
        taxonomy=taxonomy,
        slug=slug or name,
        name=name or slug,
        parent=parent,
        description=description,
        source_id=element.find("wp:term_id"),
        meta=_read_meta(element, "wp:termmeta"),
    )


def read_item(element: Element) -> Item:
    """Return the post, page, attachment or other thing of an `item` element, whole."""
    link, guid = element.find("link"), element.find("guid")
    return Item(
        # Other programs that write the format leave the number out: an address names the item as well.
        source_id=element.find("wp:post_id") or guid or link,
        kind=element.find("wp:post_type"),
        status=element.find("wp:status"),
        title=element.find("title"),
        link=link,
        guid=guid,
        creator=element.find("dc:creator") or element.find("wp:author"),
        content=element.raw("content:encoded"),
        excerpt=element.raw("excerpt:encoded"),
        published_at=element.find("wp:post_date"),
        published_at_utc=element.find("wp:post_date_gmt"),
        modified_at_utc=element.find("wp:post_modified_gmt"),
        slug=element.find("wp:post_name"),
        parent_id=_id(element.find("wp:post_parent")),
        menu_order=element.find("wp:menu_order"),
        password=element.find("wp:post_password"),
        sticky=element.find("wp:is_sticky") == "1",
        comments_open=element.find("wp:comment_status") == "open",
        attachment_url=element.find("wp:attachment_url"),
        terms=tuple(_read_item_terms(element)),
        meta=_read_meta(element, "wp:postmeta"),
        remarks=tuple(_read_remark(comment) for comment in element.all("wp:comment")),
    )


def read_items(elements: ElementReader) -> Iterator[Item]:
    """Yield the items of an export one after the other; raises SourceError as `ElementReader` does."""
    for element in elements:
        if element.name == "item":
            yield read_item(element)


def _read_item_terms(element: Element) -> Iterator[Term]:
    seen = set()
    # Version 1.0 lists each term a second time without a domain; other programs write nothing but such.
    named = [category for category in element.all("category") if category.attributes.get("domain")]
    for category in named or list(element.all("category")):
        domain = category.attributes.get("domain", "category")
        name = category.text.strip()
        taxonomy = _TAXONOMIES.get(domain, domain)
        slug = category.attributes.get("nicename", "").strip() or name
        if slug and (taxonomy, slug) not in seen:
            seen.add((taxonomy, slug))
            yield Term(taxonomy=taxonomy, slug=slug, name=name or slug)


def _read_remark(element: Element) -> Remark:
    return Remark(
        source_id=element.find("wp:comment_id"),
        author_name=element.find("wp:comment_author"),
        author_mail=element.find("wp:comment_author_email"),
        author_url=element.find("wp:comment_author_url"),
        written_at=element.find("wp:comment_date"),
        written_at_utc=element.find("wp:comment_date_gmt"),
        body=element.raw("wp:comment_content"),
        status=element.find("wp:comment_approved"),
        kind=element.find("wp:comment_type"),
        parent_id=_id(element.find("wp:comment_parent")),
        meta=_read_meta(element, "wp:commentmeta"),
    )


def _read_meta(element: Element, name: str) -> Meta:
    pairs = ((meta.find("wp:meta_key"), meta.raw("wp:meta_value")) for meta in element.all(name))
    return tuple((key, value) for key, value in pairs if key)


def _id(text: str) -> str:
    return "" if text == "0" else text
