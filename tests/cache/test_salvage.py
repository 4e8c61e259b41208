"""A store with a bad database: what can be read of it is saved, and nothing of it is touched."""

import os
import shutil

import pytest

from cache.errors import InvalidInput, StoreUnavailable
from cache.salvage import salvage
from cache.store import Store
from cache.upkeep import verify
from tests.cache.entries import BIG, name, payload

ROWS = 60
PAGE = 4096


@pytest.fixture
def old(tmp_path):
    with Store.open(tmp_path / "old") as store:
        for i in range(ROWS):
            store.put(name(i), payload(i, BIG if i % 20 == 0 else 3000))
    return tmp_path / "old"


def spoil(folder, at, data):
    with (folder / "entries" / "cache.db").open("r+b") as file:
        file.seek(at)
        file.write(data)


def listing(folder):
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_a_whole_store_is_saved_whole_and_in_order(old, tmp_path):
    before = listing(old)
    report = salvage(old, tmp_path / "new")
    assert listing(old) == before
    assert (report.entries, report.lost, report.lost_rows) == (ROWS, (), 0)
    with Store.open(tmp_path / "new") as store, Store.open(old) as first:
        assert list(store.scan("step:")) == list(first.scan("step:"))
        assert verify(store).damaged == ()


@pytest.mark.parametrize("page", range(1, 12))
@pytest.mark.parametrize("junk", [bytes(PAGE), os.urandom(PAGE)], ids=["zeros", "random"])
def test_a_bad_page_costs_what_is_on_it(old, tmp_path, page, junk):
    spoil(old, (page - 1) * PAGE, junk)
    report = salvage(old, tmp_path / "new")
    assert report.entries >= ROWS - 20
    with Store.open(tmp_path / "new") as store:
        found = verify(store)
        assert (found.checked, found.damaged) == (report.entries, ())
        assert all(store.get(key).meta for key in store.scan(""))


def test_a_file_that_was_cut(old, tmp_path):
    database = old / "entries" / "cache.db"
    os.truncate(database, database.stat().st_size // 2)
    report = salvage(old, tmp_path / "new")
    assert 0 < report.entries < ROWS


def test_a_lost_value_file_is_told(old, tmp_path):
    for file in (old / "entries").glob("??/*.val"):
        file.unlink()
    report = salvage(old, tmp_path / "new")
    assert set(report.lost) == {name(i) for i in range(0, ROWS, 20)}
    assert report.entries == ROWS - 3


def test_a_malformed_store_says_what_to_do(old):
    spoil(old, 0, os.urandom(PAGE))
    for asked in ({}, {"to_read": True}, {"read_only_ok": True}):
        with pytest.raises(StoreUnavailable, match="store salvage NEW_FOLDER"):
            Store.open(old, **asked)


def test_where_it_may_go(old, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter").write_text("dear")
    for new in (old, old / "below", tmp_path / "taken", tmp_path / "taken" / "letter"):
        with pytest.raises(InvalidInput, match="new_folder must"):
            salvage(old, new)
    with pytest.raises(StoreUnavailable, match="no database"):
        salvage(tmp_path / "nothing", tmp_path / "new")
    shutil.rmtree(old / "entries")
    with pytest.raises(StoreUnavailable, match="no database"):
        salvage(old, tmp_path / "new")
    assert not (tmp_path / "new").exists()
