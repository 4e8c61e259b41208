"""Pages as a browser opens them, in AppTest: the whole app, then the page of a name."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "dashboard" / "app.py")


def open_page(name: str, **query: object) -> AppTest:
    """The page of a folder of ``app_pages``, with a query; the app is run once before it."""
    at = AppTest.from_file(APP, default_timeout=60).run()
    for key, value in query.items():
        at.query_params[key] = value
    return at.switch_page(f"app_pages/{name}/page.py").run()
