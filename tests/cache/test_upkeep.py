import os
import time

import pytest

from cache import upkeep
from cache.errors import InvalidInput, MissingFromStore, PayloadDamaged
from cache.keys import key
from cache.payload import Payload
from tests.cache.entries import BIG, database, name, payload

DAY_S = 86_400.0


def add_run(store, label, steps, shared=()):
    """A run with some steps (numbers) and other entries (whole keys)."""
    run = key("run", label)
    meta = {"step_keys": [name(i) for i in steps], "shared_keys": list(shared)}
    store.put(f"run:{run}", Payload(meta=meta))
    for i in steps:
        store.put(name(i), payload(i, 1000))
    for other in shared:
        store.put(other, payload(0, 1000))
    return run


def age(store, seconds, *keys):
    """Make all entries, or some, older than they are."""
    with database(store) as rows:
        for one in keys or [row[0] for row in rows.execute("SELECT key FROM Cache")]:
            rows.execute(
                "UPDATE Cache SET store_time = store_time - ? WHERE key = ?", [seconds, one]
            )


def steps_left(store):
    return {i for i in range(100) if store.has(name(i))}


def size_of(store, *keys):
    with database(store) as rows:
        return sum(
            rows.execute("SELECT size FROM Cache WHERE key = ?", [one]).fetchone()[0]
            for one in keys
        )


def spoil(store, one):
    with database(store) as rows:
        rows.execute("UPDATE Cache SET value = zeroblob(50) WHERE key = ?", [one])


def test_deleting_a_run_keeps_what_others_name(store):
    decoded, memo, vocabulary = name(1, "decode"), name(1, "forward"), name(1, "vocab")
    first = add_run(store, "a", [1, 2, 3], shared=[decoded, vocabulary])
    second = add_run(store, "b", [1, 2, 4], shared=[vocabulary])
    store.put(memo, payload())
    cost = size_of(store, f"run:{first}", name(3), decoded)
    assert upkeep.delete_run(store, first) == cost > 4000
    assert steps_left(store) == {1, 2, 4}
    assert store.present([decoded, vocabulary, memo]) == [False, True, True]
    upkeep.delete_run(store, second)
    assert steps_left(store) == set()
    assert store.present([vocabulary, memo]) == [True, True]


def test_several_runs_at_once_and_what_it_would_cost(store):
    runs = [add_run(store, i, [0, i]) for i in (1, 2, 3)]
    said = upkeep.delete_runs(store, runs[:2])
    assert said.dry_run
    assert steps_left(store) == {0, 1, 2, 3}
    done = upkeep.delete_runs(store, runs[:2] + runs[:1], dry_run=False)
    assert (done.runs, done.freed_bytes) == (said.runs, said.freed_bytes)
    assert (done.runs, done.entries) == (tuple(runs[:2]), 4)
    assert done.left_bytes == store.stats().size_bytes
    assert steps_left(store) == {0, 3}


def test_deleting_is_refused_for_pinned_and_missing_runs(store):
    pinned, other = add_run(store, "a", [1]), add_run(store, "b", [2])
    store.pin(pinned)
    with pytest.raises(InvalidInput, match="is pinned; unpin it first"):
        upkeep.delete_runs(store, [other, pinned], dry_run=False)
    with pytest.raises(MissingFromStore):
        upkeep.delete_runs(store, [other, key("run", "none")], dry_run=False)
    assert steps_left(store) == {1, 2}
    store.unpin(pinned)
    upkeep.delete_run(store, pinned)
    assert steps_left(store) == {2}


def test_a_run_whose_steps_were_never_computed(store):
    run = key("run", "a")
    store.put(f"run:{run}", Payload(meta={"step_keys": [name(1)], "shared_keys": []}))
    assert upkeep.delete_run(store, run) > 0
    assert store.stats().entries == 0


def test_a_damaged_manifest_can_be_deleted_but_stops_the_deletion_of_others(store):
    spoilt, whole = add_run(store, "a", [1]), add_run(store, "b", [1, 2])
    spoil(store, f"run:{spoilt}")
    with pytest.raises(PayloadDamaged, match=spoilt):
        upkeep.delete_run(store, whole)
    for ask in ({}, {"older_than_s": 0}, {"to_size_bytes": 0}):
        with pytest.raises(PayloadDamaged, match=spoilt):
            upkeep.gc(store, **ask, grace_s=0, dry_run=False)
    assert steps_left(store) == {1, 2}
    upkeep.delete_run(store, spoilt)
    assert steps_left(store) == {1, 2}
    upkeep.delete_run(store, whole)
    assert steps_left(store) == set()


@pytest.mark.parametrize("meta", [{"step_keys": "step:1"}, {"shared_keys": {"a": 1}}])
def test_a_manifest_that_is_none_counts_as_damaged(store, meta):
    store.put(name(1, "run"), Payload(meta=meta))
    with pytest.raises(PayloadDamaged, match="no manifest"):
        upkeep.gc(store)


def test_gc_says_first_and_changes_nothing(store):
    run = add_run(store, "a", [1, 2])
    age(store, 100)
    before = store.stats()
    said = upkeep.gc(store, older_than_s=60)
    assert (said.dry_run, said.runs, said.entries) == (True, (run,), 3)
    assert said.freed_bytes == before.size_bytes
    assert store.stats().by_prefix == before.by_prefix
    done = upkeep.gc(store, older_than_s=60, dry_run=False)
    assert (done.runs, done.entries, done.freed_bytes) == (said.runs, 3, said.freed_bytes)
    assert store.stats().entries == 0


def test_gc_without_a_wish_takes_only_what_no_run_can_want(store):
    add_run(store, "a", [1])
    for i in (60, 61):
        store.put(name(i), payload(i))
    others = [name(1, kind) for kind in ("forward", "vocab", "picture", "board")]
    for other in others:
        store.put(other, payload())
    age(store, 2 * DAY_S)
    age(store, -2 * DAY_S, name(61))
    report = upkeep.gc(store, dry_run=False)
    assert (report.entries, report.runs) == (1, ())
    assert steps_left(store) == {1, 61}
    assert all(store.present(others))


def test_gc_never_touches_pinned_runs_or_what_they_name(store):
    memo = name(1, "decode")
    old = add_run(store, "old", [1, 2])
    pinned = add_run(store, "pinned", [2, 3], shared=[memo])
    store.pin(pinned)
    age(store, 100)
    young = add_run(store, "young", [4])
    assert upkeep.gc(store, older_than_s=60, dry_run=False).runs == (old,)
    assert steps_left(store) == {2, 3, 4}
    assert upkeep.gc(store, to_size_bytes=0, grace_s=0, dry_run=False).runs == (young,)
    assert steps_left(store) == {2, 3}
    assert store.has(memo)
    assert store.pins() == {pinned}


def test_gc_by_age_takes_old_memos_that_no_run_names(store):
    named, old, young = (name(i, "forward") for i in range(3))
    run = add_run(store, "a", [1], shared=[named])
    store.put(old, payload())
    age(store, 100)
    age(store, -100, f"run:{run}")
    store.put(young, payload())
    upkeep.gc(store, older_than_s=60, dry_run=False)
    assert store.present([named, old, young]) == [True, False, True]
    assert steps_left(store) == {1}


def test_gc_to_a_size_takes_memos_first_and_then_the_oldest_runs(store):
    runs = [add_run(store, i, [i]) for i in range(5)]
    memos = [name(i, "forward") for i in range(3)]
    for memo in memos:
        store.put(memo, payload(0, 1000))
    size = store.stats().size_bytes
    assert upkeep.gc(store, to_size_bytes=size, dry_run=False).entries == 0
    report = upkeep.gc(store, to_size_bytes=size - 5000, dry_run=False)
    assert (report.entries, report.runs) == (2, ())
    assert store.present(memos) == [False, False, True]
    one = size_of(store, name(0), f"run:{runs[0]}")
    target = store.stats().size_bytes - size_of(store, memos[2]) - 2 * one + 10
    report = upkeep.gc(store, to_size_bytes=target, dry_run=False)
    assert report.runs == tuple(runs[:2])
    assert report.left_bytes == store.stats().size_bytes <= target
    assert steps_left(store) == {2, 3, 4}


def test_an_annotated_run_does_not_look_younger(store):
    runs = [add_run(store, i, [i]) for i in range(3)]
    manifest = store.get(f"run:{runs[0]}")
    store.replace(f"run:{runs[0]}", Payload(meta={**manifest.meta, "note": "look at this"}))
    assert upkeep.gc(store, to_size_bytes=store.stats().size_bytes - 1).runs == (runs[0],)


def orphan(store, *, seconds_old):
    file = store.folder / "entries" / "ab" / ("0" * 30 + ".val")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"left by a killed writer")
    moment = time.time() - seconds_old
    os.utime(file, (moment, moment))
    return file


def test_gc_removes_files_that_nobody_names_once_they_are_old(store):
    store.put(name(1), payload(1, BIG))
    file = orphan(store, seconds_old=2 * upkeep.ORPHAN_GRACE_S)
    (kept,) = set((store.folder / "entries").glob("??/*.val")) - {file}
    os.utime(kept, (0, 0))
    assert upkeep.verify(store).orphaned == ("ab/" + "0" * 30 + ".val",)
    said = upkeep.gc(store)
    assert (said.orphans, said.entries, said.freed_bytes) == (1, 0, 23)
    assert file.exists()
    assert upkeep.gc(store, dry_run=False).orphans == 1
    assert not file.exists()
    assert store.get(name(1)).meta == {"i": 1}


def test_a_young_file_may_belong_to_a_writer(store):
    file = orphan(store, seconds_old=upkeep.ORPHAN_GRACE_S / 2)
    assert upkeep.verify(store).orphaned == ()
    upkeep.gc(store, grace_s=0, dry_run=False)
    assert file.exists()


def test_verify_finds_damage_and_loss_and_drop_heals_it(store):
    for i in range(4):
        store.put(name(i), payload(i, BIG))
    for i in range(10, 13):
        store.put(name(i), payload(i))
    with database(store) as rows:
        files = dict(rows.execute("SELECT key, filename FROM Cache").fetchall())
        rows.execute("INSERT INTO Cache (key, raw, mode, size) VALUES (x'00ff', 0, 4, 1)")
        rows.execute("INSERT INTO Cache (key, raw, mode, size) VALUES ('odd', 1, 1, 1)")
    entries = store.folder / "entries"
    cut = entries / files[name(1)]
    cut.write_bytes(cut.read_bytes()[:-1])
    (entries / files[name(2)]).unlink()
    spoil(store, name(11))
    told = []
    report = upkeep.verify(store, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(i, 8) for i in range(1, 9)]
    assert report.checked == 8
    assert report.damaged == (name(1), name(11), "odd")
    assert report.missing == (name(2),)
    assert (report.foreign, report.orphaned) == (1, ())
    assert store.stats().entries == 8  # nothing was changed
    assert upkeep.drop_damaged(store, report) == 5
    assert steps_left(store) == {0, 3, 10, 12}
    assert not cut.exists()
    clean = upkeep.verify(store)
    assert (clean.checked, clean.damaged, clean.missing, clean.foreign) == (4, (), (), 0)
    assert store.put(name(1), payload(1, BIG))


def test_drop_spares_what_was_computed_anew_since_the_report(store):
    store.put(name(1), payload(1))
    spoil(store, name(1))
    report = upkeep.verify(store)
    store.delete([name(1)])
    store.put(name(1), payload(2))
    assert upkeep.drop_damaged(store, report) == 0
    assert store.get(name(1)).meta == {"i": 2}


def test_an_entry_deleted_while_verify_looks_is_no_fault(store):
    for i in range(3):
        store.put(name(i), payload(i, BIG))
    report = upkeep.verify(store, on_progress=lambda done, _: store.delete([name(done)]))
    assert (report.checked, report.damaged, report.missing) == (3, (), ())
