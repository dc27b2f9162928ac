"""`flask secrets` and `python3 -m cms.cli.make_secrets`, on files and on settings."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from cms.accounts.authenticators import PURPOSE
from cms.accounts.factors import RECOVERY_PURPOSE
from cms.accounts.models import Authenticator, RecoveryCode, User
from cms.cli.secrets import ensure_secrets, write_secrets
from cms.config import SECRETS, ConfigurationError, load_settings, read_secrets
from cms.core import sealed
from cms.core.db import current_session, transaction
from cms.core.secrets import UnknownKeyError, audit_key, keyed_hashes, seal, unseal
from cms.lib.clock import utcnow
from tests.people import ADA

ROOT = Path(__file__).parents[3]


@pytest.fixture
def kept(make_app: Callable[..., Flask], tmp_path: Path) -> Callable[..., Flask]:
    """Make an application whose secrets are those in its instance's file."""

    def make(**more: Any) -> Flask:
        return make_app(**ensure_secrets(tmp_path / "instance"), **more)

    return make


def run(app: Flask, *words: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["secrets", *words])


def values(secrets: Mapping[str, Any]) -> set[str]:
    text = repr(secrets)
    return set(re.findall(r"[\w-]{60,}", text))


def test_a_key_of_the_file_is_replaced_there_and_the_older_one_stays(
    kept: Callable[..., Flask], tmp_path: Path
) -> None:
    app, instance = kept(), tmp_path / "instance"
    before = read_secrets(instance)
    done = run(app, "rotate", "SECRET_KEY", "CMS_AUDIT_KEYS", "CMS_DATA_KEYS")
    assert done.exit_code == 0, done.output
    after = read_secrets(instance)
    assert after["SECRET_KEY"] != before["SECRET_KEY"]
    assert after["SECRET_KEY_FALLBACKS"] == [before["SECRET_KEY"]]
    assert after["CMS_DATA_KEYS"][1:] == before["CMS_DATA_KEYS"]
    newest, oldest = after["CMS_AUDIT_KEYS"].items()
    assert dict([oldest]) == before["CMS_AUDIT_KEYS"]
    assert newest[0] != oldest[0]
    assert after["SECURITY_PASSWORD_SALT"] == before["SECURITY_PASSWORD_SALT"]
    assert not values(after) & set(re.findall(r"[\w-]{60,}", done.output))
    assert stat.S_IMODE((instance / "secrets.toml").stat().st_mode) == 0o600
    assert [path.name for path in instance.glob("secrets.toml*")] == ["secrets.toml"]
    again = load_settings({"CMS_ENV": "development", "CMS_INSTANCE": str(instance)}, root=tmp_path, environ={})
    assert {name: again[name] for name in after} == after


def test_a_key_of_the_settings_is_printed_for_its_owner(app: Flask, tmp_path: Path) -> None:
    done = run(app, "rotate")
    assert done.exit_code == 0
    lines = dict(line.split("=", 1) for line in done.output.splitlines() if "=" in line)
    assert set(lines) == {"SECRET_KEY", "SECRET_KEY_FALLBACKS"}
    assert lines["SECRET_KEY_FALLBACKS"] == app.config["SECRET_KEY"]
    assert not (tmp_path / "instance" / "secrets.toml").exists()


def test_printed_lines_can_be_read_back(app: Flask, tmp_path: Path) -> None:
    done = run(app, "rotate", "SECRET_KEY", "CMS_AUDIT_KEYS", "CMS_DATA_KEYS")
    environ = dict(line.split("=", 1) for line in done.output.splitlines() if re.match(r"[A-Z_]+=", line))
    settings = load_settings(None, root=tmp_path, environ=environ | {"SECURITY_PASSWORD_SALT": "x" * 20})
    assert list(settings["CMS_AUDIT_KEYS"])[1:] == list(app.config["CMS_AUDIT_KEYS"])
    assert settings["CMS_DATA_KEYS"][1:] == app.config["CMS_DATA_KEYS"]
    assert settings["SECRET_KEY_FALLBACKS"] == [app.config["SECRET_KEY"]]


def test_the_salt_of_passwords_stays_and_says_why(kept: Callable[..., Flask], tmp_path: Path) -> None:
    app = kept()
    before = read_secrets(tmp_path / "instance")
    done = run(app, "rotate", "SECRET_KEY", "SECURITY_PASSWORD_SALT")
    assert done.exit_code == 1
    assert "make every password wrong" in done.output
    assert read_secrets(tmp_path / "instance") == before


def test_names_are_told_and_no_key(kept: Callable[..., Flask], tmp_path: Path) -> None:
    run(kept(), "rotate")
    done = run(kept(), "show-names")
    assert done.output.splitlines() == [
        "SECRET_KEY: from secrets.toml, 1 older one kept",
        "SECURITY_PASSWORD_SALT: from secrets.toml, no older one kept",
        "CMS_AUDIT_KEYS: from secrets.toml, no older one kept",
        "CMS_DATA_KEYS: from secrets.toml, no older one kept",
    ]


def test_forgetting_seals_anew_first_and_keeps_the_keys_of_the_trail(
    kept: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "_COLUMNS", {})
    sealed.register_sealed(User.biography, purpose="a test")  # any column of text will do

    def bio(app: Flask) -> str:
        with app.app_context():
            return current_session().query(User).filter_by(email=ADA.email).one().biography

    app = kept()
    with app.app_context(), transaction() as session:
        for person in session.query(User):
            person.biography = seal(f"of {person.email}", purpose="a test")
    run(app, "rotate", "SECRET_KEY", "CMS_AUDIT_KEYS", "CMS_DATA_KEYS")
    rotated = kept()
    before = bio(rotated)
    with rotated.app_context():
        assert unseal(before, purpose="a test") == f"of {ADA.email}"
    done = run(rotated, "forget-old")
    assert done.exit_code == 0, done.output
    assert "Sealed with the newest of CMS_DATA_KEYS: 5." in done.output
    last = kept()
    assert (last.config["SECRET_KEY_FALLBACKS"], len(last.config["CMS_DATA_KEYS"])) == ([], 1)
    assert len(last.config["CMS_AUDIT_KEYS"]) == 2
    with last.app_context():
        assert unseal(bio(last), purpose="a test") == f"of {ADA.email}"
        assert [audit_key(name)[0] for name in last.config["CMS_AUDIT_KEYS"]] == list(last.config["CMS_AUDIT_KEYS"])
        with pytest.raises(UnknownKeyError):
            unseal(before, purpose="a test")


def test_secrets_of_authenticator_apps_are_sealed_anew(kept: Callable[..., Flask]) -> None:
    app = kept()
    with app.app_context(), transaction() as session:
        ada = session.query(User).filter_by(email=ADA.email).one()
        secret = seal("JBSWY3DPEHPK3PXP", purpose=PURPOSE)
        session.add(Authenticator(user_id=ada.id, secret=secret, created_at=utcnow()))
    run(app, "rotate", "CMS_DATA_KEYS")
    done = run(kept(), "forget-old")
    assert "Sealed with the newest of CMS_DATA_KEYS: 1." in done.output, done.output
    last = kept()
    assert len(last.config["CMS_DATA_KEYS"]) == 1
    with last.app_context():
        assert unseal(current_session().query(Authenticator).one().secret, purpose=PURPOSE) == "JBSWY3DPEHPK3PXP"


def test_recovery_codes_are_not_lost_unasked(kept: Callable[..., Flask]) -> None:
    app = kept()
    with app.app_context(), transaction() as session:
        ada = session.query(User).filter_by(email=ADA.email).one()
        digest = keyed_hashes("a code", purpose=RECOVERY_PURPOSE)[0]
        session.add(RecoveryCode(user_id=ada.id, code_hash=digest, created_at=utcnow()))
    run(app, "rotate", "CMS_DATA_KEYS")
    done = run(kept(), "forget-old")
    assert "1 recovery codes hold by older" in done.output
    assert len(kept().config["CMS_DATA_KEYS"]) == 2
    run(kept(), "forget-old", "--give-up-codes")
    assert len(kept().config["CMS_DATA_KEYS"]) == 1


def test_what_cannot_be_opened_keeps_the_older_keys(
    kept: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "_COLUMNS", {})
    sealed.register_sealed(User.biography, purpose="a test")
    app = kept()
    with app.app_context(), transaction() as session:
        session.query(User).filter_by(email=ADA.email).one().biography = "sealed by nobody"
    run(app, "rotate", "CMS_DATA_KEYS")
    before = read_secrets(tmp_path / "instance")
    done = run(kept(), "forget-old")
    assert done.exit_code == 1
    assert "older key" in done.output
    assert read_secrets(tmp_path / "instance") == before


def test_a_file_of_an_older_version_gets_what_it_lacks_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(
        'SECRET_KEY = "an old \\"key\\""\nSECURITY_PASSWORD_SALT = "salt"\nOURS = 7\n'
    )
    made = ensure_secrets(tmp_path)
    text = (tmp_path / "secrets.toml").read_text()
    assert tomllib.loads(text)["SECRET_KEY"] == 'an old "key"'
    assert tomllib.loads(text)["OURS"] == 7
    assert read_secrets(tmp_path) == made
    assert set(SECRETS) <= set(made)
    assert stat.S_IMODE((tmp_path / "secrets.toml").stat().st_mode) == 0o600
    assert ensure_secrets(tmp_path) == made
    assert (tmp_path / "secrets.toml").read_text() == text


def test_starts_at_the_same_moment_agree(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('SECRET_KEY = "an old key"\n')
    code = "import sys, pathlib, cms.cli.secrets as s; print(s.ensure_secrets(pathlib.Path(sys.argv[1])))"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    starts = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environ, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert len({start.communicate()[0] for start in starts}) == 1
    assert {start.returncode for start in starts} == {0}


def make_secrets(*words: str) -> str:
    command = [sys.executable, "-W", "error", "-m", "cms.cli.make_secrets", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


PRODUCTION = {
    "CMS_ENV": "production",
    "CMS_MAIL_URL": "smtp://mail.example.org",
    "CMS_BASE_URL": "https://www.example.org",
}


def test_printed_secrets_start_a_site_in_production(tmp_path: Path) -> None:
    printed = dict(line.split("=", 1) for line in make_secrets().splitlines())
    assert set(printed) == set(SECRETS)
    settings = load_settings(None, root=tmp_path, environ=PRODUCTION | printed)
    assert settings["SECRET_KEY"] == printed["SECRET_KEY"]
    assert settings["TEMPORARY_SECRETS"] == ()


def test_only_a_file_made_for_production_counts_there(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path / "instance")
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        load_settings(None, root=tmp_path, environ=PRODUCTION)
    make_secrets("--write", str(tmp_path / "instance"))
    settings = load_settings(None, root=tmp_path, environ=PRODUCTION)
    assert {name: settings[name] for name in SECRETS} == made


def test_a_command_may_complete_what_a_file_for_production_lacks_and_a_server_may_not(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    make_secrets("--write", str(folder))
    kept = read_secrets(folder)
    write_secrets(folder, {name: value for name, value in kept.items() if name != "CMS_AUDIT_KEYS"})
    with pytest.raises(ConfigurationError, match="CMS_AUDIT_KEYS"):
        load_settings(None, root=tmp_path, environ=PRODUCTION)
    settings = load_settings(None, root=tmp_path, environ=PRODUCTION | {"FLASK_RUN_FROM_CLI": "true"})
    assert settings["TEMPORARY_SECRETS"] == ("CMS_AUDIT_KEYS",)
    ensure_secrets(folder)
    assert load_settings(None, root=tmp_path, environ=PRODUCTION)["TEMPORARY_SECRETS"] == ()
