"""What the player shows, as one HTML file that plays without a server."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.data.playing_page import playing_page
from dashboard.data.scenes import Scene
from dashboard.figures.template import GRID, PAPER, SCALE
from dashboard.ui.downloads import offer_file
from dashboard.ui.meeting import in_meeting
from dashboard.ui.player import looked_at
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest


def offer_playing(scene: Scene, runs: Sequence[Manifest], *, title: str, step: int) -> None:
    """A button that gives the file; what is light is light in it, whatever the page is."""
    if in_meeting():
        return
    store = the_store()
    view = looked_at()
    look = {"scale": SCALE["light"], "paper": PAPER["light"], "fixed": GRID["light"]}
    name = f"{title.lower()}-{'-'.join(manifest.short[:6] for manifest in runs[:4])}"
    offer_file(
        "HTML file that plays",
        lambda: playing_page(store, scene, runs, title=title, step=step, view=view, look=look),
        file_name=f"{name}.html",
        mime="text/html",
        key=f"playing-{name}-{len(runs)}",
    )
