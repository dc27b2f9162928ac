"""One day of a program, in Python, by the client that openapi-python-client makes of the document: `masthead_client`.

Arguments come as JSON in ROUNDTRIP: {site, email, password, picture (base64)}. Runs where that tool is installed.
"""

import base64
import io
import json
import os

from masthead_client import AuthenticatedClient, Client
from masthead_client.api.auth import login
from masthead_client.api.media import create_media_file
from masthead_client.api.posts import create_post, delete_post, get_post, list_posts, publish_post, update_post
from masthead_client.models import (
    GetPostIncludeItem,
    ListPostsSort,
    LoginBody,
    MediaUpload,
    PostWrite,
    PostWriteBodyFormat,
    Problem,
    PublishArguments,
)
from masthead_client.types import File

given = json.loads(os.environ["ROUNDTRIP"])
stranger = Client(base_url=given["site"])


def must(found):
    """Return what was answered, unless it tells of a problem."""
    assert found is not None
    assert not isinstance(found, Problem), found
    return found


signed_in = must(login.sync(client=stranger, body=LoginBody(email=given["email"], password=given["password"])))
client = AuthenticatedClient(base_url=given["site"], token=signed_in.access_token)

written = PostWrite(title="Made in Python", body="# Knots\n\nTie them.", body_format=PostWriteBodyFormat.MARKDOWN)
made = must(create_post.sync(client=client, body=written))

picture = File(io.BytesIO(base64.b64decode(given["picture"])), "harbour.png", "image/png")
uploaded = must(create_media_file.sync(client=client, body=MediaUpload(file=picture, alt="A harbour")))

version = get_post.sync_detailed(made.id, client=client).headers["ETag"]
chosen = PostWrite(featured_media_id=uploaded.id)
must(update_post.sync(made.id, client=client, body=chosen, if_match=version))
late = update_post.sync(made.id, client=client, body=PostWrite(title="Too late"), if_match=version)
assert isinstance(late, Problem)
assert late.code == "old_version"

must(publish_post.sync(made.id, client=client, body=PublishArguments()))

shown = must(get_post.sync(made.id, client=stranger, include=[GetPostIncludeItem.FEATURED_MEDIA]))
listed = must(list_posts.sync(client=stranger, per_page=1, sort=ListPostsSort.PUBLISHED_AT_DESCENDING))

gone = delete_post.sync_detailed(made.id, client=client)
after = get_post.sync_detailed(made.id, client=stranger)

print(
    json.dumps(
        {
            "title": shown.title,
            "picture": shown.featured_media.id == uploaded.id,
            "listed": listed.items[0].id == made.id,
            "deleted": int(gone.status_code),
            "after": int(after.status_code),
            "code": after.parsed.code,
        }
    )
)
