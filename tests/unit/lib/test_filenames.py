import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.lib.filenames import MAX_BYTES, MAX_CHARACTERS, display_name, split_name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("harbour.jpg", "harbour.jpg"),
        ("Harbour.JPEG", "Harbour.jpeg"),
        ("日本.jpg", "日本.jpg"),
        ("Ålesund på kvelden.jpg", "Ålesund-på-kvelden.jpg"),
        ("ﬁnal (3).jpg", "ﬁnal-(3).jpg"),
        ("v1.2.jpg", "v1.2.jpg"),
        ("noext", "noext.jpg"),
        ("shell.php", "shell-php.jpg"),
        ("shell.php.jpg", "shell.php.jpg"),
        ("drawing.svg", "drawing-svg.jpg"),
        ("trailing.jpg. . ", "trailing.jpg"),
        ("a;b.jpg", "a-b.jpg"),
        ("evil\u202egpj.jpg", "evilgpj.jpg"),
        ("null\x00byte.php\x00.jpg", "nullbyte.php.jpg"),
        ("line\r\nbreak.jpg", "line-break.jpg"),
        ('quote".jpg', "quote.jpg"),
        ("100%25.jpg", "100-25.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("..\\..\\windows\\win.ini", "win-ini.jpg"),
        ("/etc/cron.d/job", "job.jpg"),
        ("....//....//x.jpg", "x.jpg"),
        ("..", "image.jpg"),
        (".htaccess", "image.jpg"),
        ("", "image.jpg"),
        ("   .jpg", "image.jpg"),
        ("???.jpg", "image.jpg"),
        ("con.jpg", "image-con.jpg"),
        ("NUL", "image-NUL.jpg"),
        ("720.jpg", "image-720.jpg"),
        ("می‌خواهم.jpg", "می‌خواهم.jpg"),
        ("bad\udcff.jpg", "bad.jpg"),
    ],
)
def test_shown_names_are_readable_and_harmless(given_name, shown):
    assert display_name(given_name, "jpg", ("jpeg", "jpe"), fallback="image") == shown


def test_a_name_of_300_characters_is_shortened_and_keeps_its_ending():
    shown = display_name("x" * 300 + ".jpg", "jpg")
    assert len(shown) == MAX_CHARACTERS
    assert shown.endswith("x.jpg")


def test_a_long_name_in_wide_characters_stays_below_what_a_disk_takes():
    shown = display_name("🚢" * 300 + ".jpg", "jpg")
    assert len(shown.encode()) <= MAX_BYTES
    assert shown.endswith("🚢.jpg")


@given(st.text(st.characters(codec=None), max_size=400))
def test_no_name_leads_anywhere_or_breaks_a_header(name):
    shown = display_name(name, "png", ("apng",), fallback="image")
    stem, ending = split_name(shown)
    assert stem
    assert ending in {"png", "apng"}
    assert not set(shown) & set("/\\\0\r\n\"%;?#:*<>|")
    assert not shown.startswith(".")
    assert ".." not in shown
    assert len(shown) <= MAX_CHARACTERS
    assert len(shown.encode("utf-8")) <= MAX_BYTES
    assert display_name(shown, "png", ("apng",), fallback="image") == shown
