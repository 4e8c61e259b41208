import dataclasses

import numpy as np

from engine.metrics.changes_of_mind import changes_of_mind
from tests.hand_made_text import MASK, Taken, text_run

WAVERING = [
    Taken({0: 5, 2: 7, 3: 9}, [0], confidence=0.2),
    Taken({2: 8, 3: 9}, [], confidence=0.4),
    Taken({2: 7, 3: 6}, [2], confidence=0.6),
    Taken({3: 9}, [3], confidence=0.8),
]


def test_a_template_s_word_has_no_mind_and_the_others_are_followed_by_hand():
    found = changes_of_mind(text_run([MASK, 3, MASK, MASK], WAVERING))
    assert found.held.tolist() == [[5, 3, 7, 9], [5, 3, 8, 9], [5, 3, 7, 6], [5, 3, 7, 9]]
    assert found.changes.tolist() == [0, 0, 2, 2]
    assert found.judged.tolist() == [True, False, True, True]
    assert found.first_held.tolist() == [1, 0, 1, 1]
    assert found.lost.tolist() == [False, False, True, True]
    assert found.settled == 4  # the first step held it all, and then lost it
    assert found.final.tolist() == [5, 3, 7, 9]
    assert np.isnan(found.confidence[:, 1]).all()
    assert found.confidence[2, 3] == np.float32(0.6)
    assert found.holds_final.tolist() == [
        [True, False, True, True],
        [False, False, False, True],
        [False, False, True, False],
        [False, False, False, True],
    ]


def test_a_sentence_that_was_known_at_once_is_settled_at_step_1():
    steps = [Taken({0: 5, 1: 6}, [1]), Taken({0: 5}, [0])]
    found = changes_of_mind(text_run([MASK, MASK], steps))
    assert found.settled == 1
    assert found.changes.tolist() == [0, 0]


def test_a_written_word_is_a_hand_s_and_no_change_of_mind():
    steps = [
        Taken({0: 5, 1: 6}, []),
        Taken({0: 4, 1: 6}, []),
        Taken({1: 7}, [1], written={0: 8}),
    ]
    found = changes_of_mind(text_run([MASK, MASK], steps))
    assert found.changes.tolist() == [1, 1]  # 5 to 4 was the model's, 4 to 8 was not
    assert found.judged.tolist() == [False, True]
    assert found.first_held.tolist() == [0, 3]
    assert found.settled == 3


def test_a_position_that_a_fork_masks_again_is_judged_from_then_on():
    steps = [
        Taken({0: 5, 1: 6}, [0]),
        Taken({0: 7, 1: 6}, [1], written={0: MASK}),
        Taken({0: 5}, [0]),
    ]
    found = changes_of_mind(text_run([MASK, MASK], steps))
    assert found.changes.tolist() == [1, 0]  # 7 to 5; 5 to 7 was the mask's doing
    assert found.first_held.tolist() == [3, 1]
    assert found.lost.tolist() == [False, False]


def test_a_template_s_word_that_a_fork_masks_is_judged():
    found = changes_of_mind(text_run([3, MASK], [Taken({0: 4, 1: 6}, [0, 1], written={0: MASK})]))
    assert found.judged.tolist() == [True, True]
    assert found.changes.tolist() == [0, 0]


def test_what_a_rule_takes_back_is_held_until_it_is_judged_anew():
    run = text_run([MASK, MASK], [Taken({0: 5, 1: 6}, [0]), Taken({1: 6}, [1])])
    back = dataclasses.replace(run.steps[2], tokens=np.array([MASK, 6], np.int32))
    again = dataclasses.replace(
        run.steps[1], index=3, proposed=np.array([7], np.int32), masked=np.array([0], np.int32),
        tokens=np.array([7, 6], np.int32), confidence=np.ones(1, np.float32),
    )  # fmt: skip
    found = changes_of_mind(dataclasses.replace(run, steps=(*run.steps[:2], back, again)))
    assert found.held.tolist() == [[5, 6], [5, 6], [7, 6]]
    assert found.changes.tolist() == [1, 0]
    assert found.settled == 3


def test_a_run_that_is_not_whole_is_judged_by_what_it_holds_last():
    found = changes_of_mind(text_run([MASK, MASK], [Taken({0: 5, 1: 6}, [0]), Taken({1: 7}, [])]))
    assert found.final.tolist() == [5, 7]
    assert found.settled == 2


def test_a_start_alone_has_nothing_to_tell():
    found = changes_of_mind(text_run([MASK, 3], []))
    assert found.settled == 0
    assert found.changes.tolist() == [0, 0]
    assert not found.judged.any()


def test_what_is_drawn_in_vain_for_a_word_that_stands_is_told():
    steps = [
        Taken({0: 5, 1: 6}, [0, 1]),
        Taken({0: 8, 1: 6}, [], asks_about_words=True),
        Taken({0: 8}, [0], asks_about_words=True),
    ]
    found = changes_of_mind(text_run([MASK, MASK], steps))
    assert found.held.tolist() == [[5, 6], [5, 6], [8, 6]]
    assert found.stood.tolist() == [[False, False], [True, False], [False, False]]
    assert found.drawn[1, 0] == 8
    assert np.isnan(found.confidence[1, 0])
    assert found.changes.tolist() == [1, 0]
