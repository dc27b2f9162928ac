"""The built editor in a real Chromium under the strictest policy: it loads, types, pastes and sends without loss."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "cms" / "admin" / "static"
POLICY = (
    "default-src 'none'; script-src 'nonce-abc'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; "
    "trusted-types masthead-paste ProseMirrorClipboard"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Edit</title>
<link rel="stylesheet" href="/static/{css}"><script type="module" src="/static/{admin}" nonce="abc"></script></head>
<body><form method="post" action="/save" data-warn-unsaved>
<div data-editor data-source="#body-json" data-fallback="#body-markdown" data-upload-url="/upload"
 data-picker-url="/picker" data-csrf="token" data-may-edit-raw="0" data-language="en"></div>
<textarea id="body-json" name="body_json" hidden>{document}</textarea>
<div class="mh-no-js" data-markdown><label for="body-markdown">Text</label>
<textarea id="body-markdown" name="body_markdown">As Markdown</textarea></div>
<span data-word-count></span><button>Save</button></form>
<script src="/static/{editor}" nonce="abc" defer></script></body></html>"""
EMPTY: dict[str, Any] = {"type": "doc", "content": [{"type": "paragraph"}]}


class _Server(ThreadingHTTPServer):
    """Serves one page with a document in its editor, and keeps what is sent."""

    # A page asks for its files all at once; the usual five that may wait are too few on a busy machine.
    request_queue_size = 64
    document = EMPTY
    refusal = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.saved: list[dict[str, list[str]]] = []
        self.tokens: list[str | None] = []

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    @property
    def site(self) -> _Server:
        return cast(_Server, self.server)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""

    def answer(self, body: bytes, kind: str, status: int = 200) -> None:
        """Send a whole answer under the policy."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Send the page or one of its files."""
        path = self.path.partition("?")[0]
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            return self.answer(file.read_bytes(), TYPES[file.suffix])
        if path == "/picker":
            return self.answer(b'{"items": [], "next": null}', "application/json")
        if path != "/":
            return self.answer(b"", "text/plain", 204)
        names = json.loads((STATIC / "manifest.json").read_text("utf-8"))
        document = json.dumps(self.site.document).replace("&", "&amp;").replace("<", "&lt;")
        page = PAGE.format(
            css=names["admin.css"], admin=names["admin.js"], editor=names["editor.js"], document=document
        )
        return self.answer(page.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        """Keep a form that is sent; take or refuse a file."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/save":
            self.site.saved.append(parse_qs(body.decode(), keep_blank_values=True))
            return self.answer(b"saved", "text/plain")
        self.site.tokens.append(self.headers["X-CSRFToken"])
        if self.site.refusal:
            return self.answer(json.dumps({"error": self.site.refusal}).encode(), "application/json", 422)
        item = {"id": 42, "url": "/p.png", "alt": "", "width": 64, "height": 48, "kind": "image", "filename": "p.png"}
        return self.answer(json.dumps(item).encode(), "application/json")


@pytest.fixture
def server() -> Iterator[_Server]:
    """Run the page."""
    with _Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def page(chromium: Browser, server: _Server) -> Iterator[Page]:
    """A window on that page, closed before it; what it complains about fails the test."""
    complaints: list[str] = []
    context = chromium.new_context()
    made = context.new_page()
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "422" not in said.text else None,
    )
    made.on(
        "request",
        lambda request: None if request.url.startswith("http://127.0.0.1:") else complaints.append(request.url),
    )
    yield made
    context.close()
    assert complaints == []


def open_editor(page: Page, server: _Server, document: dict[str, Any] = EMPTY) -> None:
    server.document = document
    page.goto(server.url)
    page.locator(".ProseMirror").wait_for()


def save(page: Page, server: _Server) -> dict[str, Any]:
    """Send the form at once, and return the document that arrived."""
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/save")
    assert "body_markdown" not in server.saved[-1]
    return cast(dict[str, Any], json.loads(server.saved[-1]["body_json"][0]))


def paste(page: Page, html: str) -> None:
    page.evaluate(
        """(html) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.querySelector(".ProseMirror").dispatchEvent(event);
        }""",
        html,
    )


def drop_picture(page: Page) -> None:
    page.evaluate(
        """() => {
            const text = document.querySelector(".ProseMirror");
            const { x, y } = text.getBoundingClientRect();
            const data = new DataTransfer();
            data.items.add(new File(["abc"], "photo.png", { type: "image/png" }));
            const place = { clientX: x + 20, clientY: y + 40, bubbles: true, cancelable: true };
            text.dispatchEvent(new DragEvent("drop", { dataTransfer: data, ...place }));
        }"""
    )


def test_untouched_document_is_sent_back_letter_by_letter(page: Page, server: _Server) -> None:
    every = json.loads((ROOT / "frontend" / "test" / "documents" / "every-block.json").read_text("utf-8"))
    open_editor(page, server, every)
    assert save(page, server) == every


def test_typing_into_one_block_leaves_all_others_alone(page: Page, server: _Server) -> None:
    every = json.loads((ROOT / "frontend" / "test" / "documents" / "every-block.json").read_text("utf-8"))
    open_editor(page, server, every)
    page.locator(".ProseMirror > p").first.click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    sent = save(page, server)
    assert sent["content"][1:] == every["content"][1:]
    assert sent["content"][0] != every["content"][0]


def test_markdown_shortcuts_make_blocks_and_marks(page: Page, server: _Server) -> None:
    open_editor(page, server)
    page.locator(".ProseMirror").click()
    lines = ["## A heading", "Some **bold** and `code`", "- one", "", "1. first", "", "> said", "", "[ ] to do", ""]
    for line in lines:
        page.keyboard.type(line)
        page.keyboard.press("Enter")
    page.keyboard.type("---")
    page.keyboard.type("```py ")
    page.keyboard.type("x = 1")
    content = save(page, server)["content"]
    kinds = [block["type"] for block in content]
    assert kinds == [
        "heading", "paragraph", "bulletList", "orderedList", "blockquote", "taskList", "horizontalRule", "codeBlock",
    ]  # fmt: skip
    marks = [child.get("marks", [{}])[0].get("type") for child in content[1]["content"]]
    assert marks == [None, "bold", None, "code"]
    assert len({block["attrs"]["id"] for block in content}) == len(content)


def test_split_block_keeps_its_id_in_its_first_half(page: Page, server: _Server) -> None:
    text = {"type": "paragraph", "attrs": {"id": "aaaaaaaaaa"}, "content": [{"type": "text", "text": "hello world"}]}
    open_editor(page, server, {"type": "doc", "content": [text]})
    page.locator(".ProseMirror p").click()
    page.locator("[data-editor]").evaluate("host => host.mastheadEditor.commands.setTextSelection(6)")
    page.keyboard.press("Enter")
    first, second = save(page, server)["content"]
    assert first["attrs"]["id"] == "aaaaaaaaaa"
    assert second["attrs"]["id"] not in {"", "aaaaaaaaaa"}
    assert (first["content"][0]["text"], second["content"][0]["text"]) == ("hello", " world")


def test_pasted_pages_are_cleaned_and_run_nothing(page: Page, server: _Server) -> None:
    open_editor(page, server)
    page.locator(".ProseMirror").click()
    paste(
        page,
        """<style>p{color:red}</style><b style="font-weight:normal"><p style="color:red" onclick="alert(1)">
        <span style="font-weight:700">Bold</span> plain</p><p><img src="https://elsewhere.example/x.png" onerror="x()">
        <a href="javascript:alert(1)">bad</a></p></b><script>alert(1)</script>""",
    )
    text = json.dumps(save(page, server))
    assert '"bold"' in text
    assert "plain" in text
    assert "javascript" not in text
    assert '"image"' not in text


def test_lists_of_word_become_lists(page: Page, server: _Server) -> None:
    open_editor(page, server)
    page.locator(".ProseMirror").click()
    item = "<p style='mso-list:l0 level{} lfo1'><span style='mso-list:Ignore'>·</span>{}</p>"
    paste(page, item.format(1, "One") + item.format(2, "Inside") + item.format(1, "Two"))
    made = next(block for block in save(page, server)["content"] if block["type"] == "bulletList")
    assert len(made["content"]) == 2
    assert made["content"][0]["content"][1]["type"] == "bulletList"


def test_dropped_picture_is_uploaded_and_a_refusal_is_told(page: Page, server: _Server) -> None:
    open_editor(page, server)
    drop_picture(page)
    page.locator(".ProseMirror figure").wait_for()
    server.refusal = "An SVG can hold scripts."
    drop_picture(page)
    assert "An SVG can hold scripts." in page.get_by_role("alert").inner_text()
    (picture,) = (block for block in save(page, server)["content"] if block["type"] == "image")
    assert picture["attrs"]["mediaId"] == 42
    assert set(server.tokens) == {"token"}


def test_strange_document_is_left_to_markdown(page: Page, server: _Server) -> None:
    server.document = {"type": "doc", "content": [{"type": "hologram"}]}
    page.goto(server.url)
    page.get_by_text("it holds hologram").wait_for()
    assert page.get_by_label("Text").is_visible()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/save")
    assert server.saved[-1] == {"body_markdown": ["As Markdown"]}


def test_toolbar_is_walked_with_the_arrow_keys(page: Page, server: _Server) -> None:
    open_editor(page, server)
    page.get_by_role("toolbar", name="Text").wait_for()
    page.get_by_role("button", name="Paragraph").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Bold"
    page.keyboard.press("End")
    # Nothing was written yet: undo and redo are not to be had.
    assert page.evaluate("document.activeElement.textContent") == "Block"
    assert page.evaluate("document.querySelectorAll('.mh-toolbar__btn[tabindex=\"0\"]').length") == 1
