"""Every page on the demo's runs, light and dark, into docs/screenshots.

``python -m tests.browser.screenshots [name ...]`` computes the demo into a store of its own and
takes all of them, or those that are named; ``--folder`` keeps that store for the next time. It is
no test: look at what it made.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from cache.store import Store
from dashboard.app_pages.calibration import data as calibration
from engine.chain import manifests
from engine.cli.app import demo
from engine.experiments.no_return import USUAL, continuations, steps_to_try
from engine.image.spec import ImageSpec
from engine.image.stored import keep_result
from engine.requests.computing import compute
from engine.reviews.boards import list_boards
from engine.text.spec import TextSpec
from tests.browser.conftest import CHROMIUM, ROOT, serving

TO = ROOT / "docs" / "screenshots"
SHOWN_FIRST = {"unmasking-light", "board-light", "denoising-light"}  # in the README: as they are
ASKED_FOR = {"control", "calibration", "no-return", "img2img"}  # see ``fill``
SIZE = {"width": 1400, "height": 1000}


def fill(store: Store) -> None:
    """What pages show that the demo leaves to be asked for, as their forms ask for it."""
    runs = [manifests.load(store, key.removeprefix("run:")) for key in store.scan("run:")]
    free = TextSpec(length=12, top_k=5, temperature=1.2, seed=0)
    text = next(m for m in runs if m.kind == "text" and m.spec == free.facts())
    controlled = TextSpec(length=10, steps=10, top_k=20, controls=("must:sea", "rhyme:light"))
    compute(
        store,
        [
            controlled.but(control_strength=strength, seed=seed)
            for strength in (0.0, 2.0, 4.0, 8.0, 12.0)
            for seed in range(8)
        ],
    )
    asked = calibration.ask(
        calibration.examples(calibration.BY_HAND), (0.25, 0.5, 0.75),
        ("confidence", "random", "left-to-right"), model="builtin-bert", seed=0,
    )  # fmt: skip
    compute(store, [hidden.spec for each in asked for hidden in each.hidden])
    for at in steps_to_try(text):
        compute(store, continuations(store, text, at, USUAL).specs)
    drawn = [m for m in runs if m.kind == "image" and m.spec.get("init_image") is None]
    picture = next(m for m in drawn if m.spec["guidance"] == 4.0)
    start = {"prompt": "a castle by the sea", "init_image": keep_result(store, picture.run)}
    strengths = (0.3, 0.5, 0.7, 0.9)
    compute(store, [ImageSpec(**start, strength=share, guidance=4.0) for share in strengths])


def addresses(store: Store) -> dict[str, str]:
    """The pages by name, each with a link to runs of the demo."""
    runs = [manifests.load(store, key.removeprefix("run:")) for key in store.scan("run:")]

    def those(kind: str, **spec: object) -> list[str]:
        found = [m for m in runs if m.kind == kind]
        found = [m for m in found if all(m.spec.get(n) == v for n, v in spec.items())]
        return [m.short for m in sorted(found, key=lambda m: int(m.spec["seed"]))]

    filled = next(
        m.short for m in runs if m.kind == "text" and "most" in str(m.spec.get("template"))
    )
    pictures = those("image", guidance=4.0, init_image=None)
    usual = TextSpec(length=12)
    texts = those("text", temperature=1.2, steps=usual.steps, rule=None)[:4]
    sweep = quote("seed=0:4\nguidance=1,4,7.5")
    board = list_boards(store)[0].id[:16]
    return {
        "start": "",
        "library": "library",
        "new-run": "new_run",
        "unmasking": f"text_unmasking?run={filled}&step=3",
        "corruption": "text_corruption",
        "diversity": "text_diversity",
        "control": "text_control",
        "calibration": "calibration",
        "denoising": f"image_denoising?run={pictures[-1]}",
        "guidance": "image_guidance",
        "img2img": "image_img2img",
        "compare": f"compare?runs={','.join(pictures)}",
        "compare-text": f"compare?runs={','.join(texts)}",
        "prompts": "prompts",
        "samplers": "samplers",
        "sweep": f"sweep?kind=image&axes={sweep}",
        "fork": f"fork?run={filled}&at=2",
        "divergence": "divergence?modality=text",
        "no-return": f"no_return?run={texts[0]}",
        "why": f"why?run={pictures[0]}",
        "board": f"board?board={board}",
        "boards": "boards",
        "jobs": "jobs",
        "system": "system",
        "meeting": f"text_unmasking?run={filled}&step=3&meeting=1",
    }


def take(names: list[str], kept: Path | None) -> None:
    """Take the named pages, or all."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as temporary:
        folder = kept or Path(temporary)
        demo(store=folder / "store", if_empty=True, json=False)
        with Store.open(folder / "store", to_read=True) as store:
            wanted = {n: a for n, a in addresses(store).items() if not names or n in names}
        with serving(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            shoot(browser, address, {n: a for n, a in wanted.items() if n not in ASKED_FOR})
            if wanted.keys() & ASKED_FOR:
                with Store.open(folder / "store") as store:
                    fill(store)
                shoot(browser, address, {n: a for n, a in wanted.items() if n in ASKED_FOR})
            browser.close()


def shoot(browser, address: str, wanted: dict[str, str]) -> None:
    """Every page in both themes."""
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
        page = context.new_page()
        page.set_default_timeout(120_000)
        for name, path in wanted.items():
            page.goto(f"{address}/{path}")
            settle(page)
            keep(page.screenshot(), TO / f"{name}-{scheme}.png")
        context.close()


def settle(page) -> None:
    """Wait until the page is drawn and its pictures are there."""
    page.get_by_test_id("stHeading").first.wait_for()
    for _ in range(3):
        page.wait_for_selector('[data-testid=stApp][data-test-script-state="notRunning"]')
        page.wait_for_timeout(900)


def keep(png: bytes, to: Path) -> None:
    """Write a picture, most in 256 colours: half a hundred of them come along with every clone."""
    with Image.open(io.BytesIO(png)) as opened:
        if to.stem in SHOWN_FIRST:
            opened.convert("RGB").save(to, optimize=True)
            print(to.relative_to(ROOT), to.stat().st_size)
            return
        few = opened.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        few.save(to, optimize=True)
    print(to.relative_to(ROOT), to.stat().st_size)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*")
    asked.add_argument("--folder", type=Path)
    options = asked.parse_args()
    take(options.names, options.folder)
