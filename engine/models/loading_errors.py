"""One net under every loader: whatever a library raises over a model's files is one clear line.

Loaders of weights, configs and tokenizers raise what they like: SafetensorError, ImportError,
AttributeError, KeyError, OverflowError, UnpicklingError, errors of dataclasses and pydantic. All
of it says the same: these files cannot be used, and the person has to know which.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from cache.errors import ModelDamaged, StepscopeError
from engine.models.weight_files import damaged_file

MOST = 400  # characters of a library's own words
OF_THE_MACHINE = ("OutOfMemoryError", "AcceleratorError")  # torch's; they say nothing of the files


@contextmanager
def damage_named(name: str, folder: Path, *, what: str = "will not load") -> Iterator[None]:
    """Raise ModelDamaged, naming the file where it can be told, for any error while loading.

    ``with damage_named(model.name, model.folder): ...from_pretrained(...)``. Errors of
    Stepscope's own pass through, and so does a lack of memory.
    """
    try:
        yield
    except (StepscopeError, MemoryError):
        raise
    except Exception as error:
        if type(error).__name__ in OF_THE_MACHINE:
            raise
        place = name if name == str(folder) else f"{name} in {folder}"
        raise ModelDamaged(f"{place} {what}: {_why(error, folder)}") from error


def _why(error: Exception, folder: Path) -> str:
    if isinstance(error, PackageNotFoundError):
        return f"it needs the package {error.name}"
    return damaged_file(folder) or one_line(error)


def one_line(error: BaseException) -> str:
    """What an error says, on one line and not too long, with its type where that tells more."""
    words = " ".join(str(error).split())
    if len(words) > MOST:
        words = words[:MOST] + "..."
    plain = isinstance(error, OSError | ValueError | RuntimeError) and words
    return words if plain else f"{type(error).__name__}: {words}".removesuffix(": ")
