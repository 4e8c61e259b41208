"""The dashboard in Chromium: server ready, first page, and a slider move on cached 50-step runs.

A move is timed in the browser, from the arrow key on the slider to the frame in which the new
sentence or picture is painted; "all drawn" is when the last figure below it has changed too. The
baseline is the same page opened anew at a step by its link, as a dashboard without a memory would
show it. Needs Chromium; the runs are made first with the built-in models.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import report
from cache.store import Store
from engine.chain import manifests
from engine.image.spec import ImageSpec
from engine.image.stored import decode_spec
from engine.requests.computing import compute
from engine.text.spec import TextSpec

ROOT = Path(__file__).parents[1]
STEPS = 50
SLOW_MS = 120_000
PAGES = {
    "unmasking, lines": ("text_unmasking", "text", {"view": "Confidence over steps"}),
    "unmasking, heatmap": ("text_unmasking", "text", {"view": "Heatmap"}),
    "denoising": ("image_denoising", "image", {}),
}
# what a person looks at: the first figure's words and colours, or the first picture's bytes
WATCH = """
(kind) => {
  const seen = () => {
    if (kind === 'image') {
      const img = document.querySelector('[data-testid="stImage"] img');
      return img ? img.src : '';
    }
    const svg = document.querySelector('.js-plotly-plot');
    if (!svg) return '';
    const words = [...svg.querySelectorAll('.textpoint')].map(e => e.textContent).join('|');
    const fills = [...svg.querySelectorAll('.bars path')].map(e => e.style.fill).join('|');
    return words + fills;
  };
  window.moved = {at: null, first: null, last: null, before: null};
  new MutationObserver(changes => {
    const m = window.moved;
    if (m.at === null) return;
    if (m.first === null && seen() !== m.before) {
      const img = document.querySelector('[data-testid="stImage"] img');
      const drawn = kind === 'image' ? img.decode() : Promise.resolve();
      m.first = NaN;
      drawn.then(() => requestAnimationFrame(() => requestAnimationFrame(() => {
        m.first = performance.now() - m.at;
      })));
    }
    const figures = changes.some(c => c.target.parentElement?.closest?.('.js-plotly-plot'));
    if (figures) m.last = performance.now() - m.at;
  }).observe(document.body, {subtree: true, childList: true, attributes: true,
                             characterData: true});
  document.addEventListener('keydown', () => {
    window.moved = {at: performance.now(), first: null, last: null, before: seen()};
  }, {capture: true});
}
"""


def prepare(folder: Path) -> dict[str, str]:
    """A store with one 50-step run of each kind, every picture decoded; their ids."""
    text = TextSpec(length=STEPS, steps=STEPS, top_k=5, temperature=1.2)
    image = ImageSpec(prompt="a beautiful sunset over the ocean", steps=STEPS, guidance=4.0)
    with Store.open(folder) as store:
        runs = compute(store, [text, image]).runs
        manifest = manifests.load(store, runs[1])
        compute(store, [decode_spec(manifest, "latents"), decode_spec(manifest, "predicted_x0")])
    return {"text": runs[0], "image": runs[1]}


@contextmanager
def served(store: Path) -> Iterator[tuple[str, float]]:
    """The address of a dashboard, and the seconds from its command to its first answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    address, started = f"http://127.0.0.1:{port}", time.perf_counter()
    process = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.headless", "true"],
        cwd=ROOT,
        env=os.environ | {"STEPSCOPE_STORE": str(store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.02)
        yield address, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(20)


def first_page(browser: Any, address: str) -> float:
    """Seconds from a link to the Library's cards, in a browser that was never here."""
    context = browser.new_context(viewport={"width": 1400, "height": 1200})
    page, started = context.new_page(), time.perf_counter()
    page.goto(address, timeout=SLOW_MS)
    page.locator('[class*="st-key-card-"]').first.wait_for(timeout=SLOW_MS)
    _settled(page)
    taken = time.perf_counter() - started
    context.close()
    return taken


def moves(browser: Any, link: str, kind: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each move of the step slider by one, and of opening the page anew."""
    page = browser.new_page(viewport={"width": 1400, "height": 1600})
    times: dict[str, list[float]] = {"opened anew": [], "slider move": [], "all drawn": []}
    for step in range(10, 10 + min(rounds, 5)):
        started = time.perf_counter()
        page.goto(f"{link}&step={step}", timeout=SLOW_MS)
        page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=SLOW_MS)
        if kind == "image":
            page.locator('[data-testid="stImage"] img').first.wait_for(timeout=SLOW_MS)
        times["opened anew"].append(time.perf_counter() - started)
    _settled(page)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH, kind)
    slider = page.get_by_role("slider").first
    for turn in range(rounds + 1):
        slider.press("ArrowRight")
        page.wait_for_function("window.moved.first > 0", timeout=SLOW_MS)
        _settled(page)
        page.wait_for_timeout(700)
        found = page.evaluate("window.moved")
        if turn:  # the first warms up
            times["slider move"].append(found["first"] / 1000)
            times["all drawn"].append(max(found["first"], found["last"] or 0) / 1000)
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
        with served(store) as (address, ready):
            visits = [first_page(browser, address) for _ in range(1 if asked.page else 4)]
            print(f"server ready {ready:.2f} s; first page interactive {visits[0]:.2f} s at once")
            facts = {"server_ready_s": ready, "first_page_s": visits}
            if visits[1:]:
                print(f"  and {statistics.median(visits[1:]):.2f} s for whoever comes next")
            print(json.dumps({**facts, "machine": platform.machine()}))
            for title, (page, kind, query) in PAGES.items():
                if asked.page not in (None, title):
                    continue
                link = f"{address}/{page}?run={runs[kind][:12]}"
                link += "".join(f"&{k}={v.replace(' ', '+')}" for k, v in query.items())
                times = moves(browser, link, kind, asked.rounds)
                report(f"{title}, {STEPS} steps", times, baseline="opened anew")
        browser.close()


if __name__ == "__main__":
    main()
