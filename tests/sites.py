"""A real site in processes of its own: `flask serve` on an installation in a temporary folder."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser
from werkzeug.datastructures import MultiDict

from tests.clients import form_values

ROOT = Path(__file__).parents[1]
EMAIL, PASSWORD = "ada@example.org", "the ferry leaves at five"


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a machine that knows nothing of the project, and an installation in a folder."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "CMS_INSTANCE": str(folder / "instance"),
        "CMS_UPLOADS": str(folder / "uploads"),
        "PORT": str(free_port()),
        "CMS_SEED": "0",
    }


def flask(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the `flask` command from a folder that is not the project's."""
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *words]
    return subprocess.run(
        command, env=environ, cwd=environ["HOME"], capture_output=True, text=True, check=False, timeout=120
    )


class Site:
    """A running `flask serve`."""

    def __init__(self, environ: dict[str, str], *words: str) -> None:
        self.port = int(environ["PORT"])
        command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "serve", *words]
        self.process = subprocess.Popen(
            command, env=environ, cwd=environ["HOME"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            # The addresses end with an empty line. Reading on to there leaves nothing in between buffers.
            if "Back office" in self.said and line == "\n":
                break

    def ask(self, method: str, path: str, *, cookie: str = "", form: MultiDict[str, str] | None = None) -> "Answer":
        """Send a request as a browser would, and return the answer; OSError when the server is gone."""
        headers = {"Host": f"localhost:{self.port}", "Origin": f"http://localhost:{self.port}"}
        headers |= {"Cookie": cookie} if cookie else {}
        body = None
        if form is not None:
            body = urlencode(list(form.items(multi=True)))
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, headers)
            try:
                answer = connection.getresponse()
                return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
            except http.client.HTTPException as error:  # The server went in the middle of its answer.
                raise ConnectionError(f"{method} {path}: {error!r}") from error

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a page, as nobody."""
        answer = self.ask("GET", path)
        return answer.status, answer.text

    def form(self, path: str, selector: str, cookie: str = "") -> tuple[MultiDict[str, str], str]:
        """Return the fields of a form that nobody touched, and the cookie that goes with it."""
        answer = self.ask("GET", path, cookie=cookie)
        found = LexborHTMLParser(answer.text).css_first(selector)
        assert found is not None, f"no form {selector} at {path}: {answer.status}"
        return form_values(found), answer.cookie or cookie

    def sign_in(self) -> str:
        """Return a cookie of the administrator."""
        fields, cookie = self.form("/login", "form[method=post]")
        fields.setlist("email", [EMAIL])
        fields.setlist("password", [PASSWORD])
        answer = self.ask("POST", "/login", cookie=cookie, form=fields)
        assert answer.status == 302, answer.text
        # The first form puts its token into the cookie, which then stays as it is.
        return self.form("/admin/profile/", "form[method=post]", answer.cookie)[1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the site and return its exit status; all that it said is then in `said`."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=40)
        self.said += rest
        return self.process.returncode


class Answer:
    """Status, text and cookie of an answer."""

    def __init__(self, status: int, headers: http.client.HTTPMessage, text: str) -> None:
        self.status = status
        self.text = text
        self.location = headers.get("Location", "")
        self.cookie = "; ".join(line.partition(";")[0] for line in headers.get_all("Set-Cookie", []))
