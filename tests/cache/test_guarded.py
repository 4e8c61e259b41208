"""A guarded store asks before every change, however it is made, and reads without asking."""

import pytest

from cache import upkeep
from cache.errors import NotAllowed
from cache.guarded import guarded
from cache.payload import Payload
from cache.store import Store

KEY, PIN = "verdict:" + "a" * 64, "pin:" + "b" * 64


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "store") as opened:
        opened.put(KEY, Payload(meta={"a": 1}))
        yield opened


def refused(asked):
    def ask(change, kind):
        asked.append((change, kind))
        raise NotAllowed("no")

    return ask


def test_every_change_is_asked_for_and_none_is_made(store):
    asked = []
    held = guarded(store, refused(asked))
    changes = {
        ("add", "comment"): lambda: held.put("comment:" + "c" * 64, Payload()),
        ("overwrite", "verdict"): lambda: held.replace(KEY, Payload()),
        ("delete", "verdict"): lambda: held.delete([KEY]),
        ("add", "pin"): lambda: held.pin("b" * 64),
        ("delete", "pin"): lambda: held.unpin("b" * 64),
        ("clean up", ""): lambda: upkeep.gc(held, dry_run=False),
    }
    for expected, change in changes.items():
        with pytest.raises(NotAllowed):
            change()
        assert asked[-1] == expected
    for change in (
        lambda: upkeep.delete_runs(held, [], dry_run=False),
        held.rows.delete_foreign,
        lambda: upkeep.drop_damaged(held, upkeep.verify(held)),
    ):
        with pytest.raises(NotAllowed):
            change()
            raise NotAllowed("nothing was to be dropped")
    assert list(store.scan("")) == [KEY]
    assert held.get(KEY).meta == {"a": 1}
    assert upkeep.gc(held, dry_run=True).runs == ()


def test_what_is_allowed_is_done_in_the_same_store(store):
    held = guarded(store, lambda change, kind: None)
    assert held.put("comment:" + "c" * 64, Payload())
    held.delete([KEY])
    upkeep.gc(held, dry_run=False)
    held.close()
    assert list(store.scan("")) == ["comment:" + "c" * 64]
    assert guarded(store, lambda change, kind: None, read_only=True).read_only
