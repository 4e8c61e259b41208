"""Markdown of reports: whatever was typed reads as the characters it is made of."""

import html
import re

import pytest
from markdown_it import MarkdownIt  # rich brings it

from engine.reviews.report_markdown import as_read

TYPED = [
    "guidance 7.5, top-k 5; seed 3 (see below)",
    "1. one", "12) twelve", "# head", "+ plus", "- minus", "= equals", "> quoted", "* star",
    "a *b* _c_ `d` ~~e~~ **f** __g__", "[x](http://h.example)", "![x](//h.example/y.png)",
    "<b>bold</b> &amp; & &copy;", "a | b", "back\\slash \\*", "$x$ {{ y }}", ":smile: a: b",
    "www.h.example and http://h.example and ada@h.example", "=1+1", "[a][b] [^1]", "]( x",
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_what_was_typed_is_read_as_it_is(typed):
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    shown = parser.render(as_read(typed))
    tags = set(re.findall(r"</?(\w+)", shown))
    assert tags == {"p"}
    assert html.unescape(re.sub(r"</?p>", "", shown)).strip() == typed


def test_plain_words_stay_plain():
    words = "guidance 7.5 beats 4 in 14 of 20 (95 % 0.48 to 0.85); top-k 5, seed 3!"
    assert as_read(words) == words
