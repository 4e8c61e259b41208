import inspect
from pathlib import Path

import pytest

from cache import errors
from cache.errors import StepscopeError

CLASSES = {
    found.__name__: found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if found.__module__ == errors.__name__
}


def drawn():
    """name -> parent, as the module's docstring draws the tree."""
    parents, path = {}, []
    for line in errors.__doc__.splitlines():
        words = line.replace("│", " ").replace("├──", "   ").replace("└──", "   ")
        name = words.split()[0] if words.split() else ""
        if name not in CLASSES:
            continue
        depth = (len(words) - len(words.lstrip())) // 4
        path[depth:] = [name]
        parents[name] = path[-2] if depth else None
    return parents


def test_the_drawing_is_the_tree():
    tree = {
        name: found.__bases__[0].__name__ if found is not StepscopeError else None
        for name, found in CLASSES.items()
    }
    assert drawn() == tree


@pytest.mark.parametrize("found", CLASSES.values(), ids=list(CLASSES))
def test_each_has_one_line_that_says_what_it_is(found):
    assert issubclass(found, StepscopeError)
    assert found.__doc__.strip().endswith(".")
    assert "\n" not in found.__doc__.strip()


def test_bad_input_is_a_value_error():
    assert issubclass(errors.InvalidInput, ValueError)


def test_messages_name_the_folder_or_the_key():
    folder = Path("somewhere")
    assert "somewhere" in str(errors.StoreUnavailable(folder, "no"))
    assert "somewhere" in str(errors.StoreFull(folder, "no"))
    assert "step:1" in str(errors.PayloadDamaged("step:1"))
    assert "step:1" in str(errors.MissingFromStore("step:1"))
