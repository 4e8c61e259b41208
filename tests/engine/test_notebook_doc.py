"""docs/notebook.ipynb is true: its cells run in order on a fresh store and say what it shows."""

import ast
import json
from pathlib import Path

import pandas as pd

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def run_cell(source, namespace):
    """The value of a cell's last expression; None where it ends in a statement."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), namespace)


def test_the_notebook_says_what_its_cells_give():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], NOTEBOOK.stat().st_size < 400_000) == (4, True)
    namespace, told, frames, drawn = {}, 0, 0, 0
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        value = run_cell("".join(cell["source"]), namespace)
        if value is None:
            assert cell["outputs"] == []
            continue
        shown = cell["outputs"][0]["data"]
        plain = "".join(shown.get("text/plain", []))
        if isinstance(value, pd.DataFrame):
            header, *rows = plain.splitlines()
            assert (header.split(), len(rows)) == (list(value.columns), len(value))
            frames += 1
        elif isinstance(value, str | list | tuple):
            assert plain == repr(value)
            told += 1
        else:
            assert "image/png" in shown or "application/vnd.plotly.v1+json" in shown
            drawn += 1
    assert (told >= 3, frames >= 2, drawn >= 2) == (True, True, True)
