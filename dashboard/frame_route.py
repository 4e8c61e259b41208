"""Where the player's pictures come from: a route of the dashboard's own server.

A page gives its visitors addresses that begin with a word which nobody can guess and which is new
with every start of the server: who may not see a page does not know it.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, get_args

from starlette.responses import Response
from starlette.routing import Route

from cache.errors import StepscopeError
from cache.folder import default_folder
from cache.store import Store
from dashboard.data.finished import shrunk
from dashboard.data.image_runs import stored_picture
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.image.records import Source
from engine.image.spec import Shown

if TYPE_CHECKING:
    from starlette.requests import Request

WORD = secrets.token_urlsafe(16)
PATH = "frames"
SIDE = 512  # pixels of a frame's longer side, at most
KEPT = {"cache-control": "private, max-age=86400, immutable"}


def address_of(run: str, index: int, shows: Shown, source: Source) -> str:
    """The address of a step's picture, from the page's own."""
    return f"{PATH}/{WORD}/{run}/{shows}/{index}/{source}"


def answer(request: Request) -> Response:
    """A step's picture, at most SIDE pixels a side; 404 for what is not there or cannot be read."""
    asked = request.path_params
    if not secrets.compare_digest(str(asked["word"]).encode(), WORD.encode()):
        return Response(status_code=404)
    if asked["shows"] not in get_args(Shown) or asked["source"] not in get_args(Source):
        return Response(status_code=404)
    try:
        store = _store(str(default_folder()))
        manifest = _manifest(str(store.folder), asked["run"])
        picture = stored_picture(store, manifest, asked["index"], asked["shows"], asked["source"])
        if picture is None:
            return Response(status_code=404)
        kind, data = shrunk(picture.png, side=SIDE)
    except StepscopeError:
        return Response(status_code=404)
    return Response(data, media_type=f"image/{kind}", headers=KEPT)


@lru_cache(maxsize=4)
def _store(folder: str) -> Store:
    return Store.open(folder, to_read=True)


@lru_cache(maxsize=256)
def _manifest(folder: str, run: str) -> Manifest:
    return manifests.load(_store(folder), run)


ROUTE = Route(f"/{PATH}/{{word}}/{{run}}/{{shows}}/{{index:int}}/{{source}}", answer)
