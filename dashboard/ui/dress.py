"""What all pages look like beyond the theme: little room above, and a page prints as a page."""

from __future__ import annotations

import streamlit as st

# a constant of our own, nothing of anybody's
STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 2.6rem 3rem 4rem; }
[data-testid="stHeading"] h1 { font-size: 2rem; padding: 0.3rem 0; }
/* Streamlit darkens an open button's words, which a dark page swallows */
[data-testid="stPopoverButton"][aria-expanded="true"] { color: inherit; }
[data-testid="stButtonGroup"] button[aria-checked="true"] { color: inherit !important; }
/* runs that are chosen are told apart by many words */
[data-testid="stPopoverBody"]:has([data-testid="stMultiSelect"]) { width: min(760px, 94vw); }
[data-testid="stMultiSelect"] [data-baseweb="tag"] { max-width: 100%; }
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding: 2.6rem 1rem 4rem; }
  [data-testid="stHeading"] h1 { font-size: 1.4rem; }
  [data-testid="stHeaderActionElements"] { display: none; }
  [data-testid="stMarkdownContainer"] .katex { display: block; overflow-x: auto; }
  [data-testid="stButtonGroup"] > div { flex-wrap: wrap; gap: 4px; overflow: visible; }
  [data-testid="stButtonGroup"] > div > button {
    border-left-width: 1px; border-left-style: solid; border-radius: 0.5rem; margin: 0;
  }
  [data-testid="stButtonGroup"] > div > button[aria-checked="false"] {
    border-color: #7f8f9866 !important;
  }
}
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"],
  [data-testid="stButton"], [data-testid="stPopover"], [data-testid="stDownloadButton"] {
    display: none !important;
  }
  [data-testid="stMain"], [data-testid="stAppViewContainer"], [data-testid="stApp"] {
    position: static !important; overflow: visible !important; height: auto !important;
  }
  .js-plotly-plot { break-inside: avoid; }
}
</style>"""


def dress() -> None:
    """Called before the page, and before the style of a meeting."""
    st.html(STYLE)
