"""Stepscope's dashboard: navigation only.

Streamlit runs this file for every page that is shown; the server imports it once, for ``app``.
"""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.navigation.page import Page

HERE = Path(__file__).parent
# plain ``streamlit run dashboard/app.py`` puts only this folder on the path
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

from dashboard.frame_route import ROUTE  # noqa: E402
from dashboard.headers import Headers  # noqa: E402
from dashboard.ui.add_to_board import forget_slot, offer_add  # noqa: E402
from dashboard.ui.dress import dress  # noqa: E402
from dashboard.ui.link import one_entry_a_page, params  # noqa: E402
from dashboard.ui.login import offer_logout, require_login  # noqa: E402
from dashboard.ui.meeting import begin_meeting, offer_meeting  # noqa: E402
from dashboard.ui.page_export import offer_page_zip  # noqa: E402
from dashboard.ui.page_record import begin_page, name_tab  # noqa: E402
from dashboard.ui.presenting import begin_presenting, end_presenting  # noqa: E402
from dashboard.ui.touch import leave_touches_to_the_page  # noqa: E402
from dashboard.ui.trouble import run_page  # noqa: E402


def _page(name: str, title: str, icon: str, *, default: bool = False) -> Page:
    """A page by the name of its folder, which is also its address."""
    path, shown = f"app_pages/{name}/page.py", f":material/{icon}:"
    address = None if default else name
    return st.Page(path, title=title, icon=shown, default=default, url_path=address)


def show() -> None:
    """The page that is asked for, behind the login where there is one."""
    st.set_page_config(page_icon=HERE / "logo-mark.svg", layout="wide")
    require_login()
    meeting = begin_meeting()
    if not meeting:
        st.logo(HERE / "logo.svg", size="large")
    pages = {
        "": [
            _page("start", "Start", "home", default=True),
            _page("library", "Library", "photo_library"),
            _page("new_run", "New run", "add_circle"),
            _page("jobs", "Jobs", "pending_actions"),
            _page("compare", "Compare", "compare"),
            _page("boards", "Boards", "how_to_vote"),
            _page("board", "Board", "ballot"),
            _page("system", "System", "storage"),
        ],
        "Text": [
            _page("text_unmasking", "Unmasking", "text_fields"),
            _page("text_corruption", "Corruption", "blur_on"),
            _page("text_diversity", "Quality against calls", "query_stats"),
            _page("text_control", "Control", "sports_esports"),
            _page("calibration", "Calibration", "target"),
        ],
        "Image": [
            _page("image_denoising", "Denoising", "movie_filter"),
            _page("image_guidance", "Guidance", "tune"),
            _page("image_img2img", "Img2img", "imagesmode"),
        ],
        "Methods": [
            _page("prompts", "Prompts", "grid_on"),
            _page("samplers", "Samplers & schedules", "show_chart"),
        ],
        "Experiments": [
            _page("sweep", "Sweep", "apps"),
            _page("fork", "Fork", "fork_right"),
            _page("divergence", "Divergence", "call_split"),
            _page("no_return", "Point of no return", "lock_clock"),
            _page("why", "Why computed?", "help_center"),
        ],
    }
    page = st.navigation(pages, position="hidden" if meeting else "sidebar", expanded=True)
    one_entry_a_page()
    dress()
    leave_touches_to_the_page()
    offer_meeting()
    if not meeting:
        offer_logout()
    begin_page()
    forget_slot()
    params.hold()
    name = page.url_path or "start"
    begin_presenting(name)
    run_page(page)
    offer_add(name, page.title)
    params.send()
    end_presenting(name)
    name_tab(page.title)
    if not meeting:
        offer_page_zip(page.title)


if __name__ == "__main__":
    show()
else:
    app = st.App(Path(__file__).resolve(), routes=[ROUTE], middleware=[Middleware(Headers)])
