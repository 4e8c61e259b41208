"""What a page says when something that it needs cannot be read: one line, and a way on."""

from __future__ import annotations

from typing import Protocol

import streamlit as st

from cache.errors import StepscopeError, StoreFull, StoreUnavailable


class Page(Protocol):
    """A page of the navigation."""

    def run(self) -> None: ...


def run_page(page: Page) -> None:
    """Run a page; an error of Stepscope's own that nothing on it expected is told in its place."""
    try:
        page.run()
    except StepscopeError as error:
        st.error("Something that this page needs cannot be read.")
        st.text(str(error))
        if not isinstance(error, StoreFull | StoreUnavailable):
            st.caption(
                "Other runs can be chosen above or in the Library. `python -m engine store verify` "
                "names all that is damaged; with `--drop` it goes, and is computed again when it "
                "is asked for."
            )
