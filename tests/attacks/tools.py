"""`make attack`: a real site of its own, and tools that others wrote let loose on it, before the suite of this folder.

Each tool ends in one line `name: PASS|FAIL …`; what it finds is a failure unless EXPLAINED says why it is none.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import requests
from selectolax.lexbor import LexborHTMLParser

from tests import sites
from tests.people import ADA, PASSWORD

ROOT = Path(__file__).parents[2]
#: What wapiti tries: not what needs a server outside (ssrf, xxe, log4shell), nor what is for other software.
_MODULES = "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,"
_MODULES += "sql,timesql,upload,xss"
#: What an admin does to an account, here the one that is signed in: it would end.
_OWN = ("account", "sign-ins", "factors", "delete", "merge")
#: What sqlmap tries: each parameter of lists and searches that reaches a question to the database.
_ASKED: dict[str, dict[str, str]] = {
    "/search": {"q": "bread"},
    "/admin/posts/": {"q": "a", "sort": "title", "state": "draft", "author": "1", "term": "1", "after": "WzFd"},
    "/admin/users/": {"q": "a", "sort": "name", "view": "everybody", "role": "editor", "group": "1"},
    "/admin/media/": {"q": "a", "kind": "image", "by": "me"},
    "/admin/audit/": {"q": "a", "act": "entry.saved", "person": "1", "subject": "entry", "since": "2026-01-01"},
    "/admin/find.json": {"q": "a"},
    "/admin/tags/suggest.json": {"q": "a"},
}


@dataclass(frozen=True)
class Explained:
    """Why what a tool says of some places is no hole; `what` and `where` are patterns of the whole text."""

    tool: str
    what: str
    where: str
    why: str

    def covers(self, tool: str, what: str, where: str) -> bool:
        """Tell whether this is about a finding."""
        pairs = ((self.tool, tool), (self.what, what), (self.where, where))
        return all(re.fullmatch(pattern, text) for pattern, text in pairs)


#: What is no hole, and why: by tool, rule and place.
EXPLAINED = (
    Explained("bandit", "B101", "cms/cli/checks_services.py", "tells the type checker which of three ways is left"),
    Explained("bandit", "B104", "cms/cli/serve.py", "compared with, not bound to"),
    Explained("bandit", "B105|B106", "cms/accounts/authenticators.py", "a new row, sealed on the next line"),
    Explained("bandit", "B105", "cms/accounts/limits.py", "names of what is counted"),
    Explained("bandit", "B105", "cms/accounts/providers/configuration.py", "no secret could be read, which is told"),
    Explained("bandit", "B105", "cms/accounts/security.py", "settings whose names hold PASSWORD"),
    Explained("bandit", "B105", "cms/content/field_rules.py", "names of fields"),
    Explained("bandit", "B108", "cms/cli/gunicorn_conf.py", "gunicorn makes an unnamed file there"),
    Explained("bandit", "B311", "cms/cli/demo/pictures.py", "pictures of the demo, alike at each start"),
    Explained("bandit", "B311", "cms/core/db.py", "how long to wait before another try"),
    Explained("bandit", "B404|B603", "cms/cli/supervisor.py", "starts its own programs, without a shell"),
    Explained("bandit", "B406", "cms/public/(feeds|sitemap).py", "escapes; nothing is read with it"),
    Explained("bandit", "B704", "cms/accounts/authenticator_views.py", "a picture that our own code drew"),
    Explained("bandit", "B704", "cms/admin/widgets.py", "each part is escaped the line above"),
    Explained("bandit", "B704", "cms/public/entries.py", "written from a document node by node: test_scripts.py"),
    Explained("bandit", "B704", "cms/public/structured.py", "what means something in HTML is escaped: test_scripts.py"),
    Explained("bandit", "B704", "cms/theming/(bootstrap|engine|helpers).py", "macros that escape, icons matched"),
    Explained(
        "wapiti.*", "Secure Flag cookie", r"GET /\S*  Secure flag is not set in the cookie : [\w-]+",
        "the site of this run speaks plain http; test_leaks.py proves the flag under https",
    ),
    Explained(
        "wapiti.*", "Cross Site Request Forgery", r"POST /appearance  Lack of anti CSRF token",
        "on pages that are kept for all; the origin is checked, and only the colours of the visitor change",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A running site and the cookies of its admin."""

    base: str
    cookies: dict[str, str]
    folder: Path

    @property
    def cookie(self) -> str:
        """The cookies as a header holds them."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def is_signed_in(self) -> bool:
        """Tell whether the cookies still open the back office."""
        try:
            asked = f"{self.base}/admin/settings/"
            return requests.get(asked, cookies=self.cookies, allow_redirects=False, timeout=30).status_code == 200
        except requests.RequestException:
            return False


@contextmanager
def running() -> Iterator[Target]:
    """Run a demo site in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = sites.environment(folder) | {
            "CMS_SEED": "1", "CMS_ADMIN_EMAIL": ADA.email, "CMS_ADMIN_PASSWORD": PASSWORD, "CMS_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        site = sites.Site(environ, "--setup")
        try:
            yield Target(f"http://localhost:{environ['PORT']}", {}, folder)
        finally:
            site.end()


def signed_in(target: Target) -> Target:
    """Sign the admin in, anew for each tool: another may have ended the sign-in of the last."""
    session = requests.Session()
    page = LexborHTMLParser(session.get(f"{target.base}/login", timeout=30).text)
    token = next(node.attributes["value"] for node in page.css("input[name=csrf_token]"))
    form = {"csrf_token": token, "email": ADA.email, "password": PASSWORD}
    session.post(f"{target.base}/login", data=form, headers={"Origin": target.base}, timeout=30)
    made = replace(target, cookies=session.cookies.get_dict())
    if not made.is_signed_in():
        raise SystemExit("attack: the admin could not be signed in")
    return made


def tool(name: str) -> str:
    """Return a program of the folder of tools that the Makefile fills."""
    return str(ROOT / ".venv" / "attack" / "bin" / name)


def run(command: Sequence[str], *, seconds: int = 600) -> str:
    """Run a program and return what it says."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return f"did not end within {seconds} seconds"
    return done.stdout + done.stderr


def judge(name: str, found: Sequence[tuple[str, str]]) -> bool:
    """Print what a tool found and whether all of it is explained; `found` are pairs of what it is and where."""
    open_ones, used = [], set()
    for what, where in found:
        reasons = [reason for reason in EXPLAINED if reason.covers(name, what, where)]
        used.update(reasons)
        if not reasons:
            open_ones.append((what, where))
            print(f"  {name}: {what}: {where}")
    for reason in EXPLAINED:
        if reason in used:
            print(f"  {name}: explained: {reason.what} {reason.where}: {reason.why}")
    print(f"{name}: {'FAIL' if open_ones else 'PASS'} findings={len(found)} unexplained={len(open_ones)}", flush=True)
    return not open_ones


def wapiti(target: Target) -> bool:
    """Crawl and attack, as a stranger or as the admin; what ends or narrows the session is left out."""
    inside = bool(target.cookies)
    name = "wapiti-admin" if inside else "wapiti"
    report, base = target.folder / f"{name}.json", target.base
    away = ["/logout*", "/see-as*", "/admin/see-as*", "/account/erase*", "/account/sign-ins*", "/change*", "/media/*"]
    away += ["/theme/*", "/static/*", "/admin/retry*", *(f"/admin/users/*/{what}*" for what in _OWN)]
    # Of many things of a kind, the first stands for all.
    away += [f"/admin/*/{digit}*" for digit in "23456789"] + [f"/admin/*/1{digit}*" for digit in "0123456789"]
    command = [
        tool("wapiti"), "-u", f"{base}/admin/" if inside else f"{base}/", "-s", f"{base}/account/",
        "--scope", "domain", "-m", _MODULES, "-f", "json", "-o", str(report), "-v", "0", "--flush-session",
        "--no-bugreport", "--max-scan-time", "45", "--max-attack-time", "8", "-S", "polite", "--skip", "csrf_token",
        "--max-links-per-page", "60", "--max-files-per-dir", "30", "--store-session", str(target.folder / name),
        "--store-config", str(target.folder / name), *(word for path in away for word in ("-x", f"{base}{path}")),
    ]  # fmt: skip
    if inside:
        command += ["-C", target.cookie]
    said = run(command)
    if not report.is_file():
        # Its own database may be locked where the disk is slow.
        said = run(command)
    if not report.is_file():
        print(f"{said[-2000:]}\n{name}: FAIL no report")
        return False
    told = json.loads(report.read_text("utf-8"))
    found = [
        (kind, f"{item['method']} {item['path']} {item['parameter']} {item['info']}"[:300])
        for part in ("vulnerabilities", "anomalies")
        for kind, items in told[part].items()
        for item in items
    ]
    pages = int(told["infos"]["crawled_pages_nbr"])
    print(f"  {name}: pages and forms tried: {pages}")
    if pages < (60 if inside else 15):
        found.append(("hardly anything was tried", str(pages)))
    if inside and not target.is_signed_in():
        found.append(("the session was lost on the way", "what came later was tried as nobody"))
    return judge(name, found)


def sqlmap(target: Target) -> bool:
    """Try every parameter of lists, filters, sorts and searches, on the database that this site has."""
    found = []
    for path, arguments in _ASKED.items():
        said = run([
            tool("sqlmap"), "-u", f"{target.base}{path}?{urlencode(arguments)}", "-p", ",".join(arguments),
            "--cookie", target.cookie, "--drop-set-cookie", "--batch", "--dbms", "SQLite", "--level", "2",
            "--risk", "1", "--technique", "BEU", "--flush-session", "--output-dir",
            str(target.folder / "sqlmap"), "--threads", "4", "--disable-coloring", "--ignore-redirects",
        ])  # fmt: skip
        passed = set(re.findall(r"GET parameter '(\w+)' does not seem to be injectable", said))
        if missed := arguments.keys() - passed:
            lines = re.findall(r"Parameter: .*|is vulnerable.*|CRITICAL.*|did not end.*", said)
            found.append(
                ("injectable, or not tried", f"{path} {sorted(missed)}: {'; '.join(lines)[:300] or said[-300:]}")
            )
        else:
            print(f"  sqlmap: {path} ({', '.join(arguments)}): nothing", flush=True)
    if not target.is_signed_in():
        found.append(("the session was lost on the way", "what came later was tried as nobody"))
    return judge("sqlmap", found)


def bandit(_target: Target | None = None) -> bool:
    """Look through the code."""
    said = run([sys.executable, "-m", "bandit", "-q", "-r", "cms", "app.py", "-f", "json"])
    told = json.loads(said[said.index("{") :])
    results = told["results"]
    for item in results:
        print(f"  bandit: {item['test_id']} {item['filename']}:{item['line_number']}: {item['issue_text'][:80]}")
    return judge("bandit", [(item["test_id"], item["filename"]) for item in results])


def pip_audit(_target: Target | None = None) -> bool:
    """Ask for known holes in the pinned packages, where the lists of them can be reached."""
    listed = "deploy/requirements-runtime.txt"
    said = run([sys.executable, "-m", "pip_audit", "-r", listed, "--no-deps", "--disable-pip", "-f", "json"])
    start = said.find('{"dependencies"')
    if start < 0:
        print(f"pip-audit: not reached: {said.strip().splitlines()[-1][:200] if said.strip() else 'no answer'}")
        return True
    told = json.JSONDecoder().raw_decode(said[start:])[0]["dependencies"]
    asked = [item for item in told if "skip_reason" not in item]
    if not asked:
        print("pip-audit: not reached: no list of known holes answered for any package")
        return True
    return judge("pip-audit", [(hole["id"], item["name"]) for item in asked for hole in item["vulns"]])


def suite(_target: Target | None = None) -> bool:
    """Run the tests of this folder."""
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/attacks"], cwd=ROOT, check=False)
    print(f"suite: {'PASS' if done.returncode == 0 else 'FAIL'}")
    return done.returncode == 0


def main() -> None:
    """Run the tools that are named, or all."""
    tools: dict[str, Callable[[Target], bool]] = {
        "bandit": bandit,
        "pip-audit": pip_audit,
        "sqlmap": lambda target: sqlmap(signed_in(target)),
        "wapiti": wapiti,
        "wapiti-admin": lambda target: wapiti(signed_in(target)),
        "suite": suite,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", nargs="*", help=f"Some of: {', '.join(tools)}; all unless named.")
    chosen = parser.parse_args().tools or list(tools)
    with running() as target:
        results = [tools[name](target) for name in chosen]
    print(f"attack: {'PASS' if all(results) else 'FAIL'} tools={len(results)}")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
