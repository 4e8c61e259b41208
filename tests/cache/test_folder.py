import errno
import os
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from diskcache import Cache, Timeout

from cache import folder as folders
from cache.errors import MissingFromStore, StoreFull, StoreUnavailable
from cache.store import Store
from tests.cache.entries import name, payload


def test_the_folder_is_the_argument_then_the_variable_then_the_platforms(tmp_path, monkeypatch):
    monkeypatch.setenv("STEPSCOPE_STORE", str(tmp_path / "variable"))
    with Store.open(tmp_path / "argument") as store:
        assert store.folder == tmp_path / "argument"
    with Store.open() as store:
        assert store.folder == tmp_path / "variable"
    monkeypatch.setenv("STEPSCOPE_STORE", "")
    assert folders.default_folder().name == "stepscope"
    monkeypatch.delenv("STEPSCOPE_STORE")
    assert folders.default_folder().name == "stepscope"


def test_a_home_folder_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with Store.open("~/mine") as store:
        assert store.folder == tmp_path / "mine"
    monkeypatch.setenv("STEPSCOPE_STORE", "~/other")
    assert folders.default_folder() == tmp_path / "other"


def test_a_new_folder_is_for_its_owner_only(tmp_path):
    with Store.open(tmp_path / "a" / "b") as store:
        assert store.folder.stat().st_mode & 0o777 == 0o700
        assert (store.folder / "entries").stat().st_mode & 0o777 == 0o700


def test_an_empty_folder_becomes_a_store_and_one_with_other_files_does_not(tmp_path):
    (tmp_path / "empty").mkdir()
    Store.open(tmp_path / "empty").close()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to-my-aunt.txt").write_text("dear")
    with pytest.raises(StoreUnavailable, match="holds other files"):
        Store.open(tmp_path / "letters")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["to-my-aunt.txt"]


def test_openers_that_meet_in_a_new_folder_do_not_take_each_other_for_strangers(tmp_path):
    def prepare(folder):
        together.wait()
        return folders.prepare_folder(folder)

    together, switching = Barrier(4), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # the threads change places between any two steps
    try:
        with ThreadPoolExecutor(4) as threads:
            for i in range(100):
                folder = tmp_path / str(i)
                assert set(threads.map(prepare, [folder] * 4)) == {folder / "entries"}
    finally:
        sys.setswitchinterval(switching)


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "s").write_text("")
    for folder in (tmp_path / "s", tmp_path / "s" / "below"):
        with pytest.raises(StoreUnavailable, match=str(folder)):
            Store.open(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only folder")
@pytest.mark.parametrize("below", ["", "new"])
def test_a_read_only_folder(tmp_path, below):
    (tmp_path / "s").mkdir(mode=0o500)
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        Store.open(tmp_path / "s" / below)


def test_a_read_only_folder_as_the_system_reports_it(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "is_writable", lambda _: False)
    with pytest.raises(StoreUnavailable, match=r"/s cannot be used: it is read-only"):
        Store.open(tmp_path / "s")


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (sqlite3.OperationalError("database or disk is full"), StoreFull),
        (sqlite3.OperationalError("attempt to write a readonly database"), StoreUnavailable),
        (sqlite3.OperationalError("unable to open database file"), StoreUnavailable),
        (sqlite3.DatabaseError("file is not a database"), StoreUnavailable),
        (OSError(errno.ENOSPC, "No space left on device"), StoreFull),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), StoreFull),
        (OSError(errno.EROFS, "Read-only file system"), StoreUnavailable),
        (PermissionError(errno.EACCES, "Permission denied"), StoreUnavailable),
        (Timeout(), StoreUnavailable),
    ],
    ids=str,
)
def test_what_the_system_raises_names_the_folder(tmp_path, raised, kind):
    with pytest.raises(kind, match=str(tmp_path)) as caught, folders.named_errors(tmp_path):
        raise raised
    assert caught.value.__cause__ is raised


def test_a_full_disk_is_told_even_when_the_rollback_fails_after_it(tmp_path):
    with pytest.raises(StoreFull), folders.named_errors(tmp_path):
        try:
            raise sqlite3.OperationalError("database or disk is full")
        except sqlite3.OperationalError:
            raise sqlite3.OperationalError("cannot rollback") from None


def test_other_errors_pass(tmp_path):
    with pytest.raises(MissingFromStore), folders.named_errors(tmp_path):
        raise MissingFromStore("step:1")


def test_a_garbage_database_is_named_and_left_as_it_is(tmp_path):
    Store.open(tmp_path / "s").close()
    database = tmp_path / "s" / "entries" / "cache.db"
    database.write_bytes(b"garbage" * 1000)
    with pytest.raises(StoreUnavailable, match=f"{tmp_path / 's'}.*not a database"):
        Store.open(tmp_path / "s")
    assert database.read_bytes() == b"garbage" * 1000


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_lost_database_is_noticed_and_nothing_is_written_over_it(tmp_path, how):
    with Store.open(tmp_path / "s") as store:
        store.put(name(1), payload(1, 50_000))
    entries = tmp_path / "s" / "entries"
    for file in entries.glob("cache.db*"):
        file.unlink()
    if how == "empty":
        (entries / "cache.db").touch()
    before = sorted((str(p), p.stat().st_size) for p in entries.rglob("*"))
    with pytest.raises(StoreUnavailable, match="gone or empty"):
        Store.open(tmp_path / "s")
    assert sorted((str(p), p.stat().st_size) for p in entries.rglob("*")) == before


def test_a_store_whose_first_opening_was_killed_opens(tmp_path):
    Store.open(tmp_path / "s").close()
    (tmp_path / "s" / folders.MARKER).unlink()
    with Store.open(tmp_path / "s"):
        assert (tmp_path / "s" / folders.MARKER).exists()


@pytest.mark.parametrize("text", ['{"layout": 2}', "{}", "[]", '{"layout": true}'])
def test_a_store_of_another_layout_is_refused(tmp_path, text):
    Store.open(tmp_path / "s").close()
    (tmp_path / "s" / folders.MARKER).write_text(text)
    with pytest.raises(StoreUnavailable, match="its layout is"):
        Store.open(tmp_path / "s")


def test_settings_that_were_never_written_are_refused(tmp_path):
    Store.open(tmp_path / "s").close()
    with Cache(str(tmp_path / "s" / "entries")) as plain:
        plain._sql("INSERT INTO Settings VALUES ('disk_surprise', 1)")
    with pytest.raises(StoreUnavailable, match="settings that were never written"):
        Store.open(tmp_path / "s")
