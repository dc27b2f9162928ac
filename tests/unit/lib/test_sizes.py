import pytest

from cms.lib.sizes import format_bytes


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (348_160, "340 KB"),
        (1_048_064, "1 MB"),
        (1_887_437, "1.8 MB"),
        (12 * 1024**2, "12 MB"),
        (256 * 1024**2, "256 MB"),
        (13_529_146_983, "13 GB"),
        (5 * 1024**5, "5120 TB"),
    ],
)
def test_sizes_are_told_in_short_words(number, words):
    assert format_bytes(number) == words
