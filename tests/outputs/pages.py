"""Markdown as whoever opens the page sees it, and texts that try to be more than text there."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from markdown_it import MarkdownIt

GITHUB_LIMIT: Final = 65_536
MARKDOWN: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
LINK: Final = re.compile(r"(?:https?|ftp)://\w|www\.\w", re.IGNORECASE)
"""Where GitHub makes a link of a text that is none."""
REFERENCE: Final = re.compile(r"@\w|#\d|!\d|:[\w+-]+:")
"""Where GitHub and GitLab make a mention, a reference or an emoji of a text."""


class Page(HTMLParser):
    """What a browser gets to see: the tags, the text, and the text outside ``<code>``, where forges look for references."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.outside = ""
        self._in_code = 0
        self.feed(MARKDOWN.render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert attrs in ([], [("open", None)], [("open", "")])
        self._in_code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.outside += " " if self._in_code else data


def seen(text: str) -> str:
    """As a reader sees it: without blanks that have no width, and whatever the white space."""
    return re.sub(r"[\s\u200b]+", "", text)


ATTACKS: Final = [
    "| a | b |", "<script>alert(1)</script>", "</summary></details>", "![x](http://a.b/c.png)", "[a](javascript:x)",
    "# heading", "- item", "1. item", "1) item", "> quote", "```", "`a`", "``a", "***a***", "_a_ __b__ a_b", "~~a~~", "\\",
    "a\\|b", "[ ] a", "&lt;b&gt; &#64;a", "---", "===", "+ a", "http://evil.example/x", "www.evil.example", "WWW.evil.example",
    "@everyone", "a@b.cd", "#1", "!1", "x/y#1", ":smile:", "$a$ $$b$$", "<!-- a", "<a@b.cd>", "<http://a.b>",
    "a\nb\r\n\r\n# c", "\u202eabc", "\x00\x1b", "    code", "\ttab", "\udcff", "🙂", "`@x` <b> `|`", "[^1]: x",
]  # fmt: skip
