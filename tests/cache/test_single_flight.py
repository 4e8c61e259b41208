import itertools
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cache.errors import StoreUnavailable
from cache.single_flight import STRIPES, claim, claim_all, exclusively, stripe
from tests.cache.entries import name

ROOT = Path(__file__).parents[2]
KEY = name("flight")
ASKER = """
import sys, time
from pathlib import Path
from cache.payload import Payload
from cache.single_flight import claim
from cache.store import Store
folder, key, log, seconds = sys.argv[1:]
def compute():
    with Path(log).open("a") as file:
        file.write("computed\\n")
    print("computing", flush=True)
    time.sleep(float(seconds))
    store.put(key, Payload(meta={"done": True}))
print("ready", flush=True)
sys.stdin.readline()
with Store.open(folder) as store:
    with claim(store.folder, key):
        if store.find(key) is None:
            compute()
    print(store.find(key).meta["done"])
"""


def asker(store, log, seconds):
    """A process that is ready to ask; a line on its stdin lets it."""
    started = subprocess.Popen(
        [sys.executable, "-c", ASKER, str(store.folder), KEY, str(log), str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert started.stdout.readline() == "ready\n"
    return started


def test_two_processes_compute_one_key_once(store, tmp_path):
    askers = [asker(store, tmp_path / "log", 0.3) for _ in range(2)]
    for one in askers:
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate(timeout=60)[0] for one in askers]
    assert sorted(said) == ["True\n", "computing\nTrue\n"]
    assert (tmp_path / "log").read_text() == "computed\n"


def test_a_killed_holder_costs_one_more_computation_and_no_waiting(store, tmp_path):
    log = tmp_path / "log"
    first, second = asker(store, log, 60), asker(store, log, 0)
    first.stdin.write("go\n")
    first.stdin.flush()
    assert first.stdout.readline() == "computing\n"
    second.stdin.write("go\n")
    second.stdin.flush()
    time.sleep(0.2)
    assert second.poll() is None  # it waits for the first
    first.send_signal(signal.SIGKILL)
    assert second.communicate(timeout=60)[0] == "computing\nTrue\n"
    first.communicate()
    assert log.read_text() == "computed\n" * 2


def test_a_computation_that_fails_lets_go(tmp_path):
    with pytest.raises(ZeroDivisionError), claim(tmp_path, KEY):
        raise ZeroDivisionError
    with claim(tmp_path, KEY, deadline_s=0) as held:
        assert held


def in_a_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join(30)
    return found[0]


def held_elsewhere(folder, key):
    """Whether another thread than this one would have to wait for a key."""

    def look():
        with claim(folder, key, deadline_s=0) as held:
            return not held

    return in_a_thread(look)


def test_a_deadline_ends_the_waiting_without_the_claim(tmp_path, caplog):
    with claim(tmp_path, KEY) as held:
        assert held
        started = time.monotonic()
        assert held_elsewhere(tmp_path, KEY)
        assert time.monotonic() - started < 60  # not the hour that is usual
        assert "past the deadline" in caplog.text
        assert held_elsewhere(tmp_path, KEY)  # the other did not let go of what it had not
    assert not held_elsewhere(tmp_path, KEY)


def test_a_deadline_in_the_middle_lets_go_of_what_was_taken(tmp_path):
    first, last = sorted([name(1), name(2)], key=stripe)
    with claim(tmp_path, last):

        def both():
            with claim_all(tmp_path, [first, last], deadline_s=0) as held:
                return held

        assert in_a_thread(both) is False
        assert not held_elsewhere(tmp_path, first)


def test_a_thread_may_claim_again_what_it_holds(tmp_path):
    with claim(tmp_path, KEY, deadline_s=0), claim(tmp_path, KEY, deadline_s=0) as held:
        assert held
    with claim(tmp_path, KEY):
        with claim(tmp_path, KEY):
            pass
        assert held_elsewhere(tmp_path, KEY)
    assert not held_elsewhere(tmp_path, KEY)


def two_on_one_stripe():
    seen: dict[int, str] = {}
    for i in itertools.count():
        other = seen.setdefault(stripe(str(i)), str(i))
        if other != str(i):
            return other, str(i)
    raise AssertionError


def test_two_keys_on_one_stripe_do_not_deadlock_their_thread(tmp_path):
    a, b = two_on_one_stripe()
    assert a != b
    with claim_all(tmp_path, [a, b], deadline_s=0) as held:
        assert held
    with claim(tmp_path, a, deadline_s=0), claim(tmp_path, b, deadline_s=0) as held:
        assert held


def test_threads_with_crossed_keys_all_finish(tmp_path):
    done, inside = [], []

    def work(keys):
        for _ in range(10):
            with claim_all(tmp_path, keys, deadline_s=20) as held:
                assert held
                inside.append(keys)
                assert len(inside) == 1  # they share a key
                time.sleep(0.001)
                inside.clear()
        done.append(keys)

    crossed = [["a", "b", "c"], ["c", "b"], ["b", "a"]]
    threads = [threading.Thread(target=work, args=[keys]) for keys in crossed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(done) == 3


FORKER = """
import os, sys
from pathlib import Path
from cache.single_flight import claim
folder = Path(sys.argv[1])
asked, answer = os.pipe()
with claim(folder, "k"):
    child = os.fork()
    if child == 0:
        with claim(folder, "k", deadline_s=0) as held:
            os.write(answer, b"took" if held else b"left")
        sys.stdin.readline()
        os._exit(0)
    print(os.read(asked, 4).decode(), flush=True)
print("parent let go", flush=True)
os.waitpid(child, 0)
"""


def test_a_forked_child_neither_has_nor_keeps_its_parents_claim(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", FORKER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        said = [process.stdout.readline() for _ in range(2)]
        with claim(tmp_path, "k", deadline_s=5) as held:
            assert held  # while the child lives
        process.stdin.write("go\n")
    assert said == ["left\n", "parent let go\n"]


def test_stripes_are_bounded_and_spread():
    found = {stripe(name(i)) for i in range(3000)}
    assert found <= set(range(STRIPES))
    assert len(found) > 1500


def test_no_claim_file_is_ever_removed(tmp_path):
    with claim(tmp_path, KEY):
        (file,) = (tmp_path / "claims").iterdir()
        inode = file.stat().st_ino
    with claim(tmp_path, KEY):
        assert file.stat().st_ino == inode


def test_a_store_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(StoreUnavailable, match="nowhere"), claim(tmp_path / "nowhere", KEY):
        pass


def test_exclusively_waits_no_longer_than_asked(tmp_path):
    def wait():
        with (
            pytest.raises(TimeoutError, match="lock"),
            exclusively(tmp_path / "lock", deadline_s=0),
        ):
            pass
        return True

    with exclusively(tmp_path / "lock"):
        assert in_a_thread(wait)
    with exclusively(tmp_path / "lock", deadline_s=0):
        pass
