"""The texts that a process keeps."""

from batches.recent import RecentTexts


def test_what_was_used_last_is_kept() -> None:
    texts = RecentTexts(10)
    texts.keep("first", "1234")
    texts.keep("second", "5678")
    texts.get("first")
    texts.keep("third", "9999")
    assert [texts.get(key) for key in ("first", "second", "third")] == ["1234", None, "9999"]


def test_a_text_can_be_kept_anew() -> None:
    texts = RecentTexts(10)
    for text in ("12345678", "87654321", "12"):
        texts.keep("key", text)
    texts.keep("other", "12345678")
    assert (texts.get("key"), texts.get("other")) == ("12", "12345678")


def test_a_text_that_is_too_long_is_not_kept() -> None:
    texts = RecentTexts(10)
    texts.keep("short", "1")
    texts.keep("long", "12345678901")
    assert (texts.get("short"), texts.get("long")) == ("1", None)
