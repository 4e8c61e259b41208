"""The demo's board."""

from engine.reviews.boards import load_board
from engine.reviews.demo import demo_board
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text


def test_the_demo_has_a_blind_pair_and_stars(store):
    runs = [keep_image(store, spec=IMAGE_SPEC.but(seed=0, guidance=g)) for g in (1.0, 3.0)]
    compared = keep_image(store, spec=IMAGE_SPEC.but(seed=0, exact=True))  # by samplers, no pair
    board = load_board(store, demo_board(store, [*runs, compared, keep_text(store, SPEC, 6)]))
    assert [item.question.kind for item in board.items] == ["pair", "stars"]
    assert board.items[0].runs == tuple(runs)


def test_without_a_picture_or_a_template_there_is_nothing_to_judge(store):
    assert demo_board(store, [keep_text(store, SPEC, 6)]) is None
    assert not list(store.scan("board:"))
