"""Pages as a browser opens them, in AppTest: the whole app, then the page of a name."""

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

APP = str(Path(__file__).parents[2] / "dashboard" / "app.py")


def open_page(name: str, **query: object) -> AppTest:
    """The page of a folder of ``app_pages``, with a query, as a browser opens a link to it."""
    at = AppTest.from_file(APP, default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    return at_page(at, name).run()


def at_page(at: AppTest, name: str) -> AppTest:
    """Before the first run: ``switch_page`` would want a run of the first page before it."""
    at._page_hash = calc_hash("" if name == "start" else name)
    return at


def player(at: AppTest) -> dict[str, Any]:
    """What a page gave its player: frames, and where to stand."""
    protos = [element.proto for element in at.get("bidi_component")]
    (found,) = [proto for proto in protos if proto.component_name == "player"]
    data: dict[str, Any] = json.loads(found.json)
    return data


def stand(at: AppTest, step: int) -> AppTest:
    """The page after the player has told of a step."""
    at.session_state["step"] = step
    return at.run()
