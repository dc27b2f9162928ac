"""What the document says of one operation beside its schemas: its name, who may call it, every answer there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast

from cms.api.access import CHANGES_NOTHING, FURTHER, NO_TOKEN, NOT_BY_TOKEN
from cms.api.idempotency import STAMP
from cms.api.rates import RouteRate
from cms.api.spec_parts import (
    PROBLEMS,
    RATE_HEADERS,
    Part,
    code_of,
    headers,
    problem_content,
    problem_headers,
    reference,
)
from cms.core.permissions import PUBLIC, SIGNED_IN, registry
from cms.core.stamps import stamp_of

#: What may go wrong with any request: unreadable, too large, asking for what there is not, too often, or broken on our
#: side.
_ALWAYS = (400, 414, 422, 429, 431, 500, 503)
_WRITES = ("post", "put", "patch", "delete")
_VERBS = {"get": "get", "post": "create", "put": "replace", "patch": "update", "delete": "delete"}
_SINGULAR = {"media": "media_file", "settings": "settings"}
_HALF_SENTENCE = re.compile(r"[:;] (?=[^`]*(?:`[^`]*`[^`]*)*$)")
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "Change this version alone: the `ETag` of what was read. Another one is answered with 412.",
    "schema": {
        "type": "string",
        "pattern": r'^(\*|(W/)?"[^"]*"(, *(W/)?"[^"]*")*)$',
        "examples": ['"3.0f2a9c5e7d1b4a6c8e90"'],
    },
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The `ETag` of what you have: 304, without a body, while it is the same.",
    "schema": {"type": "string", "examples": ['"3.0f2a9c5e7d1b4a6c8e90"']},
}

_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": (
        "A key of your choice (a UUID, say) for this request. Sent again within 24 hours, it is not done again: the "
        "answer is that of the first time. With another request it is answered with 422, while the first is being "
        "worked on with 409. Errors are not kept."
    ),
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[\\x21-\\x7e]+$",
        "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    },
}


def complete_operation(
    operation: Part, *, path: str, method: str, view: Callable[..., Any], stamp: str, siblings: Mapping[str, Any]
) -> None:
    """Add to an operation what flask-smorest does not know: name, permission, headers, and the answers of errors.

    `stamp` is the permission that its method declares; `siblings` are all operations of the same path, by method.
    """
    operation["responses"] = {str(status): told for status, told in operation.get("responses", {}).items()}
    is_list = _is_list(operation)
    operation.setdefault("operationId", name_operation(path, method, is_list=is_list, siblings=siblings))
    summary, *rest = _HALF_SENTENCE.split(str(operation.get("summary", "")).removesuffix("."), maxsplit=1)
    more = f"{rest[0][0].upper()}{rest[0][1:]}." if rest else ""
    operation["summary"] = summary
    texts = (more, operation.get("description"), _who_may(view, method, stamp), _how_often(view, method))
    operation["description"] = "\n\n".join(text for text in texts if text)
    operation["security"] = [{}, {"bearer": []}] if stamp == PUBLIC else [{"bearer": []}]
    if stamp_of(view, method, NO_TOKEN) is not None:
        operation["security"] = [{}]
    if stamp not in (PUBLIC, SIGNED_IN):
        operation["x-permission"] = stamp
    if further := stamp_of(view, method, FURTHER):
        operation["x-further-permissions"] = list(cast("dict[str, str]", further))
    if stamp_of(view, method, NOT_BY_TOKEN) is not None:
        operation["x-personal-tokens"] = False
    conditional, idempotent = _is_conditional(path, method, siblings), stamp_of(view, method, STAMP) is not None
    parameters: list[Part] = operation.setdefault("parameters", [])
    known = {parameter["name"] for parameter in parameters}
    asked = ((method == "get", _IF_NONE_MATCH), (conditional, _IF_MATCH), (idempotent, _IDEMPOTENCY_KEY))
    parameters += [dict(told) for applies, told in asked if applies and told["name"] not in known]
    _finish_answers(operation, method=method, is_list=is_list, idempotent=idempotent)
    _add_problems(operation, path=path, method=method, view=view, stamp=stamp, conditional=conditional, is_list=is_list)
    answers = operation["responses"]
    operation["responses"] = {status: answers[status] for status in sorted(answers)}


def link_what_is_made(paths: Mapping[str, Part]) -> None:
    """Say with each answer that tells of something made (201) which operations go on with it (OpenAPI 3.1, Links)."""
    for path, item in paths.items():
        below = next((other for other in paths if re.fullmatch(re.escape(path) + r"/\{\w+\}", other)), None)
        made = item.get("post", {}).get("responses", {}).get("201")
        if below is None or made is None:
            continue
        parameter = below.rpartition("{")[2].removesuffix("}")
        value = f"$response.body#/{'id' if parameter.endswith('_id') else parameter}"
        names = [told["operationId"] for told in paths[below].values()]
        made["links"] = {name: {"operationId": name, "parameters": {parameter: value}} for name in names}


def _who_may(view: Callable[..., Any], method: str, stamp: str) -> str:
    """Return the sentences that say who may call an operation."""
    further = cast("dict[str, str]", stamp_of(view, method, FURTHER) or {})
    listed = ", ".join(f"`{registry.get(name).name}` {what}" for name, what in further.items())
    said: list[str] = []
    if stamp == PUBLIC and method != "get":
        said.append("Open to everybody.")
    elif stamp == PUBLIC:
        said.append("Open to everybody; a token shows what its person may see besides.")
    elif stamp != SIGNED_IN:
        said.append(f"Needs the permission `{stamp}`: {str(registry.get(stamp).sentence).rstrip('.')}.")
    elif not further:
        said.append("For everybody who is signed in.")
    if further:
        said.append(f"Needs{'' if stamp == SIGNED_IN else ' besides'}, depending on what is asked: {listed}.")
    if stamp_of(view, method, NOT_BY_TOKEN) is not None:
        said.append("Personal tokens are refused (403).")
    return " ".join(said)


def _how_often(view: Callable[..., Any], method: str) -> str:
    """Return the sentence that says how often an operation may be asked, where it is less than the rest."""
    rate = stamp_of(view, method, "__cms_rate__")
    if not isinstance(rate, RouteRate):
        return ""
    return f"At most {rate.rate}{' without a token' if rate.strangers_only else ''}."


def _is_conditional(path: str, method: str, siblings: Mapping[str, Any]) -> bool:
    """Tell whether an operation changes one thing, which may be another by now than was read."""
    if method not in _WRITES:
        return False
    return "{" in path or (method in ("put", "patch") and "get" in siblings and not _is_list(siblings["get"]))


def _is_list(operation: Part) -> bool:
    answer = operation["responses"].get("200", {})
    content = answer.get("content", {}).get("application/json", {}) if isinstance(answer, dict) else {}
    return str(content.get("schema", {}).get("$ref", "")).endswith(("List", "Page"))


def name_operation(path: str, method: str, *, is_list: bool, siblings: Mapping[str, Any]) -> str:
    """Return the name of an operation, as functions of clients are called: `list_posts`, `publish_post`."""
    segments = path.removeprefix("/api/v1/").strip("/").replace("-", "_").split("/")
    nouns = ["my" if segment == "me" else segment for segment in segments if not segment.startswith("{")]
    if segments[-1] == "me":
        return f"{_VERBS[method]}_me"
    last, before = nouns[-1], [_singular(noun) for noun in nouns[:-1]]
    if segments[-1].startswith("{"):
        return "_".join([_VERBS[method], *before, _singular(last)])
    if method == "get":
        return "_".join(["list" if is_list else "get", *before, last])
    if method == "post" and "get" not in siblings:
        # What is sent to no collection is an act: /posts/{id}/publish, /users/{id}/revoke-tokens, /auth/login.
        verb, _mark, rest = last.partition("_")
        return "_".join(filter(None, [verb, *before, rest])) if "{" in path else last
    return "_".join([_VERBS[method], *before, _singular(last) if method == "post" else last])


def _singular(noun: str) -> str:
    if noun in _SINGULAR:
        return _SINGULAR[noun]
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun.removesuffix("s")


def _finish_answers(operation: Part, *, method: str, is_list: bool, idempotent: bool) -> None:
    """Name the headers of what went well, and say of errors that a view declares by itself how they look."""
    for status, answer in list(operation["responses"].items()):
        number = int(status)
        if not isinstance(answer, dict) or "$ref" in answer or (number in PROBLEMS and _says_nothing(answer, number)):
            # flask-smorest names an answer of its own for input that is invalid; ours comes below.
            del operation["responses"][status]
        elif number >= 400:
            code = PROBLEMS[number][1] if number in PROBLEMS else code_of(number)
            answer.setdefault("content", problem_content(number, code, answer["description"]))
            answer["headers"] = {**problem_headers(number), **answer.get("headers", {})}
        else:
            named = ["ETag"] if answer.get("content") and method != "delete" else []
            named += ["Link"] if is_list else []
            named += ["Location"] if number == 201 else []
            named += ["Idempotency-Replayed"] if idempotent else []
            answer["headers"] = {**headers(*named, *RATE_HEADERS), **answer.get("headers", {})}
    if method == "get":
        told = ["ETag", *(["Link"] if is_list else []), *RATE_HEADERS]
        operation["responses"]["304"] = {"description": "You have it already.", "headers": headers(*told)}


def _says_nothing(answer: Part, status: int) -> bool:
    return "content" not in answer and answer.get("description") in ("", HTTPStatus(status).phrase)


def _add_problems(
    operation: Part, *, path: str, method: str, view: Callable[..., Any], stamp: str, conditional: bool, is_list: bool
) -> None:
    statuses = set(_ALWAYS)
    if stamp_of(view, method, NO_TOKEN) is None:
        statuses.add(401)
    asks_more = any(stamp_of(view, method, name) is not None for name in (FURTHER, NOT_BY_TOKEN))
    if stamp not in (PUBLIC, SIGNED_IN) or asks_more:
        statuses.add(403)
    if "{" in path or is_list:
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {413, 415}
    if method == "get" and any(len(answer.get("content", ())) > 1 for answer in operation["responses"].values()):
        # Of several forms, who asks chooses.
        statuses.add(406)
    if method in _WRITES and stamp_of(view, method, CHANGES_NOTHING) is None:
        statuses |= {409, 412} if conditional else {409}
    for status in statuses:
        operation["responses"].setdefault(str(status), reference("responses", PROBLEMS[status][0]))
