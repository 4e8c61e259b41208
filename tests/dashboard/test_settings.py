"""What ``.streamlit/config.toml`` promises: local, silent, offline."""

import tomllib
from pathlib import Path

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())


def test_the_server_is_for_this_machine():
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert CONFIG["server"]["maxUploadSize"] <= 512
    # Streamlit's own protections are on unless somebody turns them off
    assert not {"enableCORS", "enableXsrfProtection"} & set(CONFIG["server"])


def test_nothing_is_reported_and_no_details_are_shown():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["showEmailPrompt"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["showErrorLinks"] is False
    assert CONFIG["client"]["toolbarMode"] == "viewer"


def test_no_font_comes_from_elsewhere():
    theme = CONFIG["theme"]
    assert {theme["font"], theme["headingFont"], theme["codeFont"]} == {"sans-serif", "monospace"}
    assert "fontFaces" not in theme
