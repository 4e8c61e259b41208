"""The URL of a page, read and written in one place: the link is the view.

A page writes its parts of the URL one by one while it is drawn, and Streamlit makes each of them an
entry of the browser's history: five presses of Back that change nothing. So they are held until
the page is drawn and sent together, and ``one_entry_a_page`` lets the browser replace the entry
while the page stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import NoReturn

import streamlit as st

HELD = "link-held"  # in the session while a whole page is drawn; a fragment alone writes at once
Value = str | Iterable[str]
RUN_PAGES = {  # which page shows a run, by its kind
    "text": "app_pages/text_unmasking/page.py",
    "corruption": "app_pages/text_corruption/page.py",
    "image": "app_pages/image_denoising/page.py",
    "embed": "app_pages/prompts/page.py",
}
# a constant of our own: another entry for another page only
REPLACE = """const HANDED = 2000; // ms: both are of one message, a hand needs longer
export default function () {
  if (window.history.stepscope) return;
  window.history.stepscope = true;
  const push = window.history.pushState.bind(window.history);
  let left = { url: "", at: -Infinity }; // the address before the last one, and until when
  window.history.pushState = (state, title, url) => {
    const here = window.location, to = new URL(url ?? "", here.href), now = performance.now();
    if (to.pathname === here.pathname) {
      left = { url: here.href, at: now };
      window.history.replaceState(state, title, url);
      return;
    }
    // a page that opens another gets the other's query first: Back leads to what was looked at
    const handed = to.search && to.search === here.search && now - left.at < HANDED;
    if (handed) window.history.replaceState(window.history.state, "", left.url);
    push(state, title, url);
  };
}"""
_replace = st.components.v2.component("one_entry_a_page", js=REPLACE)


class Params(MutableMapping[str, str]):
    """``st.query_params`` as a page sees it, with what it has written itself already in it."""

    def __getitem__(self, name: str) -> str:
        return self._now()[name][-1]

    def __setitem__(self, name: str, value: Value) -> None:
        self._write(self._without(name) | _values({name: value}))

    def __delitem__(self, name: str) -> None:
        if name not in self._now():
            raise KeyError(name)
        self._write(self._without(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def get_all(self, name: str) -> list[str]:
        """Every value of a name, in order."""
        return list(self._now().get(name, ()))

    def to_dict(self) -> dict[str, str]:
        """The last value of every name."""
        return {name: values[-1] for name, values in self._now().items()}

    def from_dict(self, wanted: Mapping[str, Value]) -> None:
        """Exactly these and no others."""
        self._write(_values(wanted))

    def clear(self) -> None:
        """Nothing at all."""
        self._write({})

    def update(self, wanted: Mapping[str, Value]) -> None:  # type: ignore[override]
        """These, and what else there is."""
        self._write(self._now() | _values(wanted))

    @property
    def held(self) -> bool:
        """Whether a page is being drawn that has not sent yet what it writes."""
        return st.session_state.get(HELD) is not None

    def hold(self) -> None:
        """From here on keep what is written, until ``send``."""
        st.session_state[HELD] = self._sent()

    def send(self) -> None:
        """Send what was held."""
        held: dict[str, list[str]] | None = st.session_state.pop(HELD, None)
        if held is not None:
            self._write(held)

    def send_now(self, wanted: Mapping[str, Value]) -> None:
        """Exactly these, sent before the page is drawn: the browser may ask again meanwhile."""
        self.from_dict(wanted)
        if self.held:
            self.send()
            self.hold()

    def _now(self) -> dict[str, list[str]]:
        held: dict[str, list[str]] | None = st.session_state.get(HELD)
        return self._sent() if held is None else held

    def _without(self, name: str) -> dict[str, list[str]]:
        return {key: values for key, values in self._now().items() if key != name}

    def _write(self, wanted: dict[str, list[str]]) -> None:
        if st.session_state.get(HELD) is not None:
            st.session_state[HELD] = wanted
        elif wanted != self._sent():
            st.query_params.from_dict(wanted)

    @staticmethod
    def _sent() -> dict[str, list[str]]:
        return {name: st.query_params.get_all(name) for name in st.query_params}


params = Params()


def rerun_page() -> None:
    """Draw the page anew, with the URL as it has become."""
    params.send()
    st.rerun()


def stop_page() -> NoReturn:
    """Show nothing more of the page, with the URL as it has become."""
    params.send()
    st.stop()


def open_page(page: str, query: Mapping[str, Value]) -> None:
    """Open another page; what this one was about to write is not written."""
    st.session_state.pop(HELD, None)
    st.switch_page(page, query_params=dict(query))


def one_entry_a_page() -> None:
    """Called before the page: its URL changes, its place in the browser's history does not."""
    with st.container(key="history", height=1, border=False):
        _replace(key="one-entry-a-page")


def _values(wanted: Mapping[str, Value]) -> dict[str, list[str]]:
    """Every name with its values; what is empty is not in a URL."""
    listed = {
        name: [value] if isinstance(value, str) else [str(each) for each in value]
        for name, value in wanted.items()
    }
    return {name: values for name, values in listed.items() if any(values)}
