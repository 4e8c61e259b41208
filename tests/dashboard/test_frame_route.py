"""The player's pictures by their addresses, and nothing else by any other."""

import asyncio

import pytest
from starlette.applications import Starlette

from dashboard import frame_route
from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.keys import decode_key, image_chain
from tests.dashboard.conftest import FINGERPRINT, IMAGE_SPEC

RUN = image_chain(IMAGE_SPEC, FINGERPRINT).run


def get(path):
    """(status, headers, body) of a path, as a server would ask for it."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": [],
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("x", 80),
        "http_version": "1.1", "client": ("y", 1),
    }  # fmt: skip
    asyncio.run(Starlette(routes=[frame_route.ROUTE])(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:])


@pytest.fixture(autouse=True)
def fresh():
    for cached in (frame_route._store, frame_route._manifest):
        cached.cache_clear()


def test_an_address_gives_the_stored_picture_and_may_be_kept(small_store):
    status, headers, body = get("/" + frame_route.address_of(RUN, 4, "latents", "decode"))
    manifest = manifests.load(small_store, RUN)
    assert status == 200
    assert body == image_stored.find_result(small_store, manifest).png
    assert headers["content-type"] == "image/png"
    assert "immutable" in headers["cache-control"]


def test_a_preview_has_one_pixel_a_latent(small_store):
    from PIL import Image

    status, _, body = get("/" + frame_route.address_of(RUN, 2, "predicted_x0", "preview"))
    assert status == 200
    from io import BytesIO

    step = image_stored.load_image_run(small_store, RUN).steps[2]
    assert Image.open(BytesIO(body)).size == step.predicted_x0.shape[:0:-1]


@pytest.mark.parametrize(
    "path",
    [
        f"/frames/guessed/{RUN}/latents/4/decode",
        f"/frames/WORD/{'0' * 64}/latents/4/decode",
        "/frames/WORD/not-a-run/latents/4/decode",
        f"/frames/WORD/{RUN}/latents/99/decode",
        f"/frames/WORD/{RUN}/latents/2/decode",
        f"/frames/WORD/{RUN}/predicted_x0/0/preview",
        f"/frames/WORD/{RUN}/elsewhere/4/decode",
        f"/frames/WORD/{RUN}/latents/4/drawn",
        f"/frames/WORD/../{RUN}/latents/4/decode",
    ],
)
def test_anything_else_is_not_there(small_store, path):
    status, _, body = get(path.replace("WORD", frame_route.WORD))
    assert status == 404
    assert RUN.encode() not in body


def test_a_picture_that_is_damaged_is_not_there(small_store):
    key = decode_key(manifests.load(small_store, RUN).step_keys[4], "latents")
    from tests.dashboard.damages import flip

    flip(small_store, key)
    status, _, _ = get("/" + frame_route.address_of(RUN, 4, "latents", "decode"))
    assert status == 404
