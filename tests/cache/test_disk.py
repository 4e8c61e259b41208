"""A pickle planted anywhere in the database is never executed, a planted path never followed."""

import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from diskcache import Cache, Disk

from cache.disk import MAGIC, SafeDisk, frame, is_value_file, unframe
from cache.errors import InvalidInput, PayloadDamaged, PayloadError, PickleRefused
from tests.cache.entries import BIG, database, name, payload


class LeavesATrace:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@pytest.fixture
def trace(tmp_path):
    return tmp_path / "executed"


@pytest.fixture
def planted(trace):
    return pickle.dumps(LeavesATrace(str(trace)))


@pytest.fixture
def cache(tmp_path):
    with Cache(str(tmp_path / "c"), disk=SafeDisk, disk_min_file_size=500) as opened:
        yield opened


def behind(cache, statement, *values):
    with closing(sqlite3.connect(Path(cache.directory) / "cache.db")) as opened, opened:
        return opened.execute(statement, values).fetchall()


SMALL, LARGE = frame("k", b"x"), frame("k", b"x" * 1000)


def the_file(cache):
    ((found,),) = behind(cache, "SELECT filename FROM Cache")
    return Path(cache.directory) / found


def test_the_plant_works_on_the_plain_disk(tmp_path, planted, trace):
    with Cache(str(tmp_path / "plain"), disk=Disk) as plain:
        plain["k"] = b"x"
        behind(plain, "UPDATE Cache SET mode = 4, value = ?", planted)
        plain["k"]
    assert trace.exists()


@pytest.mark.parametrize("value", [SMALL, LARGE])
def test_frames_round_trip(cache, value):
    cache["k"] = value
    assert cache["k"] == value
    assert len(list(Path(cache.directory).glob("??/*.val"))) == (value is LARGE)
    assert list(cache) == ["k"]


def test_the_size_of_a_row_is_that_of_its_value(cache):
    for key, value in (("small", SMALL), ("large", LARGE)):
        cache[key] = value
    assert behind(cache, "SELECT size FROM Cache ORDER BY size") == [(len(SMALL),), (len(LARGE),)]


@pytest.mark.parametrize("value", [b"no frame", None, True, 1, 0.5, "text", [1], object()])
def test_other_values_are_refused(cache, value):
    with pytest.raises(InvalidInput, match="a value must be a frame"):
        cache["k"] = value
    assert len(cache) == 0


def test_open_files_are_refused_both_ways(cache, tmp_path):
    (tmp_path / "f").write_bytes(SMALL)
    with (tmp_path / "f").open("rb") as file, pytest.raises(InvalidInput, match="a frame"):
        cache.set("k", file, read=True)
    cache["k"] = LARGE
    with pytest.raises(InvalidInput, match="read whole"):
        cache.get("k", read=True)


@pytest.mark.parametrize("key", [b"k", 1, 1.5, ("a",), None, "", "k" * 201, type("S", (str,), {})])
def test_other_keys_are_refused(cache, key):
    with pytest.raises(InvalidInput, match="a key must be text"):
        cache[key] = SMALL


def test_a_row_marked_as_pickled_is_not_unpickled(cache, planted, trace):
    cache["k"] = SMALL
    behind(cache, "UPDATE Cache SET mode = 4, value = ?", planted)
    with pytest.raises(PickleRefused):
        cache["k"]
    assert not trace.exists()


def test_a_value_file_marked_as_pickled_is_not_unpickled(cache, planted, trace):
    cache["k"] = LARGE
    the_file(cache).write_bytes(planted)
    behind(cache, "UPDATE Cache SET mode = 4")
    with pytest.raises(PickleRefused):
        cache["k"]
    assert not trace.exists()


def test_a_pickled_key_is_not_unpickled_on_iteration(cache, planted, trace):
    behind(cache, "INSERT INTO Cache (key, raw, mode, value) VALUES (?, 0, 1, ?)", planted, SMALL)
    for look in (list, lambda c: list(c.iterkeys()), lambda c: c.peekitem()):
        with pytest.raises(PickleRefused):
            look(cache)
    assert not trace.exists()


@pytest.mark.parametrize("floats", [10, BIG])
def test_a_pickle_in_place_of_a_stored_payload_is_not_unpickled(store, planted, trace, floats):
    store.put(name(1), payload(1, floats))
    with database(store) as rows:
        ((file,),) = rows.execute("SELECT filename FROM Cache").fetchall()
        if file is None:
            rows.execute("UPDATE Cache SET value = ?", [planted])
        else:
            (store.folder / "entries" / file).write_bytes(planted)
    with pytest.raises(PickleRefused, match=name(1)):
        store.get(name(1))
    with database(store) as rows:
        rows.execute("UPDATE Cache SET mode = 4")
    with pytest.raises(PickleRefused, match=name(1)):
        store.get(name(1))
    assert not trace.exists()


@pytest.mark.parametrize("mode", [0, 3, 5, None])
def test_other_modes_are_refused(cache, mode):
    cache["k"] = SMALL
    behind(cache, "UPDATE Cache SET mode = ?", mode)
    with pytest.raises(PayloadError):
        cache["k"]


@pytest.mark.parametrize("value", ["text", 7, 0.5, None])
def test_a_value_of_another_type_is_refused(cache, value):
    cache["k"] = SMALL
    behind(cache, "UPDATE Cache SET value = ?", value)
    with pytest.raises(PayloadError):
        cache["k"]


@pytest.mark.parametrize(
    "path",
    ["../secret", "/etc/passwd", "aa/../../secret", "secret", "aa/" + "0" * 30 + ".val\n", 7],
)
def test_a_planted_path_is_neither_read_nor_removed(cache, tmp_path, path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"keep me")
    cache["k"] = LARGE
    behind(cache, "UPDATE Cache SET filename = ?", path)
    with pytest.raises(PayloadError, match="no value file"):
        cache["k"]
    del cache["k"]
    assert secret.read_bytes() == b"keep me"
    assert Path("/etc/passwd").exists()


def test_a_link_is_not_followed(cache, tmp_path):
    (tmp_path / "secret").write_bytes(LARGE)
    cache["k"] = LARGE
    file = the_file(cache)
    file.unlink()
    file.symlink_to(tmp_path / "secret")
    with pytest.raises(PayloadError, match="a link"):
        cache["k"]
    del cache["k"]
    assert (tmp_path / "secret").read_bytes() == LARGE


def test_names_are_of_one_shape(cache):
    found = {cache.disk.filename()[0] for _ in range(100)}
    assert len(found) == 100
    assert all(map(is_value_file, found))


def test_files_and_folders_are_for_their_owner_only(cache):
    cache["k"] = LARGE
    file = the_file(cache)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("at", [0, len(MAGIC), len(MAGIC) + 1, -1])
def test_one_flipped_bit_is_noticed(at):
    framed = bytearray(frame("k", b"body"))
    assert unframe("k", bytes(framed)) == b"body"
    framed[at] ^= 1
    with pytest.raises(PayloadDamaged, match="k is damaged"):
        unframe("k", bytes(framed))


@pytest.mark.parametrize("cut", [0, 5, 20, len(SMALL) - 1])
def test_a_cut_frame_is_noticed(cut):
    with pytest.raises(PayloadDamaged):
        unframe("k", SMALL[:cut])


def test_a_frame_belongs_to_one_key():
    with pytest.raises(PayloadDamaged):
        unframe("other", SMALL)
    assert frame("ab", b"c") != frame("a", b"bc")
