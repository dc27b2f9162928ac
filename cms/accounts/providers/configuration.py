"""The file that names the providers with whose accounts people sign in: `providers.toml` in the instance folder.

It is read once, at the start; what is wrong in it stops the start with one sentence that names the place and never
repeats a secret.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from cms.config import ConfigurationError

FILE = "providers.toml"
OPENID = "openid"
GITHUB = "github"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SECRETS = ("client_secret", "client_secret_file", "client_secret_env")
#: What each table may hold, and of which type.
_KEYS: dict[str, type] = {
    "kind": str,
    "label": str,
    "issuer": str,
    "api": str,
    "client_id": str,
    **dict.fromkeys(_SECRETS, str),
    "scopes": list,
    "create_accounts": bool,
    "default_role": str,
    "allowed_domains": list,
    "trust_email": bool,
    "trust_email_for_office": bool,
    "roles_claim": str,
    "roles": dict,
    "sync_roles": bool,
}
_TYPES = {str: "a text", list: "a list of texts", bool: "true or false", dict: "a table of texts"}
_PRESETS: dict[str, dict[str, Any]] = {
    "google": {"label": "Google", "issuer": "https://accounts.google.com"},
    "github": {
        "kind": GITHUB,
        "label": "GitHub",
        "issuer": "https://github.com",
        "api": "https://api.github.com",
        "roles_claim": "organisations",
    },
}
_SCOPES = {OPENID: ["openid", "email", "profile"], GITHUB: ["read:user", "user:email"]}


@dataclass(frozen=True)
class Provider:
    """Somebody elsewhere who knows people, and what their word is worth here."""

    #: Names the provider in addresses.
    name: str
    kind: str
    #: What people know it by.
    label: str
    #: Who signs its answers; for GitHub the address of the site.
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    #: Where GitHub's programming interface is.
    api: str = ""
    scopes: tuple[str, ...] = ()
    #: Whether somebody unknown gets an account.
    create_accounts: bool = False
    default_role: str = "subscriber"
    #: Domains of mail addresses for which accounts are made and connected; none: all.
    allowed_domains: frozenset[str] = frozenset()
    #: Whether a verified mail address stands for the account here that has it, and whether also where it may work.
    trust_email: bool = False
    trust_email_for_office: bool = False
    roles_claim: str = "groups"
    #: Which value of the claim stands for which role.
    roles: Mapping[str, str] = field(default_factory=dict)
    #: Whether the roles named in `roles` follow the claim with every sign-in.
    sync_roles: bool = False


def read_providers(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, Provider]:
    """Return the providers of a file by name, in its order; none when there is no file. Raises ConfigurationError."""
    if not path.exists():
        return {}
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        # The message names line and column, and nothing that stands there.
        raise ConfigurationError(f"{path} is no TOML file: {_place(error)}.") from None
    environ = os.environ if environ is None else environ
    providers = {name: _Table(path, name, table, environ).read() for name, table in tables.items()}
    _refuse_twins(path, providers)
    return providers


def _place(error: ValueError) -> str:
    match = re.search(r"at (?:line \d+, column \d+|end of document)", str(error))
    return f"something is wrong {match[0]}" if match else "it holds characters that are no text"


def _refuse_twins(path: Path, providers: Mapping[str, Provider]) -> None:
    known: dict[str, str] = {}
    for provider in providers.values():
        other = known.setdefault(provider.issuer, provider.name)
        if other != provider.name:
            raise ConfigurationError(f"{path}: [{other}] and [{provider.name}] have the same issuer.")


class _Table:
    """One table of the file, read key by key."""

    def __init__(self, path: Path, name: str, table: object, environ: Mapping[str, str]) -> None:
        self.path, self.name, self.environ = path, name, environ
        if not isinstance(table, dict):
            self.fail(f"must be a table, [{name}]")
        if not _NAME.fullmatch(name):
            self.fail("must be named with small letters, digits and hyphens")
        self.given: dict[str, Any] = table
        self.values = {**_PRESETS.get(name, {}), **table}

    def fail(self, words: str) -> NoReturn:
        raise ConfigurationError(f"{self.path}: [{self.name}] {words}.")

    def read(self) -> Provider:
        self._check_keys()
        kind = self.values.get("kind", OPENID)
        if kind not in _SCOPES:
            self.fail("has a kind that is neither openid nor github")
        base = _PRESETS["github"] | self.values if kind == GITHUB else self.values
        roles = self._roles()
        return Provider(
            name=self.name,
            kind=kind,
            label=self._text("label", base.get("label") or self.name.capitalize(), most=40),
            issuer=self._address("issuer", base.get("issuer")),
            client_id=self._text("client_id", base.get("client_id"), most=500),
            client_secret=self._secret(),
            api=self._address("api", base.get("api")) if kind == GITHUB else "",
            scopes=self._scopes(kind, roles),
            create_accounts=base.get("create_accounts", False),
            default_role=self._role("default_role", base.get("default_role", "subscriber")),
            allowed_domains=self._domains(),
            trust_email=base.get("trust_email", False),
            trust_email_for_office=base.get("trust_email_for_office", False),
            roles_claim=base.get("roles_claim", "groups"),
            roles=roles,
            sync_roles=base.get("sync_roles", False),
        )

    def _check_keys(self) -> None:
        for key, value in self.given.items():
            if key not in _KEYS:
                near = difflib.get_close_matches(key, _KEYS, n=1)
                self.fail(f"has no setting {key}" + (f"; did you mean {near[0]}?" if near else "").rstrip("?"))
            wanted = _KEYS[key]
            if not isinstance(value, wanted) or not all(isinstance(item, str) for item in _items(value)):
                self.fail(f"needs {_TYPES[wanted]} for {key}")

    def _text(self, key: str, value: str | None, *, most: int) -> str:
        if not value or not value.strip() or len(value) > most or not value.isprintable():
            self.fail(f"needs {key}, a text of at most {most} characters")
        return str(value).strip()

    def _address(self, key: str, value: str | None) -> str:
        """Return an https address; http is for a provider on this machine alone."""
        try:
            parts = urlsplit(value or "")
            fine = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
        except ValueError:
            fine = False
        if not fine or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)):
            self.fail(f"needs {key}, an address such as https://accounts.example.org")
        return str(value)

    def _secret(self) -> str:
        given = [key for key in _SECRETS if self.values.get(key)]
        if len(given) != 1:
            self.fail("needs exactly one of client_secret, client_secret_file and client_secret_env")
        key, value = given[0], str(self.values[given[0]])
        if key == "client_secret_env":
            value = self.environ.get(value, "") or self.fail(f"finds nothing in the environment variable {value}")
        elif key == "client_secret_file":
            value = self._secret_of_file(self.path.parent / Path(value).expanduser())
        return value

    def _secret_of_file(self, path: Path) -> str:
        try:
            secret = path.read_text("utf-8").strip()
        except (OSError, ValueError):
            secret = ""
        return secret or str(self.fail(f"finds no secret in {path}"))

    def _scopes(self, kind: str, roles: Mapping[str, str]) -> tuple[str, ...]:
        chosen: list[str] = self.values.get("scopes") or list(_SCOPES[kind])
        if kind == OPENID and "openid" not in chosen:
            self.fail("needs openid among its scopes")
        if kind == GITHUB and roles and "read:org" not in chosen:
            chosen = [*chosen, "read:org"]
        return tuple(chosen)

    def _domains(self) -> frozenset[str]:
        domains = [domain.lower().removeprefix("@") for domain in self.values.get("allowed_domains", [])]
        for domain in domains:
            if not _DOMAIN.fullmatch(domain):
                self.fail("needs names such as example.org in allowed_domains")
        return frozenset(domains)

    def _roles(self) -> dict[str, str]:
        return {value: self._role(f"roles.{value}", role) for value, role in self.values.get("roles", {}).items()}

    def _role(self, key: str, role: str) -> str:
        if not re.fullmatch(r"[\w-]{1,80}", role):
            self.fail(f"needs the name of a role for {key}, such as editor")
        return role


def _items(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []
