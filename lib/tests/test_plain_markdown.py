"""A few marks become tags of ours; everything else is shown as it was typed."""

import pytest

from lib.plain_markdown import as_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Terms", "<h2>Terms</h2>"),
        ("## Part", "<h3>Part</h3>"),
        ("one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>"),
        ("one\r\n\r\ntwo", "<p>one</p>\n<p>two</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("# Terms\ntext", "<h2>Terms</h2>\n<p>text</p>"),
        ("**never** sold", "<p><strong>never</strong> sold</p>"),
        ("[us](/contact/)", '<p><a href="/contact/">us</a></p>'),
        ("[us](mailto:a@b.org)", '<p><a href="mailto:a@b.org">us</a></p>'),
        ("[law](https://law.example/?a=1&b=2)", '<p><a href="https://law.example/?a=1&amp;b=2">law</a></p>'),
        ("", ""),
    ],
)
def test_marks_become_tags(text: str, html: str) -> None:
    assert as_html(text) == html


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", "<a"),
        ("[x](//evil.example)", "<a"),
        ("[x](http://plain.example)", "<a"),
        ('[x](https://a.example/" onclick="alert(1))', 'onclick="'),
        ("[<b>x</b>](https://a.example)", "<b>"),
        ("**<img src=x>**", "<img"),
    ],
)
def test_nothing_else_becomes_markup(text: str, forbidden: str) -> None:
    assert forbidden not in as_html(text)
