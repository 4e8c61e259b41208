"""What an empty store shows: what this is, and one button that fills it."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.demo import last_line, start_demo
from dashboard.ui.stores import environment, the_store
from engine import stored_runs

EXAMPLE = "python -m engine text generate --length 12 --top-k 5 --temperature 1.2 --seeds 0:4"
WHAT = {
    "text": "No text has been unmasked yet.",
    "corruption": "No text has been corrupted yet.",
    "image": "No picture has been denoised yet.",
}


def offer_demo(kind: str | None = None) -> None:
    """Say what is missing, show the command, and offer the demo runs."""
    st.info(WHAT.get(kind or "", "This store holds no runs yet."))
    st.markdown("Compute some from a shell:")
    st.code(EXAMPLE, language="bash")
    st.markdown("or let the built-in models make a small set now. It takes about ten seconds.")
    process = st.session_state.get("demo")
    if st.button("Make the demo runs", type="primary", disabled=process is not None, key="demo-go"):
        st.session_state["demo"] = start_demo(the_store(), environment())
        st.rerun()
    if process is not None:
        _watch_demo()


@st.fragment(run_every=0.5)
def _watch_demo() -> None:
    from engine.demo import demo_steps

    process = st.session_state.get("demo")
    if process is None:
        return
    store = the_store()
    stored = sum(stored_runs.stored_steps(store, m) for m in stored_runs.manifests(store))
    whole = demo_steps()
    st.progress(min(1.0, stored / whole), text=f"{stored} of {whole} steps are in the store")
    if process.poll() is None:
        return
    del st.session_state["demo"]
    if process.returncode:
        st.error(f"The demo stopped: {last_line(store)}")
    else:
        st.rerun(scope="app")
