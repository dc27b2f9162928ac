"""Words for fields that are called the same everywhere: one name, one meaning, said once, with an example.

A schema that means something else by a name says so itself; these stand where it says nothing.
"""

from __future__ import annotations

from typing import Any

#: What narrows a list, where the name means something else than it does of a thing.
_NARROWS = {"parent_id": "Only what lies right below this one."}
#: What a field is, by its name, and an example where its type alone does not give a good one.
WORDS: dict[str, tuple[str, Any]] = {
    "alt": ("What the picture shows, for those who do not see it.", "A boat at the quay"),
    "author": ("Who made it, as the site says.", "Ada"),
    "author_id": ("Only what this person wrote.", 3),
    "author_ids": ("Who wrote it, in order.", [3]),
    "binned_at": ("When it was put into the bin; null: it is not there.", None),
    "biography": ("A few words about the person.", "Writes about ferries."),
    "body_format": ("The form that `body` has.", None),
    "bytes": ("Its size.", 48_213),
    "canonical_url": ("Where the same text stands in the first place; empty: here.", None),
    "caption": ("What stands below it.", "The harbour in November"),
    "category_id": ("Only what lies in this category.", 5),
    "category_ids": ("The categories it lies in.", [5]),
    "code": ("A word for programs.", "not_found"),
    "comments_open": ("Whether readers may comment.", None),
    "created_at": ("When it was made.", None),
    "description": ("What it is for.", "Everything about the sea"),
    "detail": ("A sentence for people.", None),
    "device": ("What it was done with, in words.", "curl on Linux"),
    "email": ("The mail address, with which one signs in.", "ada@example.com"),
    "expires_at": ("From when on it opens nothing; null: never.", None),
    "featured_media_id": ("Its picture; null: none.", 12),
    "grants": ("What it allows, and in which extent.", None),
    "groups": ("The groups of which the person is one.", None),
    "height": ("In pixels.", 800),
    "help": ("What it does, for people.", None),
    "id": ("Its number.", 7),
    "items": ("The things on this page.", None),
    "kind": ("Which sort it is.", None),
    "label": ("What it is called on the screen.", None),
    "language": ("BCP 47.", "en-GB"),
    "last_used_ip": ("From where it was used last.", "192.0.2.7"),
    "links": ("Addresses on other sites.", None),
    "meaning": ("A sentence for people.", None),
    "menu_order": ("Its place among those beside it; small numbers come first.", 0),
    "message": ("The same as `detail`.", None),
    "name": ("What it is called; of people, how they are called.", "Ada"),
    "noindex": ("Whether search engines are asked to leave it out.", None),
    "parent_id": ("What it lies right below; null: nothing.", 4),
    "password": ("The password.", "the ferry leaves at five"),
    "path": ("Its slug after those above it.", "walks/coast"),
    "per_page": ("Items on a page.", 20),
    "permission": ("A word of the list at `/permissions`.", "content:post:edit"),
    "picture": ("The picture of the person; null: none.", None),
    "picture_id": ("The media file that is the person's picture; null: none.", 12),
    "problem": ("What is wrong, if anything is.", None),
    "provider": ("The site that it is on.", "YouTube"),
    "published_after": ("Only what readers have seen since then.", "2026-01-01T00:00:00Z"),
    "published_at": ("From when on readers see it; null: they do not.", None),
    "published_before": ("Only what readers saw before then.", "2027-01-01T00:00:00Z"),
    "refresh_token": ("What gets the next access token, once.", None),
    "requires_second_factor": ("Whether those who have it need a second factor.", None),
    "results": ("One for each thing that was sent, in the same order.", None),
    "section": ("The group it stands in.", "site"),
    "seo_description": ("What search engines are told it is about; empty: the summary.", None),
    "seo_title": ("What search engines are told it is called; empty: the title.", None),
    "slug": ("The last part of its address.", "the-ferry-leaves-at-five"),
    "state": ("How far it is.", "published"),
    "status": ("The status of the answer.", 404),
    "sticky": ("Whether it stays at the top of the front page.", None),
    "tag_id": ("Only what has this tag.", 9),
    "tag_ids": ("The tags it has.", [9]),
    "text": ("The words.", None),
    "thumbnail_url": ("A small picture of it; empty: none.", None),
    "time_zone": ("By which times are shown (IANA).", "Europe/Berlin"),
    "title": ("Its title.", "The ferry leaves at five"),
    "token_type": ("How it is shown: `Authorization: Bearer`.", None),
    "type": ("Which sort of thing it is.", "post"),
    "updated_at": ("When it was changed last.", None),
    "url": ("Its address on the site.", "https://example.com/posts/the-ferry-leaves-at-five/"),
    "urls": ("Addresses to look at.", ["https://example.com/"]),
    "value": ("What is chosen.", None),
    "visibility": ("Who may read it.", "public"),
    "width": ("In pixels.", 1200),
    "word_count": ("How long the text is.", 412),
}


def word(name: str, told: dict[str, Any], schema: dict[str, Any]) -> None:
    """Describe a field (`told`, whose type is in `schema`) by its name, as far as it does not describe itself."""
    if not told.get("description"):
        told.pop("description", None)
        if name in WORDS:
            whole, _semicolon, _null = WORDS[name][0].partition("; null: ")
            told["description"] = WORDS[name][0] if _may_be_null(schema) else f"{whole.removesuffix('.')}."
    example = WORDS.get(name, ("", None))[1]
    shown = {"examples", "example", "enum", "default", "$ref", "anyOf"} & schema.keys()
    if example is not None and not shown and _fits(example, schema):
        schema["examples"] = [example]


def word_parameter(told: dict[str, Any]) -> None:
    """Describe a parameter by its name, as far as it does not describe itself."""
    name = str(told["name"])
    if told["in"] == "path" and name.endswith("_id"):
        told.setdefault("description", f"The number (`id`) of the {name.removesuffix('_id').replace('_', ' ')}.")
    if told["in"] == "query" and not told.get("description") and name in _NARROWS:
        told["description"] = _NARROWS[name]
    word(name, told, told["schema"])


def _may_be_null(schema: dict[str, Any]) -> bool:
    """Tell whether nothing may stand in a field; of what another schema says, that is not known here."""
    parts = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return "$ref" in schema or any("null" in part.get("type", ()) for part in parts)


def _fits(example: Any, schema: dict[str, Any]) -> bool:
    """Tell whether an example has the type that a field of this name has here."""
    kinds = schema.get("type", [])
    names = {bool: "boolean", int: "integer", str: "string", list: "array"}
    return names.get(type(example)) in (kinds if isinstance(kinds, list) else [kinds])
