"""Families: parents before forks, and a missing run between does not break the tree."""

from engine.chain import manifests
from engine.experiments.families import family
from engine.experiments.forks import fork
from engine.requests.computing import compute
from engine.text.spec import TextSpec


def made(store, spec):
    return manifests.load(store, compute(store, [spec]).runs[0])


def test_a_family_is_a_tree_with_parents_first(store, tiny_bert):
    base = TextSpec(model=tiny_bert, length=6, steps=6, top_k=3)
    root = made(store, base)
    made(store, base.but(seed=5))  # another run, no kin
    first = made(store, fork(store, root, 2, {"temperature": 0.5}))
    second = made(store, fork(store, root, 4, {"temperature": 2.0}))
    grandchild = made(store, fork(store, first, 3, write=[(0, "moon")]))
    members = family(store, grandchild)
    assert [m.manifest.run for m in members] == [
        root.run, first.run, grandchild.run, second.run,
    ]  # fmt: skip
    assert [m.parent for m in members] == [None, root.run, first.run, root.run]
    assert [m.at for m in members] == [0, 2, 3, 4]
    assert [m.depth for m in members] == [0, 1, 2, 1]
    assert members[2].changes[0]["write"] == [[0, "moon"]]
    assert family(store, root) == members


def test_a_fork_whose_parent_was_never_computed_hangs_on_the_nearest(store, tiny_bert):
    base = TextSpec(model=tiny_bert, length=6, steps=6, top_k=3)
    root = made(store, base)
    middle = made(store, fork(store, root, 2, {"temperature": 0.5}))
    leaf = made(store, fork(store, middle, 4, {"top_k": 2}))
    store.delete([manifests.run_key(middle.run)])
    members = family(store, root)
    assert [(m.manifest.run, m.parent, m.at) for m in members] == [
        (root.run, None, 0),
        (leaf.run, root.run, 2),
    ]
    assert [change["at"] for change in members[1].changes] == [2, 4]
