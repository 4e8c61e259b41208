"""Words of links, models and people are shown as they are: nothing is asked for, nothing links."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from cache.store import Store
from engine.chain import manifests
from engine.chain.chains import made_for
from engine.image.keys import image_chain
from engine.image.spec import ImageSpec
from engine.text import stored as text_stored
from engine.text.keys import text_chain
from engine.text.spec import TextSpec
from tests.browser.conftest import serving
from tests.dashboard import conftest as hand_made

PAGES = (
    " library new_run jobs compare system text_unmasking text_corruption text_diversity"
    " text_control calibration image_denoising image_guidance image_img2img prompts samplers"
    " sweep fork divergence no_return why"
).split(" ")
NAMES = (
    "run runs group step view measure kind modality model ratios seed order texts find tag show "
    "page job from at set beside picture scale scales cell cell-0 pair clip reference init steps "
    "forks alike likeness diversity shown sync fit base axes skip rows columns along zoom at-x "
    "metric-text metric-image cost by word look what-if frames"
).split()


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and what was asked for there."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


def hostile(port: int) -> str:
    at = f"http://127.0.0.1:{port}"
    return (
        f'![x]({at}/x.png) [a]({at}/a) {at}/bare $x$ `b` <b>c</b> <a href="{at}/h">d</a> '
        f'<img src="{at}/i.png"> *e* :red[f] :material/home:'
    )


def keep_hostile(store: Store, words: str) -> dict[str, str]:
    """A text and a picture whose every word is hostile, and another seed of each; their ids."""
    pieces = [*hand_made.PIECES]
    pieces[5:10] = [f"{words}{i}" for i in range(5)]
    pieces[10:30] = [f"{words} {i}" for i in range(20)]
    fingerprint = "e" * 64
    text_stored.keep_vocabulary(store, fingerprint, pieces, hand_made.MASK_ID)
    ids = {}
    for seed in (0, 1):
        text = TextSpec(length=5, steps=5, top_k=5, model=words[:200], seed=seed)
        chain = text_chain(text, fingerprint)
        for key, step in zip(chain.step_keys, hand_made.hand_made_steps(seed), strict=True):
            store.put(key, made_for(chain.run, text_stored.text_payload(step, None, step.meta)))
        _keep(store, text, chain, fingerprint)
        ids["text" if not seed else "text_other"] = chain.run
        picture = ImageSpec(
            prompt=words, negative_prompt=words, model=words[:200], steps=4, width=32, height=32,
            guidance=3.0, seed=seed,
        )  # fmt: skip
        ids["image" if not seed else "image_other"] = hand_made.keep_image(store, spec=picture)
        assert image_chain(picture, hand_made.FINGERPRINT).run in ids.values()
    for run in ids.values():
        manifests.annotate(store, run, tags=[words[:40], "*e*", "$x$"], note=words)
    return ids


def _keep(store: Store, spec, chain, fingerprint: str) -> None:
    manifests.put(
        store,
        manifests.new_manifest(
            run=chain.run,
            spec=spec.facts(),
            fingerprint=fingerprint,
            step_keys=chain.step_keys,
            shared_keys=[text_stored.vocabulary_key(fingerprint)],
        ),
    )


# what was in between is told by the records: on a busy machine several come at once
WALK = """async to => {
    const app = document.querySelector('[data-testid=stApp]')
    const drawn = new Promise((done, failed) => {
        let began = false
        setTimeout(() => failed(new Error(`nothing was drawn for ${to}`)), 120000)
        new MutationObserver((records, observer) => {
            began ||= records.some(record => record.oldValue !== 'notRunning')
            if (began && app.dataset.testScriptState === 'notRunning') {
                observer.disconnect(); done()
            }
        }).observe(app, {attributes: true, attributeOldValue: true,
                         attributeFilter: ['data-test-script-state']})
    })
    history.pushState({}, '', to)
    dispatchEvent(new PopStateEvent('popstate', {state: {}}))
    await drawn
}"""


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[tuple[str, int, list[str], dict[str, str]]]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    with listening() as (port, asked):
        with Store.open(folder / "store") as store:
            runs = keep_hostile(store, hostile(port))
        with serving(folder) as address:
            yield address, port, asked, runs


@pytest.fixture(scope="module")
def tab(world, profile) -> Iterator[object]:
    """One page for all walks: the dashboard's scripts start once, not forty times."""
    opened = profile.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(world[0])
    settled(opened)
    yield opened
    opened.close()


def walk(tab, to: str) -> None:
    """Go to an address of the dashboard as the browser's back button does, and wait for it."""
    tab.evaluate(WALK, f"/{to}")
    settled(tab)


def settled(page) -> None:
    from playwright.sync_api import expect

    app = page.get_by_test_id("stApp")
    for _ in range(2):
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=90_000)
        page.wait_for_timeout(300)


def nothing_is_made_of_it(page, port: int, asked: list[str]) -> None:
    assert asked == []
    for what in ("href", "src", "xlink\\:href"):
        assert page.locator(f'[{what}*=":{port}/"]').count() == 0
    assert page.get_by_test_id("stMain").locator(".katex").count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_a_link_writes_nothing_on_the_page(world, tab, name):
    _, port, asked, _ = world
    walk(tab, f"{name}?" + "&".join(f"{each}={quote(hostile(port))}" for each in NAMES))
    assert tab.locator("h1").count() == 1
    # the first page leads to the Library what asks for runs
    tab.wait_for_function("name => location.pathname === '/' + name", arg=name or "library")
    nothing_is_made_of_it(tab, port, asked)


SHOWN = "Confidence over steps,Heatmap,Changes of mind,Unmask order,Entropy,Candidates".split(",")
VIEWS = [
    "",
    "library",
    *(f"text_unmasking?run={{text}}&step=2&view={quote(view)}" for view in SHOWN),
    "text_unmasking?run={text}&step=2&view=Heatmap&cell-0=2,3",
    "text_unmasking?run={text}&beside={text_other}",
    "image_denoising?run={image}",
    "fork?run={text}&at=2",
    "fork?run={image}&at=2",
    "why?run={text}&step=2",
    "why?run={image}",
    "compare?runs={text},{text_other}",
    "compare?runs={image},{image_other}",
    "no_return?run={text}",
    "new_run?from={text}",
    "new_run?from={image}",
    "divergence?modality=text",
    "divergence?modality=image",
    "system",
]


@pytest.mark.parametrize("view", VIEWS)
def test_a_run_writes_nothing_on_the_page(world, tab, view):
    _, port, asked, runs = world
    walk(tab, view.format(**{name: run[:12] for name, run in runs.items()}))
    assert tab.locator("h1").count() == 1
    nothing_is_made_of_it(tab, port, asked)


def test_no_page_is_walked_twice():
    assert np.unique(PAGES).size == len(PAGES)
