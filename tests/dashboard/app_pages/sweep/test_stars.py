"""Stars on cells are verdicts on a board that the first of them makes."""

from dashboard.app_pages.sweep.stars import link_of_sweep, star, stars_of
from engine.reviews.boards import list_boards
from engine.reviews.records import person

ANNA, BEN = person("Anna"), person("Ben")
LINK = link_of_sweep({"kind": "text", "axes": "seed=0:2", "base": "4", "rows": "seed", "skip": ""})
RUN, OTHER = "a" * 64, "b" * 64


def give(store, run, count, who):
    return star(store, LINK, run, count, title="seed 0", sweep="sweep over seed", who=who)


def test_the_link_of_a_sweep_says_which_it_is_and_not_how_it_is_looked_at():
    assert LINK == "kind=text&base=4&axes=seed%3D0%3A2"


def test_the_last_word_of_everybody_counts_and_the_best_come_first(store):
    assert stars_of(store, LINK, ANNA).board is None
    board = give(store, RUN, 2, ANNA)
    assert give(store, RUN, 5, ANNA) == board
    give(store, RUN, 4, BEN)
    give(store, OTHER, 3, BEN)
    stars = stars_of(store, LINK, ANNA)
    assert stars.board == board
    assert stars.mean == {RUN: 4.5, OTHER: 3.0}
    assert stars.own == {RUN: 5}
    assert stars.best([OTHER, RUN, "c" * 64]) == [RUN, OTHER]
    (made,) = list_boards(store)
    assert [item.runs for item in made.items] == [(RUN,), (OTHER,)]


def test_another_sweep_has_another_board(store):
    give(store, RUN, 2, ANNA)
    assert stars_of(store, link_of_sweep({"kind": "text", "axes": "seed=0:3"}), ANNA).board is None
