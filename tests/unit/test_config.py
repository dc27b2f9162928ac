"""Settings: their sources, their checks, and what a production site may not start without."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cms.cli.secrets import ensure_secrets
from cms.config import OPTIONS, SECRETS, ConfigurationError, load_settings

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "CMS_ENV": "production",
    "SECRET_KEY": "pAo9Zr3QeW8xKt1LmNvB5cY7uHjG2fDs4aTq",
    "SECURITY_PASSWORD_SALT": "q8Lw2Zx9Cv4Bn7Mk1Ty6",
    "CMS_AUDIT_KEYS": "first:zR8mKq2Lw7Xc4Vb9Nt1Yp6Hj3Gd5Fs0aQe",
    "CMS_DATA_KEYS": "Tq3Wn8Zb5Kx1Lm9Rv4Cy7Hp2Jd6Gf0Sa8Ue",
    "CMS_MAIL_URL": "smtp://mail.example.org:587",
    "CMS_BASE_URL": "https://www.example.org",
}


def load(root: Path, config: str | Mapping[str, Any] | None = None, **environ: str) -> dict[str, Any]:
    return load_settings(config, root=root, environ=environ)


def test_defaults_are_those_of_development(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings["CMS_ENV"] == "development"
    assert settings["CMS_BASE_URL"] == "http://localhost:8000"
    assert settings["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/instance/masthead.db"
    assert settings["CMS_MAIL_URL"] == f"folder://{tmp_path}/instance/mail"
    assert settings["TRUSTED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]


def test_reading_writes_nothing(tmp_path: Path) -> None:
    load(tmp_path)
    load(tmp_path, "testing")
    assert list(tmp_path.iterdir()) == []


def test_later_sources_win(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "config.py").write_text(
        "PORT = 1001\nCMS_WORKERS = 1\nCMS_THREADS = 1\nCMS_SEED = False\n"
    )
    (tmp_path / ".env").write_text("PORT=1002\nCMS_WORKERS=2\nCMS_THREADS=2\n")
    settings = load(tmp_path, {"CMS_THREADS": 4}, CMS_WORKERS="3", CMS_THREADS="3")
    assert (settings["PORT"], settings["CMS_WORKERS"], settings["CMS_THREADS"]) == (1002, 3, 4)
    assert settings["CMS_SEED"] is False


def test_base_url_follows_the_port(tmp_path: Path) -> None:
    assert load(tmp_path, PORT="9001")["CMS_BASE_URL"] == "http://localhost:9001"


def test_testing_reads_no_files_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "config.py").write_text("raise SystemExit\n")
    (tmp_path / ".env").write_text("PORT=x\n")
    for config in ("testing", {"TESTING": True}):
        settings = load(tmp_path, config)
        assert settings["TESTING"] is True
        assert settings["CMS_MAIL_URL"] == "null://"


@pytest.mark.parametrize("alias", ["DATABASE_URL", "CMS_DATABASE_URL"])
def test_database_has_two_names(tmp_path: Path, alias: str) -> None:
    settings = load(tmp_path, None, **{alias: "postgres://db/site"})
    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://db/site"


def test_aliases_of_secret_key_and_redis(tmp_path: Path) -> None:
    settings = load(tmp_path, SECRET_KEY="a key", REDIS_URL="redis://host/1")
    assert (settings["SECRET_KEY"], settings["CMS_REDIS_URL"]) == ("a key", "redis://host/1")


def test_mapping_overrides_all_and_passes_other_keys_on(tmp_path: Path) -> None:
    settings = load(tmp_path, {"WTF_CSRF_ENABLED": False, "CMS_UPLOADS": tmp_path / "up", "MAX_FORM_PARTS": 7})
    assert settings["WTF_CSRF_ENABLED"] is False
    assert settings["CMS_UPLOADS"] == tmp_path / "up"
    assert settings["MAX_FORM_PARTS"] == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"), ("CMS_PORT", "70000"), ("CMS_ENV", "staging"), ("CMS_BASE_URL", "example.org"),
        ("CMS_SEED", "perhaps"), ("CMS_TRUSTED_PROXIES", "-1"), ("CMS_MAX_UPLOAD_BYTES", "much"),
        ("CMS_MAX_IMAGE_PIXELS", "1"), ("CMS_MAIL_SENDER", "nobody"), ("CMS_WORKERS", "0"),
        ("CMS_LOG_LEVEL", "loud"),
    ],
)  # fmt: skip
def test_wrong_value_is_named_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, None, **{name: value})
    sentence = str(caught.value)
    assert sentence.startswith(f"{name} must be ")
    assert sentence.endswith(f", not '{value}'.")
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ["CMS_DATABASE_URL", "CMS_MAIL_URL", "CMS_REDIS_URL"])
def test_wrong_secret_is_not_repeated(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name} must be ") as caught:
        load(tmp_path, None, **{name: "gopher://ada:hunter2@host"})
    assert "hunter2" not in str(caught.value)


def test_mistyped_name_is_answered_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"CMS_BASEURL is not a setting; did you mean CMS_BASE_URL\?"):
        load(tmp_path, CMS_BASEURL="https://example.org")
    with pytest.raises(ConfigurationError, match="did you mean CMS_UPLOADS"):
        load(tmp_path, {"CMS_UPLOAD": "/srv"})


def test_variables_of_a_container_platform_are_ignored(tmp_path: Path) -> None:
    links = {
        "CMS_PORT": "tcp://10.0.0.1:80",
        "CMS_PORT_80_TCP_ADDR": "10.0.0.1",
        "CMS_SERVICE_HOST": "10.0.0.1",
    }
    assert load(tmp_path, None, **links)["PORT"] == 8000


def test_the_api_counts_except_in_tests_that_do_not_ask_for_it(tmp_path: Path) -> None:
    names = ("CMS_API_RATE", "CMS_API_RATE_STRANGERS")
    assert [load(tmp_path)[name] for name in names] == ["600 per minute", "120 per minute"]
    assert [load(tmp_path, "testing")[name] for name in names] == ["", ""]
    assert [load(tmp_path, "testing", CMS_API_RATE="5 per day")[name] for name in names] == ["5 per day", ""]
    with pytest.raises(ConfigurationError, match=r"^CMS_API_RATE must be a number per .*, not 'often'\.$"):
        load(tmp_path, CMS_API_RATE="often")
    with pytest.raises(ConfigurationError, match=r"^CMS_API_ORIGINS must be origins such as .*, not 'null'\.$"):
        load(tmp_path, CMS_API_ORIGINS="null")


def test_broken_settings_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "config.py").write_text("PORT = \n")
    with pytest.raises(ConfigurationError, match=r"config\.py cannot be read: SyntaxError"):
        load(tmp_path)


def test_complete_production_site_starts(tmp_path: Path) -> None:
    settings = load(tmp_path, None, **PRODUCTION)
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_NAME"] == "__Host-masthead"
    assert settings["TRUSTED_HOSTS"] == ["www.example.org"]
    assert settings["CMS_MAIL_SENDER"] == "noreply@www.example.org"


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "CMS_ENV"])
def test_production_does_not_start_without(tmp_path: Path, name: str) -> None:
    # Secrets that `make run` made for a look at the site do not count for a site in production.
    ensure_secrets(tmp_path / "instance")
    environ = {key: value for key, value in PRODUCTION.items() if key != name}
    with pytest.raises(ConfigurationError, match=rf"^CMS_ENV=production does not start without {name}\b"):
        load(tmp_path, None, **environ)


@pytest.mark.parametrize(
    "key",
    ["dev", "secret", "changeme", "a" * 40, "abab" * 12, "changeme-changeme-changeme-0123456789",
     "your-secret-key-here-0123456789abcdef", "pAo9Zr3QeW8xKt1LmNvB5cY7uHjG2f"],
)  # fmt: skip
def test_production_refuses_a_weak_secret_without_repeating_it(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY") as caught:
        load(tmp_path, None, **PRODUCTION | {"SECRET_KEY": key})
    assert key not in str(caught.value).replace("SECRET_KEY", "")


def test_production_refuses_http_and_the_debugger(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="an https address"):
        load(tmp_path, None, **PRODUCTION | {"CMS_BASE_URL": "http://www.example.org"})
    with pytest.raises(ConfigurationError, match="FLASK_DEBUG must be off"):
        load(tmp_path, None, **PRODUCTION, FLASK_DEBUG="1")


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    made = ensure_secrets(tmp_path / "instance")
    path = tmp_path / "instance" / "secrets.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_secrets(tmp_path / "instance") == made
    settings = load(tmp_path)
    assert (settings["SECRET_KEY"], settings["SECURITY_PASSWORD_SALT"]) == (
        made["SECRET_KEY"],
        made["SECURITY_PASSWORD_SALT"],
    )


def test_unreadable_secrets_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secrets.toml").write_text("SECRET_KEY = hunter2")
    with pytest.raises(ConfigurationError, match=r"secrets\.toml cannot be read") as caught:
        load(tmp_path)
    assert "hunter2" not in str(caught.value)


def test_development_without_secrets_has_some_for_the_moment(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first["SECRET_KEY"] != second["SECRET_KEY"]
    assert first["TEMPORARY_SECRETS"] == SECRETS
    ensure_secrets(tmp_path / "instance")
    assert load(tmp_path)["TEMPORARY_SECRETS"] == ()


def test_importing_reads_no_setting(tmp_path: Path) -> None:
    code = "import cms.config, os; print(os.listdir('.'))"
    environ = {**os.environ, "PORT": "x", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_each_setting_has_a_help_text_and_one_key() -> None:
    assert all(option.help.endswith(".") for option in OPTIONS)
    assert len({option.key for option in OPTIONS}) == len(OPTIONS)
    names = [name for option in OPTIONS for name in option.names]
    assert len(set(names)) == len(names)
