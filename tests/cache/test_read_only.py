import os
import shutil

import pytest

from cache import folder as folders
from cache import upkeep
from cache.errors import MissingFromStore, StoreFull, StoreUnavailable
from cache.folder import DATABASE
from cache.rows import Rows
from cache.store import Store
from tests.cache.entries import BIG, database, name, payload


@pytest.fixture
def folder(tmp_path):
    with Store.open(tmp_path / "s") as store:
        store.put(name(1), payload(1))
        store.put(name(2), payload(2, BIG))
        store.pin("a" * 64)
    return tmp_path / "s"


@pytest.fixture
def protected(folder, monkeypatch):
    monkeypatch.setattr(folders, "is_writable", lambda _: False)
    return folder


def look(store):
    assert store.get(name(1)).meta == {"i": 1}
    assert store.get(name(2)).meta == {"i": 2}
    assert store.present([name(1), name(3)]) == [True, False]
    assert store.has(name(2))
    assert store.pins() == {"a" * 64}
    assert store.stats().entries == 3
    assert upkeep.verify(store).checked == 3
    assert upkeep.gc(store, to_size_bytes=0).entries == 0
    with pytest.raises(MissingFromStore):
        store.get(name(3))


def test_it_is_read_and_every_change_is_refused(protected):
    before = {path: path.stat().st_mtime_ns for path in protected.rglob("*")}
    with Store.open(protected, read_only_ok=True) as store:
        look(store)
        changes = (
            lambda: store.put(name(3), payload(3)),
            lambda: store.put(name(3), payload(3, BIG)),
            lambda: store.replace(name(1), payload(3)),
            lambda: store.delete([name(1)]),
            lambda: store.pin("b" * 64),
            lambda: store.unpin("a" * 64),
            lambda: upkeep.gc(store, dry_run=False),
        )
        for change in changes:
            with pytest.raises(StoreUnavailable, match="opened read-only"):
                change()
        look(store)
    assert {path: path.stat().st_mtime_ns for path in protected.rglob("*")} == before


def test_what_a_killed_writer_left_in_the_log_is_read(folder, tmp_path, monkeypatch):
    with Store.open(folder) as store:
        store.put(name(4), payload(4))
        shutil.copytree(folder, tmp_path / "copy")  # as a kill would leave it
    assert (tmp_path / "copy" / "entries" / f"{DATABASE}-wal").stat().st_size > 0
    monkeypatch.setattr(folders, "is_writable", lambda _: False)
    with Store.open(tmp_path / "copy", read_only_ok=True) as store:
        assert store.get(name(4)).meta == {"i": 4}


def test_without_leave_a_protected_store_does_not_open(protected):
    with pytest.raises(StoreUnavailable, match="it is read-only"):
        Store.open(protected)


def test_a_store_that_can_be_written_is_opened_for_writing(folder):
    with Store.open(folder, read_only_ok=True) as store:
        assert store.put(name(3), payload(3))


def test_a_store_on_a_full_disk_can_still_be_read(folder, monkeypatch):
    def full(*_):
        raise StoreFull(folder, "database or disk is full")

    monkeypatch.setattr(Rows, "open", full)
    with pytest.raises(StoreFull):
        Store.open(folder)
    with Store.open(folder, read_only_ok=True) as store:
        look(store)


def test_a_protected_folder_that_is_no_store(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "is_writable", lambda _: False)
    with pytest.raises(StoreUnavailable, match=str(tmp_path)):
        Store.open(tmp_path, read_only_ok=True)


def test_planted_pickles_are_refused_here_too(folder, monkeypatch):
    with Store.open(folder) as store, database(store) as rows:
        rows.execute("UPDATE Cache SET mode = 4")
    monkeypatch.setattr(folders, "is_writable", lambda _: False)
    with Store.open(folder, read_only_ok=True) as store:
        assert len(upkeep.verify(store).damaged) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only folder")
def test_a_folder_that_is_really_read_only(folder):
    for path in (folder, folder / "entries"):
        path.chmod(0o500)
    try:
        with Store.open(folder, read_only_ok=True) as store:
            look(store)
    finally:
        for path in (folder, folder / "entries"):
            path.chmod(0o700)
