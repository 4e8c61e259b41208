"""Words of models and people never reach Markdown: what a page says is checked in its source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

DASHBOARD = Path(__file__).parents[2] / "dashboard"
# what Streamlit reads as Markdown: the text itself, a widget's label, a hint, a caption
SPEAKING = frozenset(
    "markdown caption write warning info error success toast title header subheader badge metric "
    "button checkbox toggle radio selectbox multiselect segmented_control pills slider "
    "select_slider text_input text_area number_input file_uploader download_button link_button "
    "form_submit_button page_link popover expander tabs spinner status progress image dialog "
    "feedback date_input camera_input data_editor color_picker pagination".split()
)
NAMED = frozenset("label help caption text body placeholder".split())
READ = frozenset("label help caption text".split())
OPTIONS_ARE_MARKDOWN = frozenset(("segmented_control", "pills", "radio"))
COUNTING = frozenset("escaped len sum int round float max min".split())


def files() -> list[Path]:
    return sorted(p for room in ("ui", "app_pages") for p in (DASHBOARD / room).glob("*.py"))


def untold(path: Path) -> list[str]:
    """Every place of a file where a value that is not escaped is handed to Markdown."""
    tree = ast.parse(path.read_text())
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr not in SPEAKING or not _of_streamlit(call.func.value):
            continue
        said = list(call.args[:1]) + [k.value for k in call.keywords if k.arg in READ]
        if call.func.attr == "metric":
            said += call.args[1:3] + [k.value for k in call.keywords if k.arg in ("value", "delta")]
        if call.func.attr == "write":
            said = list(call.args)
        found += [f"{path.name}:{s.lineno} {call.func.attr}: {ast.unparse(s)[:100]}"
                  for s in said if not safe(s)]
    return found


def _of_streamlit(value: ast.expr) -> bool:
    return True


def safe(node: ast.expr) -> bool:
    """Whether an expression is our own words, numbers, or escaped."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.JoinedStr):
        return all(safe(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        if node.format_spec is not None:
            spec = ast.unparse(node.format_spec)
            if spec.strip("f'\"")[-1:] in "gfd%,e":
                return True
        return safe(node.value)
    if isinstance(node, ast.BinOp):
        return safe(node.left) and safe(node.right)
    if isinstance(node, ast.IfExp):
        return safe(node.body) and safe(node.orelse)
    if isinstance(node, ast.BoolOp):
        return all(safe(v) for v in node.values)
    if isinstance(node, ast.Name):
        return node.id.isupper()
    if isinstance(node, ast.Attribute):
        return node.attr.isupper()
    if isinstance(node, ast.Subscript):
        return safe(node.value)
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return name in COUNTING
    return False


if __name__ == "__main__":
    for p in files():
        for line in untold(p):
            print(line)
