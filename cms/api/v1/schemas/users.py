"""People as they are sent and answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from cms.accounts.account_states import STATES
from cms.accounts.fields import LONGEST_BIOGRAPHY, LONGEST_NAME, MOST_LINKS
from cms.accounts.lists import LONGEST_SEARCH, SORTS, VIEWS
from cms.accounts.passwords import LONGEST, SHORTEST
from cms.api.bulk import MOST_AT_ONCE, results_of
from cms.api.json_fields import BoundedList, JsonBoolean
from cms.api.lists import ListArguments, ListEnvelope, Sort, names
from cms.api.v1.schemas.entries import PictureLink, identifier, told
from cms.core.db import LARGEST_KEY

#: Names of roles that can be sent at once; nobody holds more.
_MOST_ROLES = 100


class GroupLink(Schema):
    """A group that somebody is in."""

    id = fields.Integer(required=True)
    name = fields.String(required=True, metadata=told("", "Newsroom"))


class LinkSchema(Schema):
    """A link of a profile."""

    label = fields.String(metadata=told("Without it the name of the host.", "Chronicle"))
    url = fields.String(required=True, metadata=told("http or https.", "https://chronicle.example"))


class UserRow(Schema):
    """A person in a list."""

    id = fields.Integer(required=True, metadata=told("", 3))
    name = fields.String(metadata=told("As readers see it.", "Art"))
    slug = fields.String(metadata=told("The end of the address of the author page.", "art"))
    url = fields.String(
        metadata=told("The author page, which is there once something is published.", "https://example.com/author/art/")
    )
    email = fields.String(metadata=told("What the person signs in with.", "art@example.com"))
    active = fields.Boolean(metadata=told("Whether the account is open."))
    state = fields.String(validate=validate.OneOf(STATES), metadata=told("What has become of the account.", "active"))
    roles = fields.List(fields.String(), metadata=told("Names of roles, those of groups apart.", ["author"]))
    groups = fields.List(fields.Nested(GroupLink))
    created_at = fields.AwareDateTime()
    last_seen_at = fields.AwareDateTime(allow_none=True, metadata=told("When they last signed in; null: never."))
    has_second_factor = fields.Boolean(metadata=told("Whether they have a passkey or an authenticator app."))


class UserSchema(UserRow):
    """A person. Who may not see accounts is told of authors alone, and of these what their page on the site says."""

    biography = fields.String()
    links = fields.List(fields.Nested(LinkSchema))
    picture_id = fields.Integer(allow_none=True)
    picture = fields.Nested(PictureLink, allow_none=True)
    time_zone = fields.String(metadata=told("IANA name; empty: that of the site.", "Europe/Oslo"))
    language = fields.String(metadata=told("BCP 47; empty: that of the site.", "en-GB"))


#: What `fields=` may name.
LISTED = tuple(UserRow().fields)


class UserList(ListEnvelope):
    """A page of people."""

    items = fields.List(fields.Nested(UserRow), required=True)


class UserListArguments(ListArguments):
    """What a list of people is narrowed to."""

    search = fields.String(
        load_default="", validate=validate.Length(0, LONGEST_SEARCH), metadata=told("Words in name or mail address.")
    )
    view = fields.String(
        load_default="everybody",
        validate=validate.OneOf(VIEWS),
        metadata=told("`staff` works here, `readers` have an account and nothing more."),
    )
    role = fields.String(
        load_default="",
        validate=validate.Length(0, 80),
        metadata=told("Name of a role that they hold, by themselves or in a group.", "author"),
    )
    group_id = fields.Integer(validate=validate.Range(1, LARGEST_KEY), metadata=told("Of a group that they are in."))
    active = fields.Boolean(metadata=told("Whether the account is open."))
    has_second_factor = fields.Boolean(metadata=told("Whether they have a passkey or an authenticator app."))
    sort = Sort(
        SORTS,
        shown={"seen": "last_seen_at", "created": "created_at"},
        load_default="name",
        metadata=told("`-` turns it round.", "-created_at"),
    )
    fields_ = names(LISTED, about="Only these fields", data_key="fields")


def _roles() -> fields.List[str]:
    return BoundedList(
        fields.String(validate=validate.Length(1, 80)),
        validate=validate.Length(0, _MOST_ROLES),
        metadata=told("Names of roles: all that the person is to hold by themselves.", ["author"]),
    )


class UserCreate(Schema):
    """An account that is to be made."""

    email = fields.String(
        required=True, validate=validate.Length(1, 320), metadata=told("What they sign in with.", "lena@example.com")
    )
    name = fields.String(
        required=True, validate=validate.Length(1, LONGEST_NAME), metadata=told("As readers see it.", "Lena")
    )
    password = fields.String(
        load_only=True,
        validate=validate.Length(1, 8 * LONGEST),
        metadata=told(f"At least {SHORTEST} characters, and not easy to guess. Better: let them choose, by `invite`.")
        | {"format": "password"},
    )
    invite = JsonBoolean(
        load_default=False,
        metadata=told("Mail them a link by which they choose a password."),
    )
    roles = _roles()


class UserChange(Schema):
    """What is to change about a person; what is left out stays."""

    name = fields.String(validate=validate.Length(1, LONGEST_NAME))
    slug = fields.String(validate=validate.Length(1, 120))
    biography = fields.String(validate=validate.Length(0, 2 * LONGEST_BIOGRAPHY))
    links = BoundedList(fields.Nested(LinkSchema), validate=validate.Length(0, MOST_LINKS))
    picture_id = identifier(allow_none=True)
    time_zone = fields.String(validate=validate.Length(0, 64))
    language = fields.String(validate=validate.Length(0, 35))
    email = fields.String(
        validate=validate.Length(1, 320),
        metadata=told("Of somebody else; both addresses are told by mail. Links in mails are worthless then."),
    )
    roles = _roles()


class ChangeOfUser(UserChange):
    """One change."""

    id = identifier(required=True)
    etag = fields.String(
        validate=validate.Length(1, 100), metadata=told("Change them only if this is still the `ETag` of the person.")
    )


class UserChanges(Schema):
    """Changes to several people."""

    items = BoundedList(fields.Nested(ChangeOfUser), required=True, validate=validate.Length(1, MOST_AT_ONCE))


UserChangeResults = results_of(UserSchema, "User")


class UserDeleteArguments(Schema):
    """Who takes over."""

    hand_over_to = fields.Integer(
        validate=validate.Range(1, LARGEST_KEY),
        metadata=told("Id of the person who takes over what they made; needed when they made anything."),
    )
