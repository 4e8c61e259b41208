"""Stepscope's dashboard: navigation only.

Streamlit runs this file for every page that is shown; the server imports it once, for ``app``.
"""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

HERE = Path(__file__).parent
# plain ``streamlit run dashboard/app.py`` puts only this folder on the path
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

from dashboard.headers import Headers  # noqa: E402
from dashboard.ui.link import one_entry_a_page, params  # noqa: E402
from dashboard.ui.login import offer_logout, require_login  # noqa: E402
from dashboard.ui.meeting import begin_meeting, offer_meeting  # noqa: E402
from dashboard.ui.page_export import offer_page_zip  # noqa: E402
from dashboard.ui.page_record import begin_page, name_tab  # noqa: E402
from dashboard.ui.trouble import run_page  # noqa: E402


def show() -> None:
    """The page that is asked for, behind the login where there is one."""
    st.set_page_config(page_icon=HERE / "logo-mark.svg", layout="wide")
    require_login()
    meeting = begin_meeting()
    if not meeting:
        st.logo(HERE / "logo.svg", size="large")
    pages = {
        "": [
            st.Page("app_pages/library.py", title="Library", default=True),
            st.Page("app_pages/new_run.py", title="New run"),
            st.Page("app_pages/jobs.py", title="Jobs"),
            st.Page("app_pages/compare.py", title="Compare"),
            st.Page("app_pages/system.py", title="System"),
        ],
        "Text": [
            st.Page("app_pages/text_unmasking.py", title="Unmasking"),
            st.Page("app_pages/text_corruption.py", title="Corruption"),
            st.Page("app_pages/text_diversity.py", title="Diversity"),
            st.Page("app_pages/calibration.py", title="Calibration"),
        ],
        "Image": [
            st.Page("app_pages/image_denoising.py", title="Denoising"),
            st.Page("app_pages/image_guidance.py", title="Guidance"),
            st.Page("app_pages/image_img2img.py", title="Img2img"),
        ],
        "Methods": [
            st.Page("app_pages/prompts.py", title="Prompts"),
            st.Page("app_pages/samplers.py", title="Samplers & schedules"),
        ],
        "Experiments": [
            st.Page("app_pages/sweep.py", title="Sweep"),
            st.Page("app_pages/fork.py", title="Fork"),
            st.Page("app_pages/divergence.py", title="Divergence"),
            st.Page("app_pages/no_return.py", title="Point of no return"),
            st.Page("app_pages/why.py", title="Why computed?"),
        ],
    }
    page = st.navigation(pages, position="hidden" if meeting else "sidebar", expanded=True)
    one_entry_a_page()
    offer_meeting()
    if not meeting:
        offer_logout()
    begin_page()
    params.hold()
    run_page(page)
    params.send()
    name_tab(page.title)
    if not meeting:
        offer_page_zip(page.title)


if __name__ == "__main__":
    show()
else:
    app = st.App(Path(__file__).resolve(), middleware=[Middleware(Headers)])
