"""What every operation of the document refers to: the shape of errors, their answers, headers, and how one signs in."""

from __future__ import annotations

from typing import Any

from cms.api.problems import MEDIA_TYPE, sentences_by_code, title_of

Part = dict[str, Any]

#: Answers that stand for errors, by status: their name in the document, and an example's word.
PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("BadRequest", "malformed"),
    401: ("Unauthenticated", "unauthenticated"),
    403: ("Forbidden", "forbidden"),
    404: ("NotFound", "not_found"),
    405: ("MethodNotAllowed", "method_not_allowed"),
    406: ("NotAcceptable", "not_acceptable"),
    409: ("Conflict", "conflict"),
    412: ("OldVersion", "old_version"),
    413: ("TooLarge", "too_large"),
    414: ("AddressTooLong", "address_too_long"),
    415: ("UnsupportedMediaType", "unsupported_media_type"),
    422: ("Invalid", "invalid"),
    429: ("TooManyRequests", "too_many_requests"),
    431: ("HeadersTooLarge", "headers_too_large"),
    500: ("Broken", "broken"),
    503: ("Unavailable", "unavailable"),
}
#: What else an answer may stand for than its example does.
_ALSO = {
    503: (
        " With the code `outcome_unknown` it may be done or not: send it again with the same `Idempotency-Key`, or "
        "look first."
    )
}
#: What every answer tells of how often the API may be asked, while that is counted (`rates`).
RATE_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_SPECIAL_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}

PROBLEM: Part = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `message` says the same as `detail`, for clients that look there.",
    "required": ["type", "title", "status", "detail", "code", "errors", "message", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "An address that tells about this sort of error."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the answer."},
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "A word for programs; it stays when sentences are worded anew."},
        "errors": {
            "type": "object",
            "description": "Each wrong field, by its path (`author.name`), with sentences for people.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "message": {"type": "string", "description": "The same as `detail`."},
        "request_id": {"type": "string", "description": "Names this request; the log of the site has the same."},
    },
    "additionalProperties": True,
}

#: The password was right, and more is asked for.
SECOND_FACTOR_REQUIRED: Part = {
    **PROBLEM,
    "description": "The password is right, and the account asks for more: go on at `/auth/second-factor`.",
    "required": [*PROBLEM["required"], "challenge", "ways", "expires_in"],
    "properties": {
        **PROBLEM["properties"],
        "code": {"type": "string", "enum": ["second_factor_required"], "description": "A word for programs."},
        "challenge": {
            "type": ["string", "null"],
            "description": "Send it with the code. Null: none of the ways is one for programs; sign in with a browser.",
        },
        "ways": {
            "type": "array",
            "items": {"type": "string"},
            "description": "By what it can be shown: `app`, `recovery` (one of the codes on paper) or `mail`.",
        },
        "expires_in": {"type": "integer", "minimum": 0, "description": "Seconds for which the challenge holds."},
    },
}

SECURITY: Part = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "An access token (`POST /api/v1/auth/login`), or a personal token, which a person makes for a program and "
            "which allows no more than the permissions it names: where it alone lacks one, the answer is 403 with the "
            "code `insufficient_scope`. Cookies open nothing here."
        ),
    }
}


def _header(description: str, example: str, **schema: Any) -> Part:
    """Return a header that is in each answer which names it."""
    schema = {"type": "string", "minLength": 1, **schema}
    return {"description": description, "required": True, "schema": schema, "example": example}


def _whole(description: str, example: int, **more: Any) -> Part:
    return {"description": description, **more, "schema": {"type": "integer", "minimum": 0}, "example": example}


#: By their names in the document, which are their own names but for the challenge that is not always there.
HEADERS: Part = {
    "X-Request-ID": _header("Names this request; tell it when you report something.", "5f1c9a3e7b20"),
    "ETag": _header(
        "What was read, for `If-None-Match` and `If-Match`.",
        '"3.0f2a9c5e7d1b4a6c8e90"',
        pattern='^(W/)?"[^"]+"$',
    ),
    "Location": _header("The address of what was made.", "https://example.com/api/v1/posts/7", format="uri"),
    "Link": _header(
        "First, next and previous page (RFC 8288).", '<https://example.com/api/v1/posts?cursor=abc>; rel="next"'
    ),
    "Allow": _header("The methods that this address takes.", "GET, HEAD, OPTIONS"),
    "WWW-Authenticate": _header("How to show who you are (RFC 6750).", 'Bearer realm="api"', pattern="^Bearer "),
    "InsufficientScope": {
        "description": "Only with the code `insufficient_scope`: which permission the token lacks (RFC 6750, 3.1).",
        "schema": {"type": "string", "pattern": "^Bearer "},
        "example": 'Bearer realm="api", error="insufficient_scope", scope="content:post:edit"',
    },
    "RateLimit-Limit": _whole("Requests in a window; a change counts as five. Absent where nothing is counted.", 600),
    "RateLimit-Remaining": _whole("Requests that are left in this window. Absent where nothing is counted.", 594),
    "RateLimit-Reset": _whole("Seconds until the next window begins. Absent where nothing is counted.", 42),
    "Retry-After": _whole("Seconds to wait.", 30, required=True),
    "Idempotency-Replayed": {
        "description": "This is the answer of the first request with this `Idempotency-Key`; nothing was done now.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


def reference(sort: str, name: str) -> Part:
    """Return what stands for a component: `reference("headers", "ETag")`."""
    return {"$ref": f"#/components/{sort}/{name}"}


def headers(*names: str) -> Part:
    """Return references to the headers that are called so; each answer has its request's id."""
    return {name: reference("headers", name) for name in ("X-Request-ID", *names)}


def code_of(status: int) -> str:
    """Return the word of an error that has this status, or `error`."""
    return next((code for code, (known, _told) in sentences_by_code().items() if known == status), "error")


def problem_content(status: int, code: str, sentence: str) -> Part:
    """Return the content of an error's answer, with an example."""
    errors = {"title": ["Missing data for required field."]} if status == 422 else {}
    example = {
        "type": f"https://example.com/api/v1/problems/{code}",
        "title": title_of(status),
        "status": status,
        "detail": sentence,
        "code": code,
        "errors": errors,
        "message": sentence,
        "request_id": "5f1c9a3e7b20",
    }
    return {MEDIA_TYPE: {"schema": reference("schemas", "Problem"), "example": example}}


def second_factor_answer() -> Part:
    """Return the answer of signing in that has no success yet: wrong, or right and not enough."""
    code, sentence = "second_factor_required", str(sentences_by_code()["second_factor_required"][1])
    content = problem_content(401, code, sentence)[MEDIA_TYPE]
    more = {"challenge": "mJ4tVx0sQ2a8LrWc6yBn", "ways": ["app", "recovery"], "expires_in": 900}
    either = {"anyOf": [reference("schemas", "SecondFactorRequired"), reference("schemas", "Problem")]}
    return {
        "description": "Mail address and password are wrong, or (`second_factor_required`) right and not enough.",
        "content": {MEDIA_TYPE: {"schema": either, "example": content["example"] | more}},
    }


def problem_headers(status: int) -> Part:
    """Return the headers that an error's answer has."""
    named = headers(*_SPECIAL_HEADERS.get(status, ()), *RATE_HEADERS)
    return named | ({"WWW-Authenticate": reference("headers", "InsufficientScope")} if status == 403 else {})


def problem_responses() -> dict[str, Part]:
    """Return the answer of every sort of error, by its name in the document."""
    sentences = {code: str(sentence) for code, (_status, sentence) in sentences_by_code().items()}
    return {
        name: {
            "description": f"{sentences[code]}{_ALSO.get(status, '')}",
            "headers": problem_headers(status),
            "content": problem_content(status, code, sentences[code]),
        }
        for status, (name, code) in PROBLEMS.items()
    }
