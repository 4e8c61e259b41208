"""The rows of a table, read from a database file page by page when sqlite will not read it.

Only leaf pages of tables are looked at, wherever they lie, so neither a spoilt header nor spoilt
inner pages matter (https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1). A page that
was given up may still hold rows that were deleted; whoever asks has to know what is whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

Value = None | int | float | str | bytes

LEAF = 0x0D  # a page of a table's rows
USUAL_PAGE = 4096
HEADER_BYTES = 100
LONGEST_ROW = 2**20
INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # serial type -> bytes


def rows_of(database: Path) -> Iterator[tuple[Value, ...]]:
    """Every row that any leaf page holds, its rowid first; rows that make no sense are left out."""
    with database.open("rb") as file:
        size = _page_bytes(file.read(HEADER_BYTES))
        count = database.stat().st_size // size
        for number in range(2, count + 1):  # the first holds the schema
            file.seek((number - 1) * size)
            page = file.read(size)
            if len(page) == size and page[0] == LEAF:
                yield from _rows_on(page, lambda n: _page(file, n, size, count))


def _page(file: object, number: int, size: int, count: int) -> bytes:
    if not 1 <= number <= count:
        raise ValueError(f"no page {number}")
    file.seek((number - 1) * size)  # type: ignore[attr-defined]
    page: bytes = file.read(size)  # type: ignore[attr-defined]
    return page


def _page_bytes(header: bytes) -> int:
    stated = int.from_bytes(header[16:18], "big")
    size = 65536 if stated == 1 else stated
    whole = header[:15] == b"SQLite format 3" and 512 <= size <= 65536 and not size & (size - 1)
    return size if whole else USUAL_PAGE


def _rows_on(page: bytes, page_of: object) -> Iterator[tuple[Value, ...]]:
    cells = int.from_bytes(page[3:5], "big")
    for cell in range(min(cells, (len(page) - 8) // 2)):
        try:
            (at,) = struct.unpack_from(">H", page, 8 + 2 * cell)
            yield _row(page, at, page_of)
        except (struct.error, ValueError, IndexError):
            continue


def _row(page: bytes, at: int, page_of: object) -> tuple[Value, ...]:
    length, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if length > LONGEST_ROW:
        raise ValueError("no row")
    local = _local_bytes(length, len(page))
    parts = [page[at : at + local]]
    missing = length - local
    following = struct.unpack_from(">I", page, at + local)[0] if missing else 0
    while missing > 0:
        more = page_of(following)  # type: ignore[operator]
        (following,) = struct.unpack_from(">I", more, 0)
        parts.append(more[4 : 4 + missing])
        missing -= len(parts[-1])
    return (rowid, *_values(b"".join(parts)))


def _local_bytes(length: int, usable: int) -> int:
    """How much of a row stands on its own page; the rest is on pages that follow one another."""
    if length <= usable - 35:
        return length
    least = (usable - 12) * 32 // 255 - 23
    best = least + (length - least) % (usable - 4)
    return best if best <= usable - 35 else least


def _values(record: bytes) -> Iterator[Value]:
    head, at = _varint(record, 0)
    body = head
    while at < head:
        kind, at = _varint(record, at)
        if kind in INTEGERS:
            width = INTEGERS[kind]
            yield int.from_bytes(record[body : body + width], "big", signed=True)
        elif kind == 7:
            width = 8
            yield float(struct.unpack_from(">d", record, body)[0])
        elif kind in (0, 8, 9):
            width = 0
            yield None if kind == 0 else kind - 8
        elif kind >= 12:
            width = (kind - 12) // 2
            data = record[body : body + width]
            yield data.decode() if kind % 2 else data
        else:
            raise ValueError("no serial type")
        body += width


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | data[at + 8], at + 9
