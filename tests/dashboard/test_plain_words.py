"""Words of models, people and links never reach Markdown: every page's source is read for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.ui.plain import escaped

DASHBOARD = Path(__file__).parents[2] / "dashboard"
# calls whose first argument Streamlit reads as Markdown, and ours that hand it on
SPEAKING = frozenset(
    "markdown caption write warning info error success toast title header subheader badge metric "
    "button checkbox toggle radio selectbox multiselect segmented_control pills slider "
    "select_slider text_input text_area number_input file_uploader download_button link_button "
    "form_submit_button page_link popover expander tabs spinner status dialog feedback "
    "date_input page_head offer_file url_choice url_slider say_trouble".split()
)
NAMED = frozenset("label axis_label help hint caption body more nothing".split())
NOT_MARKDOWN = frozenset(("code", "text", "render", "asked_for", "find"))  # calls
NUMBERS = frozenset("len sum int round float bounds size duration".split())
# functions that put together words of our own and numbers
OURS = frozenset(
    "meaning_of plan_line size_line calls_line how_long _frames_line _many capitalize title "
    "join get".split()
)
PASSED_ON = frozenset(  # parameters: callers are checked
    "label axis_label hint what nothing headline lesson".split()
)


def _files() -> list[Path]:
    return sorted(p for room in ("ui", "app_pages") for p in (DASHBOARD / room).rglob("*.py"))


@pytest.mark.parametrize("path", _files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_not_our_own_is_escaped_before_markdown(path):
    assert list(unescaped(path)) == []


@pytest.mark.parametrize("path", _files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_table_that_is_shown_has_no_formula_to_download(path):
    tree = ast.parse(path.read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _called(node.value) == "inert"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in calls:
        if _name(call) in ("dataframe", "data_editor"):
            shown = call.args[0]
            assert _called(shown) == "inert" or getattr(shown, "id", None) in made


def _called(node: ast.expr) -> str:
    return _name(node) if isinstance(node, ast.Call) else ""


@pytest.mark.parametrize(
    "line",
    [
        'st.caption(f"reveals {token}")',
        "st.warning(str(error))",
        'st.markdown("reveals " + token)',
        'st.button("go", help=note)',
        'column.metric("Model", model)',
        "st.tabs([prompt])",
        'word = run.prompt\nst.info(f"{word} is there")',
    ],
)
def test_a_value_that_is_not_escaped_is_found(tmp_path, line):
    page = tmp_path / "page.py"
    page.write_text(line)
    assert len(list(unescaped(page))) == 1


def test_what_is_escaped_is_only_its_own_characters():
    hostile = "![x](http://h/x.png) [a](http://h) $x$ `b` <b> *c* :smile: :red[d] a@b.c www.h.org"
    plain = escaped(hostile)
    for mark in "`*[]$":
        assert all(plain[i - 1] == "\\" for i, c in enumerate(plain) if c == mark)
    assert "://" not in plain.replace("\\", "")
    assert "www." not in plain.replace("\\", "")
    assert escaped("two\nlines") == "two lines"
    assert escaped("seed 7") == "seed 7"


def unescaped(path: Path) -> Iterator[str]:
    """Every place of a file where a value that may not be our own is handed to Markdown."""
    tree = ast.parse(path.read_text())
    for scope in _scopes(tree):
        known = _assigned(scope)
        for call in _calls(scope):
            for said in _said(call):
                if not _safe(said, known):
                    yield f"{path.name}:{said.lineno} {ast.unparse(said)[:90]}"


def _scopes(tree: ast.Module) -> list[ast.AST]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [tree, *(node for node in ast.walk(tree) if isinstance(node, functions))]


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own(child)


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    for node in _own(scope):
        if isinstance(node, ast.Call):
            yield node


def _said(call: ast.Call) -> list[ast.expr]:
    name = _name(call)
    if name in NOT_MARKDOWN:
        return []
    spoken = [word.value for word in call.keywords if word.arg in NAMED]
    if name in SPEAKING:
        spoken += [word.value for word in call.keywords if word.arg == "text"]
        spoken += call.args if name in ("metric", "write") else call.args[:1]
    return spoken


def _assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name of a scope is ever made of."""
    values: dict[str, list[ast.expr]] = {}
    for node in _own(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    return values


def _safe(node: ast.expr, known: dict[str, list[ast.expr]]) -> bool:
    """Whether an expression is words of our own, numbers, or escaped."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.JoinedStr | ast.List | ast.Tuple):
        return all(_safe(p, known) for p in getattr(node, "values", getattr(node, "elts", ())))
    if isinstance(node, ast.FormattedValue):
        spec = ast.unparse(node.format_spec)[2:-1] if node.format_spec is not None else ""
        return (spec[-1:] in tuple("gfde%,") and bool(spec)) or _safe(node.value, known)
    if isinstance(node, ast.BinOp):
        return _safe(node.left, known) and _safe(node.right, known)
    if isinstance(node, ast.BoolOp):
        return all(_safe(value, known) for value in node.values)
    if isinstance(node, ast.IfExp):
        return _safe(node.body, known) and _safe(node.orelse, known)
    if isinstance(node, ast.Name):
        made = known.get(node.id, ())
        ours = node.id.isupper() or (node.id in PASSED_ON and not made)
        return ours or (bool(made) and all(_safe(m, {**known, node.id: []}) for m in made))
    if isinstance(node, ast.Attribute):
        return node.attr.isupper()
    if isinstance(node, ast.Subscript):
        return _safe(node.value, known)
    if isinstance(node, ast.Call):
        name = _name(node)
        if name in ("join", "get", "capitalize"):
            parts = [*node.args, *([node.func.value] if name != "join" else [])]
            return all(_safe(part, known) for part in parts if not isinstance(part, ast.BoolOp))
        return name == "escaped" or name in NUMBERS | OURS
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return _safe(node.elt, known)
    return False


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
