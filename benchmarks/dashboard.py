"""The dashboard in Chromium: server ready, first page, and moves of the player on 50-step runs.

A move is timed in the browser, from the arrow key to the frame of the display after the new words
or pixels were drawn; "figures follow" is when the reply of the server has set the link to the new
step and the page is at rest, which is what a move took before the player held its frames itself.
The baseline is the same page opened anew at a step by its link. Needs Chromium; the runs are made
first with the built-in models, four of 512 pixels by hand (noise that gives way to a gradient).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np

from benchmarks.measure import report
from benchmarks.serving import served
from cache.store import Store
from engine.chain import manifests
from engine.image.keys import decode_key, image_chain
from engine.image.records import ImageStep
from engine.image.spec import ImageSpec, Shown
from engine.image.stored import decode_spec, decoded_payload, image_payload
from engine.requests.computing import compute
from engine.text.spec import TextSpec

STEPS = 50
SLOW_MS = 120_000
LARGE = 512  # pixels a side of the pictures made by hand
PAGES = {
    "unmasking, lines": ("text_unmasking", "text", {"view": "Confidence over steps"}),
    "unmasking, heatmap": ("text_unmasking", "text", {"view": "Heatmap"}),
    "denoising": ("image_denoising", "image", {}),
    "four of 512 pixels": ("compare", "large", {}),
}
# an arrow key, and the seconds until what the player shows has changed and was painted
MOVE = """
async (key) => {
  const host = [...document.querySelectorAll('*')].find(
    (each) => each.shadowRoot?.querySelector('.player'));
  const player = (host?.shadowRoot ?? document).querySelector('.player');
  const seen = () => [...player.querySelectorAll('figure canvas')]
    .map((c) => [...c.getContext('2d').getImageData(c.width / 3, c.height / 3, 16, 16).data]
      .join()).join('|') + [...player.querySelectorAll('.row .word')]
    .map((w) => w.className + w.textContent).join('|') + player.querySelector('output').textContent;
  const canvases = player.querySelectorAll('figure canvas').length;
  const parts = () => seen().split('|');
  const before = parts(), said = player.querySelector('output').textContent;
  const changed = () => {
    const now = parts();
    if (!canvases) return now.some((part, i) => part !== before[i]);
    return [...Array(canvases).keys()].every((i) => now[i] !== before[i]);
  };
  const frame = () => new Promise(requestAnimationFrame);
  const from = performance.now();
  window.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  // reading pixels back takes longer than drawing them, so it is done when the time is taken
  while (player.querySelector('output').textContent === said) await frame();
  for (;;) {
    await frame();
    await frame();
    const taken = performance.now() - from;
    if (changed()) return taken;
    if (taken > 60000) throw new Error('the player did not move');
  }
}
"""


def prepare(folder: Path) -> dict[str, str]:
    """A store with 50-step runs, every picture decoded; what a link says of each kind."""
    text = TextSpec(length=STEPS, steps=STEPS, top_k=5, temperature=1.2)
    image = ImageSpec(prompt="a beautiful sunset over the ocean", steps=STEPS, guidance=4.0)
    with Store.open(folder) as store:
        runs = compute(store, [text, image]).runs
        manifest = manifests.load(store, runs[1])
        compute(store, [decode_spec(manifest, "latents"), decode_spec(manifest, "predicted_x0")])
        large = [by_hand(store, seed) for seed in range(4)]
    return {
        "text": f"run={runs[0][:12]}",
        "image": f"run={runs[1][:12]}",
        "large": f"runs={','.join(run[:12] for run in large)}",
    }


def by_hand(store: Store, seed: int) -> str:
    """A run of LARGE pixels of no model: noise over a gradient, less at every step."""
    model = hashlib.blake2b(b"made by hand", digest_size=32).hexdigest()
    spec = ImageSpec(
        model="made by hand", prompt="a gradient", steps=STEPS, seed=seed, width=LARGE, height=LARGE
    )
    chain, random = image_chain(spec, model), np.random.default_rng(seed)
    slope = np.linspace(0, 255, LARGE)[None, :, None] * np.linspace(0.2, 1, 3)[None, None, :]
    noise = random.normal(0, 90, (LARGE, LARGE, 3))
    latents = random.normal(size=(4, LARGE // 8, LARGE // 8)).astype(np.float32)
    for index, key in enumerate(chain.step_keys):
        step = ImageStep(index=index, latents=latents, predicted_x0=latents, position=index)
        store.put(key, image_payload(step, provenance={}))
        seen = np.clip(slope + noise * (1 - index / STEPS), 0, 255).astype(np.uint8)
        for shows in get_args(Shown):
            store.put(decode_key(key, shows), decoded_payload(key, seen))
    manifest = manifests.new_manifest(
        run=chain.run, spec=spec.facts(), fingerprint=model, step_keys=chain.step_keys,
        shared_keys=(),
    )  # fmt: skip
    manifests.put(store, manifest)
    return chain.run


def first_page(browser: Any, address: str) -> float:
    """Seconds from the address to the first page's player, in a browser that was never here."""
    context = browser.new_context(viewport={"width": 1400, "height": 1200})
    page, started = context.new_page(), time.perf_counter()
    page.goto(address, timeout=SLOW_MS)
    page.get_by_role("slider", name="Step").first.wait_for(timeout=SLOW_MS)
    _settled(page)
    taken = time.perf_counter() - started
    context.close()
    return taken


def moves(browser: Any, link: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each move of the player by one, of what follows it, and of opening anew."""
    page = browser.new_page(viewport={"width": 1400, "height": 1600})
    times: dict[str, list[float]] = {"opened anew": [], "player move": [], "figures follow": []}
    for step in range(10, 10 + min(rounds, 5)):
        started = time.perf_counter()
        page.goto(f"{link}&step={step}", timeout=SLOW_MS)
        page.get_by_role("slider", name="Step").first.wait_for(timeout=SLOW_MS)
        page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=SLOW_MS)
        times["opened anew"].append(time.perf_counter() - started)
    _settled(page)
    page.wait_for_timeout(3000)
    step = int(page.url.split("step=")[1].split("&")[0])
    for turn in range(rounds + 1):
        started = time.perf_counter()
        moved = page.evaluate(MOVE, "ArrowRight") / 1000
        step += 1
        page.wait_for_url(re.compile(rf"step={step}\b"), timeout=SLOW_MS)
        _settled(page)
        if turn:  # the first warms up
            times["player move"].append(moved)
            times["figures follow"].append(time.perf_counter() - started)
    held = page.evaluate("performance.memory ? performance.memory.usedJSHeapSize : 0")
    print(f"  script memory of the page: {held / 1e6:.0f} MB")
    page.close()
    return times


def _settled(page: Any) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(
        timeout=SLOW_MS
    )


def main() -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--store", type=Path, help="where to make the runs, or where they are")
    parser.add_argument("--page", choices=list(PAGES), help="one page alone")
    asked = parser.parse_args()
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    chromium = next((path for name in names if (path := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        store = asked.store or Path(name) / "store"
        runs = prepare(store)
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        with served(store) as server:
            address, ready = server.address, server.ready_s
            visits = [first_page(browser, address) for _ in range(1 if asked.page else 4)]
            print(f"server ready {ready:.2f} s; first page interactive {visits[0]:.2f} s at once")
            facts = {"server_ready_s": ready, "first_page_s": visits}
            if visits[1:]:
                print(f"  and {statistics.median(visits[1:]):.2f} s for whoever comes next")
            print(json.dumps({**facts, "machine": platform.machine()}))
            for title, (page, kind, query) in PAGES.items():
                if asked.page not in (None, title):
                    continue
                link = f"{address}/{page}?{runs[kind]}"
                link += "".join(f"&{k}={v.replace(' ', '+')}" for k, v in query.items())
                times = moves(browser, link, asked.rounds)
                report(f"{title}, {STEPS} steps", times, baseline="opened anew")
        browser.close()


if __name__ == "__main__":
    main()
