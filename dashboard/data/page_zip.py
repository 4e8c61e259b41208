"""A page as one zip: every figure in every form, its data, and where it all comes from."""

from __future__ import annotations

import io
import json
import platform
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from urllib.parse import urlencode

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from cache.errors import RenderError
from dashboard.data import render
from dashboard.data.export import figure_html, file_stem, table_csv
from dashboard.data.page_index import page_index
from engine.chain.records import Manifest

SCRIPT = "plotly.min.js"
PICTURES: tuple[render.Format, ...] = ("png", "svg")
PACKAGES = ("streamlit", "plotly", "torch", "transformers", "diffusers", "numpy", "pandas")
SHOWN = 200  # characters of a value in the list of runs


@dataclass(frozen=True, slots=True, eq=False)
class ShownFigure:
    """What draws a figure as the page showed it, and what gives its data."""

    draw: Callable[[], go.Figure]
    data: Callable[[], pd.DataFrame] | None


@dataclass(slots=True, eq=False)
class PageRecord:
    """What one run of a page has shown so far: figures by name, runs by id."""

    figures: dict[str, ShownFigure] = field(default_factory=dict)
    runs: dict[str, Manifest] = field(default_factory=dict)


def page_zip(title: str, url: str, state: Mapping[str, str], page: PageRecord) -> bytes:
    """HTML, PNG, SVG and CSV of every figure, an index.html that shows them, a README.md.

    ``url`` and ``state`` say how to open the page again. What could not be drawn is named in the
    README instead.
    """
    out = io.BytesIO()
    drawable = render.browser() is not None
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        troubles = [] if drawable else [render.MISSING]
        lines, indexed = [], {}
        for name, shown in page.figures.items():
            stem = file_stem(name)
            figure = shown.draw()
            files = _figure_files(stem, name, figure, troubles, drawable=drawable)
            if shown.data is not None:
                files[f"{stem}.csv"] = table_csv(shown.data())
            for file, data in files.items():
                archive.writestr(file, data)
            indexed[stem] = (figure.layout.height, list(files))
            lines.append(f"- `{stem}`: {', '.join(f'`{file}`' for file in files)}")
        if page.figures:
            archive.writestr(SCRIPT, get_plotlyjs())
        made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
        archive.writestr("index.html", page_index(title, made, indexed))
        runs = [_run_facts(manifest) for manifest in page.runs.values()]
        archive.writestr("runs.json", json.dumps(runs, ensure_ascii=False, indent=1))
        readme = _readme(title, made, url, state, lines, list(page.runs.values()), troubles)
        archive.writestr("README.md", readme)
    return out.getvalue()


def approximations(runs: Sequence[Manifest]) -> list[str]:
    """What is not exact in some runs, or may not be in their figures."""
    lines = []
    specs = [manifest.spec for manifest in runs]
    if any(manifest.kind == "image" for manifest in runs):
        lines.append(
            "Pictures of steps that were never decoded are linear previews of the latents: "
            "blurred, and only about right in colour. The page says which is which."
        )
    for name in sorted({str(spec.get("accelerator", "none")) for spec in specs} - {"none"}):
        lines.append(f"The accelerator {name} changes results: these are not the plain sampler's.")
    if any(spec.get("precision") == "float16" for spec in specs):
        lines.append("float16: another device may give slightly other results.")
    if any(spec.get("exact") is False for spec in specs):
        lines.append(
            "Runs were computed in batches: the last digits may differ from a batch of one "
            "(about 4e-5 on a CPU)."
        )
    if any(spec.get("model") in ("builtin-bert", "builtin-sd", "builtin-clip") for spec in specs):
        lines.append(
            "The built-in models are small and were trained for Stepscope on a small world; they "
            "show how sampling works, not what the large models can do."
        )
    return lines


def _figure_files(
    stem: str, name: str, figure: go.Figure, troubles: list[str], *, drawable: bool
) -> dict[str, bytes]:
    files = {f"{stem}.html": figure_html(figure, name=name, script="directory")}
    for kind in PICTURES if drawable else ():
        try:
            files[f"{stem}.{kind}"] = render.render(figure, kind)
        except RenderError as error:
            troubles.append(f"{stem}.{kind}: {error}")
    return files


def _readme(
    title: str,
    made: str,
    url: str,
    state: Mapping[str, str],
    figures: Sequence[str],
    runs: Sequence[Manifest],
    troubles: Sequence[str],
) -> str:
    query = f"?{urlencode(dict(state))}" if state else ""
    parts = [
        f"# {title}",
        f"A page of Stepscope as it was shown on {made}. To open it again where its runs are:",
        f"    {url.partition('?')[0]}{query}",
        "## Figures\n\n" + ("\n".join(figures) or "None was shown."),
        "Open `index.html` to see them all. "
        f"The HTML files need `{SCRIPT}` beside them, and no network. CSV cells of text that a "
        "spreadsheet would read as a formula begin with an apostrophe.",
        "## Runs\n\n" + ("\n".join(map(_run_line, runs)) or "No run of the store was shown."),
        "`runs.json` has their whole specs. A run's id is the hash of its spec and of every step's "
        "key; equal ids are equal runs.",
    ]
    if lines := approximations(runs):
        parts.append("## What is approximate\n\n" + "\n".join(f"- {each}" for each in lines))
    if troubles:
        parts.append("## What is missing\n\n" + "\n".join(f"- {_inline(t)}" for t in troubles))
    listed = [f"python {platform.python_version()}"] + [f"{p} {version(p)}" for p in PACKAGES]
    parts.append("## Versions\n\n" + "\n".join(f"- {each}" for each in listed))
    return "\n\n".join(parts) + "\n"


def _run_line(manifest: Manifest) -> str:
    spec = {k: v for k, v in manifest.spec.items() if v is not None and k not in ("kind", "model")}
    facts = ", ".join(f"{name} {_inline(str(value))}" for name, value in spec.items())
    return (
        f"- `{manifest.run}`\n  {manifest.kind}, {_inline(manifest.model)}, "
        f"fingerprint `{manifest.fingerprint[:12]}`: {facts}"
    )


def _run_facts(manifest: Manifest) -> dict[str, object]:
    return {
        "run": manifest.run,
        "kind": manifest.kind,
        "model": manifest.model,
        "fingerprint": manifest.fingerprint,
        "parent": manifest.parent,
        "spec": dict(manifest.spec),
    }


def _inline(text: str) -> str:
    """A value as code in Markdown: nothing in it is markup, and nothing ends the line."""
    plain = " ".join(text.split()).replace("`", "'") or "(empty)"
    return f"`{plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + '…'}`"
