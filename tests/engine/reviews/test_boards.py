"""Boards: what entries add up to, that nobody loses anything, and what is refused."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cache import upkeep
from cache.errors import InvalidInput, MadeLater, MissingFromStore, PayloadDamaged
from cache.payload import Payload
from cache.store import Store
from engine.capsules.verifying import verify_store
from engine.reviews import boards, voices
from engine.reviews.entries import check_entry, entries, new_id
from engine.reviews.records import PairShown, Person, Question, Verdict, fields_of, person

ROOT = Path(__file__).parents[3]
ANNA, BORIS = person("Anna"), person("Boris")
A, B, C = "a" * 64, "b" * 64, "c" * 64
STARS = Question(kind="stars", text="How sharp is it?")


@pytest.fixture
def board(store):
    made = boards.make_board(store, "Guidance", by=ANNA, about="4 or 7.5?")
    items = [
        {"title": "one", "runs": (A,), "question": STARS},
        {"title": "two", "runs": (A, B), "question": Question(kind="pair", blind=True)},
        {"title": "three", "page": "compare", "query": "runs=a,b"},
    ]
    boards.add_items(store, made, items, by=ANNA)
    return made


def titles(store, board):
    return [item.title for item in boards.load_board(store, board).items]


def test_items_stand_in_the_order_they_were_added_until_somebody_moves_them(store, board):
    assert titles(store, board) == ["one", "two", "three"]
    third = boards.load_board(store, board).items[2].id
    boards.move_item(store, board, third, by=-2, who=BORIS)
    assert titles(store, board) == ["three", "one", "two"]
    boards.add_items(store, board, [{"title": "four"}], by=BORIS)
    assert titles(store, board) == ["three", "one", "two", "four"]
    assert len(list(store.scan("revision:"))) == 1


def test_two_people_who_change_other_things_both_have_their_way(store, board):
    first, second, _ = boards.load_board(store, board).items
    boards.revise(store, board, by=ANNA, item=first.id, caption="soft")
    boards.revise(store, board, by=BORIS, item=second.id, item_title="two, blind")
    boards.revise(store, board, by=BORIS, title="Guidance scale")
    boards.revise(store, board, by=ANNA, item=first.id, removed=True)
    stands = boards.load_board(store, board)
    assert stands.title == "Guidance scale"
    assert [item.title for item in stands.items] == ["two, blind", "three"]
    assert stands.removed[0].caption == "soft"


def test_a_copy_has_the_items_and_none_of_the_verdicts(store, board):
    item = boards.load_board(store, board).items[0]
    voices.give_verdict(store, board, item, 4, by=ANNA)
    copy = boards.duplicate(store, board, by=BORIS)
    assert titles(store, copy) == titles(store, board)
    assert voices.verdicts(store, copy) == []
    assert boards.load_board(store, copy).title == "Guidance (copy)"


def test_the_last_verdict_of_a_judge_counts_and_the_first_is_kept(store, board):
    item = boards.load_board(store, board).items[0]
    for who, answer in ((ANNA, 2), (BORIS, 5), (ANNA, 4)):
        voices.give_verdict(store, board, item, answer, by=who)
    given = voices.verdicts(store, board)
    assert [v.answer for v in given] == [2, 5, 4]
    assert sorted(v.answer for v in voices.counted(given)) == [4, 5]


def test_a_pair_is_the_same_pair_whichever_way_round_it_stood(store, board):
    item = boards.load_board(store, board).items[1]
    for left, right, answer in ((A, B, "left"), (B, A, "left")):
        shown = PairShown(left=left, right=right, seed=3, blind=True)
        voices.give_verdict(store, board, item, answer, by=ANNA, pair=shown)
    (counts,) = voices.counted(voices.verdicts(store, board))
    assert counts.preferred == B


def test_threads_are_settled_and_opened_again_by_further_entries(store, board):
    item = boards.load_board(store, board).items[0].id
    voices.say(store, board, "the horizon bends", by=ANNA, item=item, step=12)
    (thread,) = voices.threads(store, board, item)
    voices.say(store, board, "from step 9 on", by=BORIS, item=item, thread=thread.id)
    voices.settle(store, board, thread, by=BORIS, resolved=True)
    assert voices.threads(store, board)[0].resolved
    voices.settle(store, board, thread, by=ANNA, resolved=False)
    (thread,) = voices.threads(store, board)
    assert not thread.resolved
    assert [each.text for each in thread.answers] == ["from step 9 on", "", ""]
    assert len(list(store.scan("comment:"))) == 4


def test_the_last_decision_counts(store, board):
    item = boards.load_board(store, board).items[0].id
    voices.decide(store, board, item, "needs work", by=ANNA)
    voices.decide(store, board, item, "accepted", by=BORIS, sentence="sharp\nenough")
    made = voices.decisions(store, board)[item]
    assert [(d.outcome, d.by.name) for d in made] == [("needs work", "Anna"), ("accepted", "Boris")]
    assert made[-1].sentence == "sharp enough"


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"title": " "}, "title must not be empty"),
        ({"title": "x" * 201}, "title must be at most 200 characters, got 201"),
        ({"title": "x", "runs": ("zz",)}, "runs"),
        (
            {"title": "x", "runs": (A, A), "question": Question(kind="pair")},
            "at least 2 for a pair",
        ),
        ({"title": "x", "page": "https://x"}, "page"),
    ],
)
def test_an_item_that_cannot_be_is_refused_and_none_of_its_company_is_kept(
    store, board, fields, line
):
    with pytest.raises(InvalidInput, match=line):
        boards.add_items(store, board, [{"title": "fine"}, fields], by=ANNA)
    assert titles(store, board) == ["one", "two", "three"]


@pytest.mark.parametrize("answer", [0, 6, "left", "", True])
def test_an_answer_to_another_question_is_refused(store, board, answer):
    item = boards.load_board(store, board).items[0]
    with pytest.raises(InvalidInput, match="answer"):
        voices.give_verdict(store, board, item, answer, by=ANNA)


def test_options_are_for_keys():
    with pytest.raises(InvalidInput, match="options must be 2 to 5 that differ, got 2"):
        Question(kind="choice", options=("a", "a"))


def test_a_name_is_one_short_line_and_nobody_is_unsigned():
    assert person(" Anna\n<b>\u202e ").name == "Anna <b>"
    assert len(person("x" * 500).name) == 80
    assert person("").how == "unsigned"
    assert person("", browser="3f2a").judge != person("", browser="99aa").judge
    assert person("Anna", login=True).judge != person("Anna").judge


def test_a_board_is_found_by_its_beginning_or_its_title(store, board):
    assert boards.resolve_board(store, board[:8]) == board
    assert boards.resolve_board(store, "guidance") == board
    with pytest.raises(InvalidInput, match="no board"):
        boards.resolve_board(store, "other")
    with pytest.raises(MissingFromStore):
        boards.load_board(store, A)


def test_verify_names_what_is_no_entry_and_keeps_what_a_later_version_wrote(store, board):
    item = boards.load_board(store, board).items[0]
    voices.give_verdict(store, board, item, 3, by=ANNA)
    (verdict,) = map(fields_of, voices.verdicts(store, board))
    bad, later = f"verdict:{new_id(board)}", f"verdict:{new_id(board)}"
    store.put(bad, Payload(meta=verdict | {"answer": 9}))
    store.put(later, Payload(meta=verdict | {"region": [1, 2]}))
    report = verify_store(store)
    assert (report.unreadable, report.later) == ((bad,), (later,))
    assert len(voices.verdicts(store, board)) == 1
    with pytest.raises(MadeLater):
        check_entry("verdict", later.partition(":")[2], store.get(later))
    elsewhere = f"verdict:{'0' * 64}"
    with pytest.raises(PayloadDamaged, match="another board"):
        check_entry("verdict", elsewhere.partition(":")[2], Payload(meta=verdict))


ROOM = """
import os, sys
from cache.store import Store
from engine.reviews import boards, voices
from engine.reviews.records import person
folder, board, judges = sys.argv[1], sys.argv[2], int(sys.argv[3])

def judge(name):
    who = person(name)
    with Store.open(folder) as store:
        item = boards.load_board(store, board).items[0]
        for i in range(10**6):
            made = voices.give_verdict(store, board, item, 1 + i % 5, by=who)
            os.write(1, b"verdict:%s\\n" % made.encode())
            made = voices.say(store, board, "remark %d" % i, by=who, item=item.id)
            os.write(1, b"comment:%s\\n" % made.encode())
            made = boards.revise(store, board, by=who, item=item.id, caption="seen by %s" % name)
            os.write(1, b"revision:%s\\n" % made.encode())

children = []
for i in range(judges):
    child = os.fork()
    if child == 0:
        judge("judge %d" % i)
    children.append(child)
os.write(1, b"judges %s\\n" % b" ".join(b"%d" % child for child in children))
for child in children:
    os.waitpid(child, 0)
"""
JUDGES = 40


def test_forty_people_at_once_lose_nothing_that_was_acknowledged_when_they_are_killed(tmp_path):
    folder, chance = tmp_path / "s", random.Random(0)
    with Store.open(folder) as store:
        board = boards.make_board(store, "Room", by=ANNA)
        boards.add_items(store, board, [{"title": "one", "runs": (A,), "question": STARS}], by=ANNA)
    command = [sys.executable, "-c", ROOM, str(folder), board, str(JUDGES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as room:
        lines = [room.stdout.readline()]
        while not lines[-1].startswith("judges"):
            lines.append(room.stdout.readline())
        judges = [int(pid) for pid in lines.pop().split()[1:]]
        while len(lines) < 5 * JUDGES:
            lines.append(room.stdout.readline())
        chance.shuffle(judges)
        for judge in judges:
            time.sleep(chance.uniform(0, 0.02))
            os.kill(judge, signal.SIGKILL)
        lines += room.stdout.readlines()
    keys = [line.strip() for line in lines]
    assert len(judges) == JUDGES
    assert len(set(keys)) == len(keys) >= 5 * JUDGES
    with Store.open(folder) as store:
        assert all(store.present(keys))
        said = {f"verdict:{i}" for i, _ in entries(store, Verdict, board)}
        assert {key for key in keys if key.startswith("verdict:")} <= said
        assert len({v.by.name for v in voices.verdicts(store, board)}) > 1
        assert boards.load_board(store, board).unreadable == ()
        report = verify_store(store)
        assert (report.faulty, report.foreign) == ((), 0)


def test_no_clean_up_takes_a_run_of_a_board_that_stands_nor_what_was_said(store, board):
    for run in (A, C):
        meta = {"run": run, "step_keys": [f"step:{run}"], "shared_keys": []}
        store.put(f"run:{run}", Payload(meta=meta))
        store.put(f"step:{run}", Payload())
    item = boards.load_board(store, board).items[0]
    voices.give_verdict(store, board, item, 4, by=ANNA)
    boards.revise(store, board, by=ANNA, item=item.id, removed=True)  # its verdicts stay, too
    report = upkeep.gc(store, older_than_s=0, to_size_bytes=0, grace_s=0, dry_run=False)
    assert report.runs == (C,)
    assert store.has(f"step:{A}")
    with pytest.raises(InvalidInput, match=r"is on board .*; archive the board first"):
        upkeep.delete_runs(store, [A], dry_run=False)
    boards.revise(store, board, by=ANNA, archived=True)
    report = upkeep.gc(store, older_than_s=0, to_size_bytes=0, grace_s=0, dry_run=False)
    assert report.runs == (A,)
    assert len(voices.verdicts(store, board)) == 1
    boards.revise(store, board, by=Person(), archived=False)
    assert not boards.load_board(store, board).archived


def test_a_damaged_item_stops_clean_ups(store, board):
    store.put(f"item:{new_id(board)}", Payload(meta={"board": board, "runs": "all"}))
    with pytest.raises(PayloadDamaged, match="runs must be a list"):
        upkeep.gc(store, older_than_s=0, dry_run=False)
