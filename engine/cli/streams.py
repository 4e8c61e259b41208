"""stdout and stderr, whatever they lead to: an ASCII terminal, a full disk, a pipe. No torch.

What was computed is in the store by the time it is told; telling it must not end in a traceback.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, TypeVar, cast

MOST_TOLD = 1000  # characters of an error, which may quote what was typed
Answer = TypeVar("Answer")


def escape_unprintable() -> None:
    """From now on what a stream's encoding lacks is written as escapes, such as ``\\u6211``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_json(document: Any) -> None:
    """One JSON document on stdout, whole or not at all.

    Plain ASCII where stdout is not UTF-8. Raises ValueError for NaN and infinities, which no JSON
    reader takes, and OSError where stdout cannot be written.
    """
    stream = _open(sys.stdout)
    in_utf8 = (stream.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(document, ensure_ascii=not in_utf8, allow_nan=False)
    stream.write(text + "\n")
    stream.flush()


def tell_error(line: str) -> None:
    """One line on stderr, where there is one."""
    text = " ".join(part.strip() for part in line.splitlines() if part.strip())
    text = text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}..."
    with suppress(OSError, ValueError):
        print(f"error: {text}", file=_open(sys.stderr), flush=True)


class StreamClosed(OSError):
    """There is no stream to write to."""

    def __init__(self) -> None:
        super().__init__("it is closed")


class Watched:
    """A stream that remembers what went wrong when it was written to."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.lost: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write, or raise the stream's OSError."""
        return self._watch(lambda: self.stream.write(text))

    def flush(self) -> None:
        """Flush, or raise the stream's OSError."""
        self._watch(self.stream.flush)

    def _watch(self, act: Callable[[], Answer]) -> Answer:
        try:
            return act()
        except OSError as error:
            self.lost = error
            raise


class Forgiving(Watched):
    """A stream for what is said on the way: that it cannot be said stops no work."""

    def write(self, text: str) -> int:
        """Write, where that can be done."""
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, where that can be done."""
        with suppress(OSError):
            super().flush()


@contextmanager
def watched_streams() -> Iterator[Watched | None]:
    """stdout while it is watched, flushed at the end; None where there is none.

    stderr is forgiven what it cannot take. Streams that cannot be written are put aside, so that
    nothing stumbles over them again.
    """
    out, err = sys.stdout, sys.stderr
    watched = None if out is None else Watched(out)
    forgiving = None if err is None else Forgiving(err)
    sys.stdout, sys.stderr = cast(TextIO, watched), cast(TextIO, forgiving)
    try:
        yield watched
    finally:
        for each in (watched, forgiving):
            if each is not None:
                with suppress(OSError, ValueError):
                    each.flush()
                if each.lost is not None:
                    _put_aside(each.stream)
        sys.stdout, sys.stderr = out, err


def _open(stream: TextIO | None) -> TextIO:
    if stream is None:
        raise StreamClosed
    return stream


def _put_aside(stream: TextIO) -> None:
    """What is left in a stream's buffer would be tried again, and complained of, at the exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()
