"""Comments: who may add them, what of their HTML is kept, and what readers find."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from cms.accounts.models import User
from cms.comments.actions.add_comment import CommentFields, add_comment
from cms.comments.models import Comment
from cms.comments.queries import count_comments, find_comment, list_approved
from cms.content.actions.create_entry import create_entry
from cms.content.fields import EntryFields
from cms.content.models import Entry
from cms.core.db import current_session, transaction
from cms.core.errors import Forbidden, Invalid
from cms.core.permissions import system_user
from tests.people import ART, ED, SUE, Person

UserOf = Callable[[Person], User]


@pytest.fixture
def entry(app: Flask) -> int:
    with transaction():
        return create_entry("post", EntryFields(title="Loaf"), by=system_user()).id


def add(entry_id: int, html: str = "<p>Hm.</p>", *, answers: int | None = None, **fields: str) -> int:
    with transaction() as session:
        above = session.get_one(Comment, answers) if answers is not None else None
        made = CommentFields(body=html, html=html, **fields)  # type: ignore[arg-type]  # a test names texts only
        return add_comment(session.get_one(Entry, entry_id), made, answers=above, by=system_user()).id


def test_readers_find_what_is_approved_in_the_order_of_time(entry: int) -> None:
    first = add(entry, status="approved")
    add(entry, status="pending")
    add(entry, status="spam")
    answer = add(entry, status="approved", answers=first)
    assert [(comment.id, comment.parent_id) for comment in list_approved(entry)] == [(first, None), (answer, first)]
    assert count_comments(status="pending") == 1
    assert find_comment(999) is None


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<script>alert(1)</script>a", "a"),
        ("<img src=x onerror=alert(1)>b", "b"),
        ('<a href="javascript:x">c</a>', '<a rel="nofollow ugc noopener">c</a>'),
        ('<b style="color:red" class="x">d</b>', "<b>d</b>"),
        ("<form><input></form>e", "e"),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>f", "f"),
    ],
)
def test_only_simple_markup_is_kept(entry: int, html: str, kept: str) -> None:
    comment = find_comment(add(entry, html))
    assert comment is not None
    assert comment.body_html.strip() == kept
    assert comment.body == html


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x", "http://[", "ftp://a.example"])
def test_only_pages_of_the_web_are_linked(entry: int, address: str) -> None:
    comment = find_comment(add(entry, author_url=address))
    assert comment is not None
    assert comment.author_url == ""


def test_only_moderators_add_comments_for_others(entry: int, user_of: UserOf) -> None:
    for person in (ART, SUE):
        user = user_of(person)
        with pytest.raises(Forbidden), transaction() as session:
            add_comment(session.get_one(Entry, entry), CommentFields(body="x", html="x"), by=user)
    user = user_of(ED)
    with transaction() as session:
        add_comment(session.get_one(Entry, entry), CommentFields(body="x", html="x"), by=user)


def test_an_answer_stays_under_its_entry(entry: int) -> None:
    with transaction():
        other = create_entry("post", EntryFields(title="Cup"), by=system_user()).id
    with pytest.raises(Invalid):
        add(other, answers=add(entry))
    with pytest.raises(Invalid):
        add(entry, status="unheard-of")


def test_comments_go_with_their_entry_and_answers_stay_in_the_thread(entry: int) -> None:
    first = add(entry)
    answer = add(entry, answers=first)
    with transaction() as session:
        session.delete(session.get_one(Comment, first))
    left = find_comment(answer)
    assert left is not None
    assert left.parent_id is None
    with transaction() as session:
        session.delete(session.get_one(Entry, entry))
    current_session().rollback()
    assert find_comment(answer) is None
