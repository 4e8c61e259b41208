"""Words of models, of people and of links as plain text where Streamlit reads Markdown.

``st.text`` shows plain text and needs none of this. Everything else that Streamlit takes (a
caption, a warning, a label, a hint, an option of a row of choices) is Markdown: there a picture's
address is asked for, and a link can be clicked. A test reads every page's source and wants
``escaped`` around each value that is not a number or our own.
"""

from __future__ import annotations

import re

MARKUP = re.compile(r"[\\`*\[\]$~]|(?<!\w)_|_(?!\w)|&(?=[#\w])|^[#+=>-]|(?<=^\d)[.)]")
# a tag is shown as it is written wherever HTML is not allowed, which is everywhere here
JOINER = "\u2060"  # no width, no break: what looks for addresses in finished text finds none
# addresses, emoji and icons are looked for once more after the escapes are gone
CALLING = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=-)(?=[->])|(?<=<)(?=-)", re.IGNORECASE)


def escaped(value: object) -> str:
    """A value in a line of Markdown, read as the characters it is made of."""
    line = " ".join(str(value).split())
    parts = CALLING.split(line)
    return JOINER.join(MARKUP.sub(r"\\\g<0>", part) for part in parts)
