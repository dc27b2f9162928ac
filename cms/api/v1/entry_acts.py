"""What is done with an entry besides saving it: `POST /posts/<id>/publish` and its kin, one action behind each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask.views import MethodView
from marshmallow import Schema
from werkzeug.wrappers import Response

from cms.api.access import blame_token, may_need, person
from cms.api.conditions import require_version
from cms.api.idempotency import idempotent
from cms.api.routes import ApiBlueprint, answer
from cms.api.v1.entry_rights import PUBLISHED
from cms.api.v1.entry_showing import Showing, show_entry
from cms.api.v1.schemas.entries import EntrySchema, Nothing, PublishArguments, ScheduleArguments
from cms.content import policies
from cms.content.actions.archive_entry import archive_entry
from cms.content.actions.publish_entry import publish_entry
from cms.content.actions.restore_entry import restore_entry
from cms.content.actions.return_entry import return_entry
from cms.content.actions.schedule_entry import schedule_entry
from cms.content.actions.submit_entry import submit_entry
from cms.content.actions.unpublish_entry import unpublish_entry
from cms.content.models import Entry
from cms.content.reading import get_for_change, get_visible
from cms.core.db import transaction
from cms.core.errors import Invalid, WrongState
from cms.core.i18n import _
from cms.core.permissions import Actor, permission
from cms.lib.clock import utcnow


@dataclass(frozen=True)
class Act:
    """One thing to do: the action, the verb of the permission, what is sent with it, and what it does in a sentence."""

    do: Callable[..., object]
    verb: str
    sentence: str
    sent: type[Schema] = Nothing
    #: Tells whether an entry stands already as this would have it: who asks twice is answered alike.
    done: Callable[[Entry], bool] = lambda _entry: False
    #: The policy by which an entry that is published asks for the right to publish besides.
    published: Callable[[Actor | None, Entry], bool] | None = None


def _publish(entry: Any, *, at: datetime | None = None, by: Any) -> None:
    if at is not None and at > utcnow():
        raise Invalid(fields={"at": _("This is still to come: schedule it instead.")})
    with _date_named():
        publish_entry(entry, at=at, by=by)


def _schedule(entry: Any, *, at: datetime, by: Any) -> None:
    if at <= utcnow():
        raise Invalid(fields={"at": _("Choose a date and time to come.")})
    with _date_named():
        schedule_entry(entry, at=at, by=by)


@contextmanager
def _date_named() -> Iterator[None]:
    """Have what is wrong with the date told of `at`, as it is called here."""
    try:
        yield
    except Invalid as error:
        if "published_at" not in error.fields:
            raise
        raise type(error)(fields={"at": error.fields["published_at"]}) from None


def _is_in(state: str) -> Callable[[Entry], bool]:
    return lambda entry: entry.binned_at is None and entry.state == state


ACTS: dict[str, Act] = {
    "publish": Act(_publish, "publish", "Publish the newest save of {thing}.", PublishArguments),
    "unpublish": Act(
        unpublish_entry, "publish", "Take {thing} from readers; it is a draft again.", done=_is_in("draft")
    ),
    "schedule": Act(_schedule, "publish", "Have readers see {thing} from a moment on.", ScheduleArguments),
    "submit": Act(submit_entry, "edit", "Put {thing} before the editors.", done=_is_in("in_review")),
    "return": Act(return_entry, "edit", "Give {thing} that is in review back to its authors.", done=_is_in("draft")),
    "archive": Act(
        archive_entry, "publish", "Take {thing} from readers for good, and keep it.", done=_is_in("archived")
    ),
    "restore": Act(
        restore_entry,
        "delete",
        "Take {thing} out of the bin.",
        done=lambda entry: entry.binned_at is None,
        published=policies.may_delete,
    ),
}


def open_acts(blueprint: ApiBlueprint, kind: str) -> None:
    """Open an address for each act below those of single entries."""
    for name, act in ACTS.items():
        blueprint.route(f"/<int:entry_id>/{name}", endpoint=f"{name}_{kind}")(_view(blueprint, kind, act))


def _view(blueprint: ApiBlueprint, kind: str, act: Act) -> type[MethodView]:
    published = act.published

    def post(_self: MethodView, sent: Mapping[str, Any], entry_id: int) -> Response:
        with transaction():
            entry = get_for_change(kind, entry_id, user=person())
            require_version(entry.version)
            if published is not None:
                blame_token(lambda user: published(user, entry), *PUBLISHED[kind])
            try:
                act.do(entry, by=person(), **sent)
            except WrongState:
                if not act.done(entry):
                    raise
        done = get_visible(kind, entry_id, user=person())
        return answer(show_entry(done, Showing(person(), form="json")), version=done.version)

    post.__doc__ = act.sentence.format(thing=f"a {kind}")
    documented = blueprint.arguments(act.sent)(blueprint.response(200, EntrySchema)(post))
    stamped = permission(f"content:{kind}:{act.verb}")(idempotent(documented))
    if published is not None:
        stamped = may_need(PUBLISHED[kind])(stamped)
    return type("EntryAct", (MethodView,), {"post": stamped, "methods": {"POST"}})
