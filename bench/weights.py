"""What pages weigh over the wire in Chromium: cold, compressed, headers included; and that no other host is asked."""

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench.common import verdict
from tests.needs import get
from tests.sites import EMAIL, PASSWORD, Site, environment

KIB = 1024


@dataclass
class Weight:
    """Bytes by kind of resource, and the hosts that were asked."""

    bytes: Counter[str] = field(default_factory=Counter)
    hosts: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)

    def watch(self, session: CDPSession) -> None:
        """Count what a page loads from now on; `encodedDataLength` is what went over the wire."""
        session.on("Network.requestWillBeSent", self._note_host)
        session.on("Network.responseReceived", self._note_kind)
        session.on("Network.loadingFinished", self._count)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _note_host(self, event: dict[str, Any]) -> None:
        address = urlsplit(event["request"]["url"])
        if address.scheme in {"http", "https", "ws", "wss"}:
            self.hosts.add(address.netloc)

    def _note_kind(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["type"]

    def _count(self, event: dict[str, Any]) -> None:
        self.bytes[self.kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])

    def total(self, *without: str) -> float:
        """Return KiB of everything but some kinds."""
        return sum(size for kind, size in self.bytes.items() if kind not in without) / KIB


def weigh(browser: Browser, address: str, state: Any = None) -> Weight:
    """Return what a page weighs for somebody who was never there; `state` holds the cookies of a signed-in person."""
    context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    weight = Weight()
    weight.watch(context.new_cdp_session(page))
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, f"{address}: {answer.status}"
    context.close()
    return weight


def sign_in(browser: Browser, base: str) -> Any:
    """Return the cookies of the administrator."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base}/login")
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("form[method=post] [type=submit]")
    page.wait_for_url("**/admin/**")
    state = context.storage_state()
    context.close()
    return state


def main() -> None:
    """Weigh, tell, and judge."""
    with tempfile.TemporaryDirectory(prefix="masthead-bench-") as folder, sync_playwright() as playwright:
        settings = {"CMS_ADMIN_EMAIL": EMAIL, "CMS_ADMIN_PASSWORD": PASSWORD, "CMS_SEED": "1"}
        site = Site(environment(Path(folder)) | settings, "--setup")
        browser = playwright.chromium.launch(executable_path=get("chromium"), args=["--no-sandbox"])
        base = f"http://localhost:{site.port}"
        try:
            state = sign_in(browser, base)
            pages = {
                "list": weigh(browser, f"{base}/admin/posts/", state),
                "edit": weigh(browser, f"{base}/admin/posts/8/", state),
                "post": weigh(browser, f"{base}/posts/a-kettle-that-whistles-again/"),
            }
        finally:
            browser.close()
            site.end()
    for name, weight in pages.items():
        parts = ", ".join(f"{kind} {size / KIB:.1f}" for kind, size in weight.bytes.most_common())
        print(f"{name:6}{weight.total():8.1f} KiB: {parts}")
    others = {host for weight in pages.values() for host in weight.hosts} - {urlsplit(base).netloc}
    verdict(
        "bench-weight",
        {
            "list_kib": (pages["list"].total(), 220),
            "edit_kib": (pages["edit"].total(), 420),
            "post_kib": (pages["post"].total("Image", "Media", "Font"), 40),
            "post_with_fonts_kib": (pages["post"].total("Image", "Media"), 120),
            "other_hosts": (len(others), 0),
        },
    )


if __name__ == "__main__":
    main()
