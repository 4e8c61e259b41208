"""What a page says when something that it needs cannot be read: one line, and a way on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, Protocol

import streamlit as st

from cache.errors import NotAllowed, StepscopeError, StoreFull, StoreUnavailable

P = ParamSpec("P")
AFTER = "after-fragment"  # in the session: what is done when a part of a page was drawn alone


class Page(Protocol):
    """A page of the navigation."""

    def run(self) -> None: ...


def run_page(page: Page) -> None:
    """Run a page; an error of Stepscope's own that nothing on it expected is told in its place."""
    with trouble_in_place():
        page.run()


def fragment(show: Callable[P, None], *, run_every: float | None = None) -> Callable[P, None]:
    """``st.fragment`` whose own reruns, which no page surrounds, tell of trouble as pages do."""

    @functools.wraps(show)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        with trouble_in_place():
            show(*args, **kwargs)
            after = st.session_state.get(AFTER)
            if after is not None:
                after()

    return st.fragment(shown, run_every=run_every)


@contextmanager
def trouble_in_place() -> Iterator[None]:
    """What cannot be read, in place of what would have shown it."""
    try:
        yield
    except NotAllowed as error:
        st.error("Your role does not let you do this; nothing was changed.")
        st.text(str(error))
    except StepscopeError as error:
        st.error("Something that this page needs cannot be read.")
        st.text(str(error))
        if not isinstance(error, StoreFull | StoreUnavailable):
            st.caption(
                "Other runs can be chosen above or in the Library. `python -m engine store verify` "
                "names all that is damaged; with `--drop` it goes, and is computed again when it "
                "is asked for."
            )
