"""Hostile strings of our own, by class; those of others are read in place (`tests.needs`: "data")."""

from __future__ import annotations

import json
from pathlib import Path

from tests import needs

#: What runs in a browser if it is not escaped, cleaned or refused.
SCRIPTS: tuple[str, ...] = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<img/src/onerror=alert(1)>",
    "<img src=`x`onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text y=20>x</text></a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href=javascript:alert(1)>x</math>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=JaVa&#x09;ScRiPt:alert(1)>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover=alert(1) x="',
    "' onmouseover=alert(1) x='",
    "` onmouseover=alert(1) x=`",
    '\\"><script>alert(1)</script>',
    "\u003cimg src=x onerror=alert(1)\u003e\u2028",
    "＜script＞alert(1)＜/script＞",
    "<scr\u0130pt>alert(1)</scr\u0130pt>",
    "<x onclick=alert(1) tabindex=1 autofocus onfocus=alert(1)>",
)

#: What template languages would compute; 7 * 191 is 1337.
TEMPLATES: tuple[str, ...] = (
    "{{7*191}}",
    "{{ config.SECRET_KEY }}",
    "{% for x in (1,) %}{{7*191}}{% endfor %}",
    "{{ ''.__class__.__mro__ }}",
    "${7*191}",
    "#{7*191}",
    "<%= 7*191 %>",
    "*{7*191}",
    "[[7*191]]",
    "%(site)s {0} {site} %s %d",
    "{#",
    "{{",
)

#: Links that Markdown or HTML could carry into an address.
LINKS: tuple[str, ...] = (
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java%0ascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "[r]\n\n[r]: <javascript:alert(1)> 'x'",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    '<a href="javascript:alert(1)">x</a>',
)

#: What would mean something to a database.
SQL: tuple[str, ...] = (
    "'",
    '"',
    "`",
    "\\",
    "';",
    "')",
    "'))",
    "' OR '1'='1",
    "' OR 1=1--",
    '" OR ""="',
    "1 OR 1=1",
    "1' OR '1'='1' /*",
    "1) OR (1=1",
    "1; DROP TABLE users",
    "1'; DROP TABLE users;--",
    "' UNION SELECT NULL--",
    "' UNION SELECT password FROM users--",
    "1 UNION ALL SELECT 1,2,3,4,5",
    "' AND 1=2 UNION SELECT sql FROM sqlite_master--",
    "' AND SLEEP(5)--",
    "'; SELECT pg_sleep(5)--",
    "' || (SELECT pg_sleep(5)) || '",
    "1 AND (SELECT COUNT(*) FROM users, users u2, users u3)",
    "' AND randomblob(1000000000)--",
    "' AND load_extension('x')--",
    "title; DELETE FROM entries",
    "title DESC, password",
    "-title--",
    "users.password",
    "t1.password",
    "password",
    "authors__password",
    "entries.password_hash",
    "1e309",
    "-1",
    "0",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999999",
    "-9223372036854775809",
    "0x1",
    "1.5",
    "NaN",
    "٣",
    "1\x00",
    "%",
    "_",
    "%%%",
    "\\%",
    "[]",
    "{}",
    "null",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "a" * 5000,
)

#: What makes a careless pattern try for ever.
SLOW: tuple[str, ...] = (
    "a" * 30_000 + "!",
    "a " * 15_000,
    " " * 30_000 + "x",
    "\t" * 30_000,
    "\n" * 30_000,
    "-" * 30_000,
    "_" * 20_000 + "a",
    "*" * 20_000,
    "**a" * 8_000,
    "*a_" * 8_000,
    "[" * 8_000,
    "[a](" * 5_000,
    "![" * 8_000,
    "<" * 20_000,
    "<!--" * 8_000,
    "<a " * 8_000,
    "`a" * 8_000,
    "> " * 5_000 + "x",
    "1. " * 3_000 + "x",
    "&" * 20_000 + ";",
    "a@" * 10_000,
    "a." * 10_000 + "@example.com",
    "|a" * 8_000 + "\n" + "|-" * 8_000,
    "0." * 10_000,
    "\u0301" * 20_000,
    "\u202e" * 20_000,
)

#: Cells that a spreadsheet would compute.
FORMULAS: tuple[str, ...] = (
    "=1+1",
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－1",
    "＠1",
)


def folder() -> Path:
    """Return the folder of others' data, inside a test that is marked with needs("data")."""
    return Path(needs.get("data"))


def naughty_strings() -> list[str]:
    """Return the Big List of Naughty Strings."""
    return [text for text in json.loads((folder() / "strings" / "blns.json").read_text("utf-8")) if text]


def sanitizer_attacks() -> list[str]:
    """Return what DOMPurify and Bleach are tried with."""
    cases = json.loads((folder() / "sanitizer/dompurify/expect-even.json").read_text("utf-8"))
    files = sorted(folder().glob("sanitizer/bleach/*.test"))
    return [case["payload"] for case in cases] + [path.read_text("utf-8").split("\n--\n")[0] for path in files]
