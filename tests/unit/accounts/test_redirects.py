import pytest

from cms.accounts.redirects import is_safe_target
from tests.functional.accounts.hostile import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_no_hostile_target_passes(target: str) -> None:
    assert not is_safe_target(target, "chronicle.example")


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/admin/",
        "/admin/posts/?state=draft&sort=-updated",
        "/posts/der-hafen/",
        "/posts/%E6%9D%B1%E4%BA%AC/",
        "/login?next=%2Fadmin%2Fposts%2F",
        "/admin/#top",
        "https://chronicle.example/admin/",
        "https://chronicle.example",
        "/.well-known/security.txt",
    ],
)
def test_targets_within_the_site_pass(target: str) -> None:
    assert is_safe_target(target, "chronicle.example")


def test_another_host_passes_only_when_it_is_the_site() -> None:
    assert not is_safe_target("https://chronicle.example/", "")
    assert not is_safe_target("https://chronicle.example.evil.example/", "chronicle.example")
    assert not is_safe_target("https://chronicle.example@evil.example/", "chronicle.example")
