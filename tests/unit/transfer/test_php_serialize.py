"""PHP's serialised values are read as plain data, never as objects."""

import pytest

from cms.transfer.wordpress.php_serialize import UnreadableError, Value, looks_serialized, unserialize


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("N;", None),
        ("b:1;", True),
        ("b:0;", False),
        ("i:-42;", -42),
        ("d:1.5;", 1.5),
        ('s:5:"hello";', "hello"),
        ('s:0:"";', ""),
        ('s:6:"a";b:1";', 'a";b:1'),
        ('s:13:"¯\\_(ツ)_/¯";', "¯\\_(ツ)_/¯"),
        ('a:2:{i:0;s:1:"a";i:1;s:1:"b";}', ["a", "b"]),
        ('a:1:{s:3:"key";a:1:{i:7;b:1;}}', {"key": {"7": True}}),
        ("a:0:{}", []),
    ],
)
def test_plain_values_are_read(text: str, value: Value) -> None:
    assert looks_serialized(text)
    assert unserialize(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        'O:8:"stdClass":0:{}',
        'C:3:"Foo":2:{ab}',
        "R:1;",
        'a:1:{i:0;O:8:"stdClass":0:{}}',
        's:99:"short";',
        's:-1:"";',
        "a:9999999999999:{}",
        "a:99999999:{",
        "i:1_000;",
        "i:" + "9" * 50 + ";",
        "b:2;",
        "d:nope;",
        "d:NAN;",
        "d:INF;",
        "i:1;i:2;",
        "a:1:{d:1.5;i:1;}",
        "a:1:{i:0;" * 5000 + "i:1;" + "}" * 5000,
    ],
)
def test_objects_and_malformed_values_are_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        unserialize(text)


def test_an_ordinary_text_does_not_look_serialized() -> None:
    assert not looks_serialized("a: this is a sentence")
    assert not looks_serialized("")
