"""What reading something well framed and wrongly made may raise, and how it is told. No torch.

The store's checksums tell bytes that were changed. Bytes that were stored as they are and do not
hold what their key promises (a later version's, a stranger's, a mistake's) show only when they
are read; whoever reads them hears of one kind of error, that names the entry.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from cache.errors import PayloadDamaged, PayloadError, StepscopeError

A_STEP = "a stored step"
# what reading a payload of another shape may raise, PNGs included
Malformed = (
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    OSError,
    SyntaxError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    PayloadError,
)


@contextmanager
def read_as(key: str) -> Iterator[None]:
    """Read an entry: what comes of a wrongly made one is PayloadDamaged, naming its key.

    A payload that is read without its key is read as A_STEP; whoever knows the key names it.
    """
    try:
        yield
    except PayloadDamaged as error:
        if error.key != A_STEP:
            raise
        raise PayloadDamaged(key, error.reason) from error
    except StepscopeError:
        raise
    except Malformed as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise PayloadDamaged(key, reason[:200] or type(error).__name__) from error
