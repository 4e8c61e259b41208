"""The plainest zip there is: nothing compressed, nothing hidden, equal bytes for equal files.

What is read is the one layout that is written, to the byte: files stored as they are, one after
the other, then their table, then the end. So no file is larger than it looks, and none can
overlap another, hide between others or lead out of the archive.
"""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from cache.errors import CapsuleRefused

MOST_BYTES = 2**32 - 1  # of the whole: beyond that begins zip64, which is not read
MOST_ENTRIES = 50_000
MOST_ENTRY_BYTES = 128 * 2**20

LONGEST_NAME = 100
LONG_AGO = (1980, 1, 1, 0, 0, 0)
END = struct.Struct("<4s4H2LH")  # the last 22 bytes of a zip without a comment
LOCAL = struct.Struct("<4s5H3L2H")  # what stands before an entry's name
CENTRAL_BYTES = 46  # of an entry in the archive's table, its name not counted


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of one file of the archive are."""

    name: str
    begins_at: int  # byte of the file at which its header begins
    size_bytes: int


def layout(source: BinaryIO, *, is_name: Callable[[str], bool]) -> dict[str, Place]:
    """Where every file of an archive is, by name, after all of its own tables were checked.

    Raises CapsuleRefused.
    """
    count, offset = _end_record(source)
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise CapsuleRefused("the file", f"is no zip that can be read: {error}") from error
    if len(entries) != count:
        raise CapsuleRefused("the file", f"says it has {count} entries and has {len(entries)}")
    places: dict[str, Place] = {}
    at = 0
    for info in entries:
        _check_entry(info, is_name)
        if info.filename in places:
            raise CapsuleRefused(info.filename, "is there twice")
        if info.header_offset != at:
            raise CapsuleRefused(info.filename, f"begins at byte {info.header_offset}, not {at}")
        places[info.filename] = Place(info.filename, at, info.file_size)
        at += LOCAL.size + len(info.filename) + info.file_size
    if at != offset:
        raise CapsuleRefused("the file", f"holds {offset - at} bytes that belong to no entry")
    return places


def _end_record(source: BinaryIO) -> tuple[int, int]:
    """(entries, where their table begins) by the file's last 22 bytes, before any table is read."""
    size = source.seek(0, 2)
    if size > MOST_BYTES:
        raise CapsuleRefused("the file", f"must be at most {MOST_BYTES} bytes, got {size}")
    if size < END.size:
        raise CapsuleRefused("the file", f"is no zip: it has only {size} bytes")
    source.seek(size - END.size)
    magic, *disks, count, table_bytes, offset, comment = END.unpack(source.read(END.size))
    if magic != b"PK\x05\x06" or comment:
        raise CapsuleRefused("the file", "is no zip, was cut short, or has something behind it")
    if count > MOST_ENTRIES:
        raise CapsuleRefused("the file", f"must have at most {MOST_ENTRIES} entries, got {count}+")
    if disks != [0, 0, count] or offset + table_bytes + END.size != size:
        raise CapsuleRefused("the file", "has a table of entries that is not where it should be")
    if table_bytes > count * (CENTRAL_BYTES + LONGEST_NAME):
        raise CapsuleRefused("the file", f"has a table of {table_bytes} bytes for {count} entries")
    return count, offset


def bytes_at(source: BinaryIO, place: Place) -> bytes:
    """The bytes of a file that ``layout`` let through; its own header must say the same."""
    name = place.name.encode()
    source.seek(place.begins_at)
    header = LOCAL.unpack(source.read(LOCAL.size).ljust(LOCAL.size, b"\0"))
    plain = (b"PK\x03\x04", 0, zipfile.ZIP_STORED, place.size_bytes, place.size_bytes)
    if header[:1] + header[2:4] + header[7:9] != plain or header[9:] != (len(name), 0):
        raise CapsuleRefused(place.name, "has a header that differs from the archive's table")
    if source.read(len(name)) != name:
        raise CapsuleRefused(place.name, "has another name in its own header")
    data = source.read(place.size_bytes)
    if len(data) != place.size_bytes:
        raise CapsuleRefused(place.name, f"must have {place.size_bytes} bytes, got {len(data)}")
    return data


def zip_info(name: str) -> zipfile.ZipInfo:
    """An entry that says nothing of when and where it was made."""
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _check_entry(info: zipfile.ZipInfo, is_name: Callable[[str], bool]) -> None:
    name = info.filename
    if info.orig_filename != name or not is_name(name):
        raise CapsuleRefused(repr(info.orig_filename[:120]), "is no name of a capsule's entry")
    if info.flag_bits:
        raise CapsuleRefused(name, f"has flags {info.flag_bits:#x}: encrypted or not plainly named")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise CapsuleRefused(name, "is a link or a special file")
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        sizes = f"{info.compress_size} bytes would become {info.file_size}"
        raise CapsuleRefused(name, f"is compressed, and a capsule's entries never are: {sizes}")
    if info.extra or info.comment:
        raise CapsuleRefused(name, "carries extra fields or a comment")
    if info.file_size > MOST_ENTRY_BYTES:
        got = f"must be at most {MOST_ENTRY_BYTES} bytes, got {info.file_size}"
        raise CapsuleRefused(name, got)
