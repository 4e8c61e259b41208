import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from diskcache import Cache

from cache import disk, upkeep
from cache import folder as folders
from cache import store as stores
from cache.errors import (
    InvalidInput,
    MissingFromStore,
    PayloadDamaged,
    PayloadTooLarge,
    StoreFull,
    StoreUnavailable,
)
from cache.keys import key
from cache.payload import Payload
from cache.store import Store
from tests.cache.entries import BIG, database, name, payload

ROOT = Path(__file__).parents[2]


def values(store):
    return sorted((store.folder / "entries").glob("??/*.val"))


@pytest.mark.parametrize("floats", [0, 10, BIG])
def test_what_is_put_is_got(store, floats):
    assert store.put(name(1), payload(1, floats))
    assert store.has(name(1))
    found = store.get(name(1))
    assert found.meta == {"i": 1}
    assert np.array_equal(found.arrays["x"], np.full(floats, 1, np.float32))
    assert len(values(store)) == (floats == BIG)


@pytest.mark.parametrize("floats", [10, BIG])
def test_it_is_there_when_the_store_is_opened_again(tmp_path, floats):
    with Store.open(tmp_path / "s") as store:
        store.put(name(1), payload(1, floats))
    with Store.open(tmp_path / "s") as store:
        assert store.get(name(1)).meta == {"i": 1}


@pytest.mark.parametrize("floats", [10, BIG])
def test_the_first_stored_is_the_truth(store, floats):
    assert store.put(name(1), payload(1, floats))
    assert not store.put(name(1), payload(2, floats))
    assert store.get(name(1)).meta == {"i": 1}
    assert len(values(store)) == (floats == BIG)


def test_a_writer_that_comes_second_leaves_no_file(store, monkeypatch):
    store.put(name(1), payload(1, BIG))
    monkeypatch.setattr(store.rows, "has", lambda _: False)  # it looked before the first wrote
    assert not store.put(name(1), payload(2, BIG))
    assert store.get(name(1)).meta == {"i": 1}
    assert len(values(store)) == 1


@pytest.mark.parametrize("floats", [10, BIG])
def test_replace_keeps_age_and_place(store, floats):
    store.put(name(1), payload(1, floats))
    store.put(name(2), payload(2))
    with database(store) as rows:
        before = rows.execute("SELECT rowid, store_time FROM Cache").fetchall()
    store.replace(name(1), payload(3, floats))
    assert store.get(name(1)).meta == {"i": 3}
    assert list(store.scan("step:")) == [name(2), name(1)]
    with database(store) as rows:
        assert rows.execute("SELECT rowid, store_time FROM Cache").fetchall() == before
    assert len(values(store)) == (floats == BIG)
    store.replace(name(1), payload(4, 10))
    assert store.get(name(1)).meta == {"i": 4}
    assert values(store) == []


def test_replace_stores_what_is_not_there(store):
    store.replace(name(1), payload(1))
    assert store.get(name(1)).meta == {"i": 1}
    assert store.stats().size_bytes > 40


def test_missing(store):
    assert store.find(name(1)) is None
    assert not store.has(name(1))
    with pytest.raises(MissingFromStore, match=f"{name(1)} is not in this store"):
        store.get(name(1))


BAD_KEYS = ["", "step:", "step:xyz", "a" * 64, "Step:" + "0" * 64, name(1) + "\n", b"step", None]


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_keys_have_one_shape(store, bad):
    calls = (
        store.get,
        store.find,
        store.has,
        lambda k: store.put(k, payload()),
        lambda k: store.replace(k, payload()),
        lambda k: store.delete([k]),
        lambda k: store.present([k]),
    )
    for call in calls:
        with pytest.raises(InvalidInput, match="a key must be kind:<64 hexadecimal>"):
            call(bad)


def test_a_payload_that_cannot_be_stored_leaves_nothing(store):
    with pytest.raises(InvalidInput):
        store.put(name(1), Payload(arrays={"x": np.array([object()])}))
    with pytest.raises(PayloadTooLarge):
        store.put(name(1), Payload(meta={"a": "x" * 2**20}))
    assert not store.has(name(1))


def test_present_answers_for_many_in_order(store):
    for i in range(0, 40, 2):
        store.put(name(i), payload(i))
    asked = [name(i % 40) for i in range(1500)]
    assert store.present(asked) == [i % 2 == 0 for i in range(1500)]
    assert store.present([]) == []


def test_scan_is_newest_first_and_by_prefix(store):
    for i in range(5):
        store.put(name(i, "run"), payload(i))
        store.put(name(i, "step"), payload(i))
    newest_first = [name(i, "run") for i in reversed(range(5))]
    assert list(store.scan("run:")) == newest_first
    assert list(store.scan(name(3, "run")[:12])) == [name(3, "run")]
    assert len(list(store.scan(""))) == 10
    assert list(store.scan("ru")) == newest_first
    assert list(store.scan("vocab:")) == []
    for bad in ("Run:", "run:xyz", "run:%", "run:" + "0" * 65):
        with pytest.raises(InvalidInput, match="prefix must look like"):
            store.scan(bad)


@pytest.mark.parametrize("floats", [10, BIG])
def test_a_stamp_changes_with_its_payload_and_with_nothing_else(store, floats):
    for i in range(3):
        store.put(name(i), payload(i, floats))
    before = store.stamps("step:")
    assert list(before) == list(store.scan("step:"))
    assert len(set(before.values())) == 3
    assert store.stamps("step:") == before
    store.replace(name(1), payload(7, floats))
    after = store.stamps("step:")
    assert [k for k in before if after[k] != before[k]] == [name(1)]
    assert store.stamps("run:") == {}
    with pytest.raises(InvalidInput, match="prefix must look like"):
        store.stamps("%")


def test_sizes_are_those_of_what_is_there(store):
    many = [name(i) for i in range(600)]
    for i in (0, 599):
        store.put(many[i], payload(i, 10))
    sizes = store.sizes(many)
    assert set(sizes) == {many[0], many[599]}
    assert sum(sizes.values()) == store.stats().size_bytes


def test_a_scan_that_others_change_meanwhile_goes_on(store):
    for i in range(5):
        store.put(name(i), payload(i))
    seen = []
    for found in store.scan("step:"):
        seen.append(found)
        store.delete([name(0)])
        store.put(name(len(seen) + 10), payload())
    assert seen == [name(i) for i in reversed(range(5))]


@pytest.mark.parametrize("floats", [10, BIG])
def test_delete(store, floats):
    for i in range(3):
        store.put(name(i), payload(i, floats))
    assert store.delete([name(0), name(2), name(9), name(0)]) == 2
    assert store.present([name(i) for i in range(3)]) == [False, True, False]
    assert len(values(store)) == (floats == BIG)
    assert store.put(name(0), payload(5))


def test_pins(store):
    run = key("test", 1)
    store.pin(run)
    store.pin(run)
    assert store.pins() == {run}
    store.unpin(run)
    store.unpin(run)
    assert store.pins() == frozenset()
    with pytest.raises(InvalidInput):
        store.pin("my favourite")


def test_stats_count_by_kind(store):
    store.put(name(1, "run"), payload())
    store.put(name(1), payload(floats=BIG))
    store.put(name(2), payload())
    found = store.stats()
    assert found.folder == store.folder
    assert found.entries == 3
    assert {kind: part.entries for kind, part in found.by_prefix.items()} == {"run": 1, "step": 2}
    assert found.size_bytes == sum(part.size_bytes for part in found.by_prefix.values())
    assert 4 * BIG < found.by_prefix["step"].size_bytes < 4 * BIG + 2000
    assert found.free_bytes > 0
    store.delete([name(1)])
    assert store.stats().size_bytes < 2000


def test_stats_are_counted_once_until_something_is_written(store, monkeypatch):
    store.put(name(1), payload())
    while store.written() is None:  # just after a write nobody can tell two from one
        time.sleep(0.01)
    asked = []
    select = store.rows._select
    monkeypatch.setattr(store.rows, "_select", lambda q, p: asked.append(q) or select(q, p))
    first = store.stats()
    assert (store.stats().entries, store.stats().size_bytes) == (1, first.size_bytes)
    assert len([query for query in asked if "GROUP BY" in query]) == 1
    store.put(name(2), payload())
    assert store.stats().entries == 2
    with Store.open(store.folder) as other:
        other.delete([name(1)])
    assert store.stats().entries == 1


def test_a_value_under_another_key_is_damaged(store):
    store.put(name(1), payload(1))
    store.put(name(2), payload(2))
    with database(store) as rows:
        ((value,),) = rows.execute("SELECT value FROM Cache WHERE key = ?", [name(1)]).fetchall()
        rows.execute("UPDATE Cache SET value = ? WHERE key = ?", [value, name(2)])
    with pytest.raises(PayloadDamaged, match=name(2)):
        store.get(name(2))
    assert store.get(name(1)).meta == {"i": 1}


@pytest.mark.parametrize("how", ["cut", "changed", "empty", "gone"])
def test_a_damaged_value_file_is_told_and_never_shown(store, how):
    store.put(name(1), payload(1, BIG))
    (file,) = values(store)
    data = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes({"cut": data[:-1], "changed": data[:-1] + b"!", "empty": b""}[how])
    for look in (store.get, store.find):
        with pytest.raises(PayloadDamaged, match=name(1)):
            look(name(1))
    assert store.delete([name(1)]) == 1
    assert store.put(name(1), payload(2, BIG))
    assert store.get(name(1)).meta == {"i": 2}


def test_the_floor_of_free_space_is_kept(store, monkeypatch):
    store.put(name(1), payload(1))
    monkeypatch.setattr(folders, "free_bytes", lambda _: stores.FLOOR_BYTES + 1000)
    assert store.put(name(2), payload(2))
    for write in (store.put, store.replace):
        with pytest.raises(StoreFull, match=str(store.folder)):
            write(name(3), payload(3, 1000))
    assert not store.put(name(1), payload(1, 1000))  # it is there: nothing to write
    assert store.get(name(1)).meta == {"i": 1}
    assert store.delete([name(1)]) == 1
    monkeypatch.undo()
    assert store.put(name(3), payload(3, 1000))


def test_a_full_database_loses_nothing(store):
    assert store.put(name(0), payload(0, 1000))
    pages = store.rows._select("PRAGMA page_count", ())[0][0]
    store.rows._select(f"PRAGMA max_page_count = {pages + 20}", ())
    stored = 1
    with pytest.raises(StoreFull, match=str(store.folder)):
        for stored in range(1, 1000):
            store.put(name(stored), payload(stored, 3000))
    assert 3 < stored < 30
    assert [store.get(name(i)).meta["i"] for i in range(stored)] == list(range(stored))
    assert store.find(name(stored)) is None
    store.rows._select("PRAGMA max_page_count = 1000000", ())
    assert store.put(name(stored), payload(stored, 3000))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_value_file_that_cannot_be_finished_is_removed(store, monkeypatch, number):
    def fails(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(disk.os, "fsync", fails)
    kind = StoreFull if number == errno.ENOSPC else StoreUnavailable
    (store.folder / "entries" / "00").mkdir(exist_ok=True)
    monkeypatch.setattr(disk.os, "urandom", bytes)  # the name is zeros
    with pytest.raises(kind, match=str(store.folder)):
        store.put(name(1), payload(1, BIG))
    monkeypatch.undo()
    assert values(store) == []
    assert store.put(name(1), payload(1, BIG))


def test_no_write_is_reported_when_the_database_was_removed_or_replaced(tmp_path):
    with Store.open(tmp_path / "s") as store:
        store.put(name(1), payload(1))
        file = tmp_path / "s" / "entries" / "cache.db"
        file.rename(file.with_suffix(".away"))
        with pytest.raises(StoreUnavailable, match="removed while it was open"):
            store.put(name(2), payload(2))
        file.write_bytes(b"")
        with pytest.raises(StoreUnavailable, match="replaced while it was open"):
            store.put(name(2), payload(2))


def test_nothing_is_evicted_whatever_settings_another_opener_leaves(tmp_path):
    eager = {"eviction_policy": "least-recently-stored", "size_limit": 1, "cull_limit": 10}
    Store.open(tmp_path / "s").close()
    Cache(str(tmp_path / "s" / "entries"), **eager).close()
    with Store.open(tmp_path / "s") as store:
        for i in range(15):
            store.put(name(i), payload(i, 10_000))
        Cache(str(tmp_path / "s" / "entries"), **eager).close()
        for i in range(15, 30):
            store.put(name(i), payload(i, 10_000))
        assert all(store.present([name(i) for i in range(30)]))


def test_every_connection_syncs_what_it_commits(store):
    def level():
        found.append(store.rows._select("PRAGMA synchronous", ()))

    found = []
    Cache(str(store.folder / "entries"), sqlite_synchronous=1).close()
    Store.open(store.folder).close()
    level()
    thread = threading.Thread(target=level)
    thread.start()
    thread.join()
    assert found == [[(2,)], [(2,)]]


def test_many_threads_on_one_store(store):
    errors, firsts = [], []

    def work(part):
        try:
            for i in range(20):
                store.put(name((part, i)), payload(i, BIG if i == 7 else 10))
                assert store.get(name((part, i))).meta == {"i": i}
                firsts.append(store.put(name(("all", i)), payload(i)))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=[part]) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.stats().entries == 6 * 20 + 20
    assert sum(firsts) == 20


def test_what_a_transaction_reads_stays_true(store):
    store.put(name(1), payload(1))
    writer = threading.Thread(target=store.put, args=[name(2), payload(2)])
    with store.rows.transaction() as delete:
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
        assert not store.has(name(2))
        delete([name(1)])
    writer.join(10)
    assert store.present([name(1), name(2)]) == [False, True]


def test_a_transaction_that_fails_takes_everything_back(store):
    for i in range(4):
        store.put(name(i), payload(i, BIG if i % 2 else 10))
    with pytest.raises(ZeroDivisionError), store.rows.transaction() as delete:
        assert delete([name(i) for i in range(4)])[0] == 4
        raise ZeroDivisionError
    assert [store.get(name(i)).meta["i"] for i in range(4)] == [0, 1, 2, 3]


OPENER = """
import sys
from cache.store import Store
from tests.cache.entries import name, payload
print("ready", flush=True)
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    print(store.put(name(0), payload()), store.put(name(sys.argv[2]), payload()))
"""


def test_processes_that_open_a_new_store_at_once_all_do(tmp_path):
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(tmp_path / "s"), str(i)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for i in range(3)
    ]
    for opener in openers:
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        opener.stdin.write("go\n")
        opener.stdin.flush()
    said = [opener.communicate(timeout=60)[0].split() for opener in openers]
    assert sorted(said) == [["False", "True"], ["False", "True"], ["True", "True"]]


WRITERS = """
import os, sys
from cache.store import Store
from tests.cache.entries import BIG, name, payload
folder = sys.argv[1]

def write(first):
    with Store.open(folder) as store:
        for i in range(first, first + 10**6, 2):
            store.put(name(i), payload(i, 10 if i % 3 else BIG))
            store.replace(name("note"), payload(i, 10 if i % 5 else BIG))
            os.write(1, b"%d\\n" % i)

while first := sys.stdin.readline():
    children = []
    for part in range(2):
        child = os.fork()
        if child == 0:
            write(int(first) + part)
        children.append(child)
    os.write(1, b"writers %d %d\\n" % tuple(children))
    for child in children:
        os.waitpid(child, 0)
    os.write(1, b"over\\n")
"""


def test_writers_killed_at_any_instant_lose_nothing_they_reported(tmp_path):
    """Ten rounds of two writers; the first rounds kill them while they make the store."""
    folder, chance, reported = tmp_path / "s", random.Random(0), []
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as host:
        for round_ in range(10):
            host.stdin.write(f"{round_ * 10**7}\n")
            host.stdin.flush()
            lines = [host.stdout.readline()]
            while not lines[-1].startswith("writers"):
                lines.append(host.stdout.readline())
            children = lines[-1].split()[1:]
            while round_ >= 4 and sum(line[0].isdigit() for line in lines) < 5:
                lines.append(host.stdout.readline())
            time.sleep(chance.uniform(0, 0.05) if round_ < 4 else chance.uniform(0, 0.4))
            for writer in children:
                os.kill(int(writer), signal.SIGKILL)
            while lines[-1] != "over\n":
                lines.append(host.stdout.readline())
            reported += [int(line) for line in lines if line[0].isdigit()]
        host.stdin.close()
    assert len(reported) > 20
    with Store.open(folder) as store:
        for i in reported:
            assert store.get(name(i)).meta == {"i": i}
        report = upkeep.verify(store)
        assert (report.damaged, report.missing, report.foreign) == ((), (), 0)
        assert report.checked >= len(reported)
