"""What is this? A sentence and a picture that play, and three ways on."""

import streamlit as st

from dashboard.app_pages.start.data import a_picture, a_text
from dashboard.data.glossary import GLOSSARY, meaning_of
from dashboard.data.library import in_common
from dashboard.ui.empty import offer_demo
from dashboard.ui.link import open_page, params
from dashboard.ui.panels import scene_by_share
from dashboard.ui.plain import escaped
from dashboard.ui.player import play
from dashboard.ui.stores import image_run, text_run, the_shelf, the_store
from dashboard.ui.tour import begin_tour
from dashboard.ui.trouble import fragment
from engine.chain.records import Manifest

# this address was the Library's: links of that time still lead there
LIBRARY = ("kind", "model", "tag", "show", "view", "sort", "together", "folded", "find")

if any(name in params for name in LIBRARY):
    open_page("app_pages/library/page.py", {name: params.get_all(name) for name in params})
st.title("See how diffusion samples")
st.markdown(
    "Stepscope keeps every step of every run, of text that comes out of masks and of pictures "
    "that come out of noise, and lets you move through them, compare them and take them with you."
)


def _show(text: Manifest | None, picture: Manifest | None) -> None:
    runs = [load(m) for load, m in ((text_run, text), (image_run, picture)) if m is not None]
    for run in runs:
        st.text(in_common([run.manifest]))
    if runs:
        play(scene_by_share(runs), what=",".join(r.manifest.run[:16] for r in runs), plays=True)


store, shelf = the_store(), the_shelf()
text, picture = a_text(store, shelf), a_picture(store, shelf)
with st.container(horizontal=True):
    st.page_link("app_pages/new_run/page.py", label="**Make your own**", icon=":material/add:")
    st.page_link("app_pages/sweep/page.py", label="**Sweep settings**", icon=":material/apps:")
    st.page_link("app_pages/library/page.py", label="**Browse all runs**", icon=":material/search:")
    begin_tour(text, picture)
if text is None and picture is None:
    offer_demo()
else:
    fragment(_show)(text, picture)
with st.expander("Words that are used here"):
    for word in GLOSSARY:
        st.markdown(f"**{escaped(word)}**: {meaning_of(word)}")
