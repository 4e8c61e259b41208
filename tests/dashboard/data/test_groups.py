from dashboard.data.groups import group_id, groups
from engine.chain import manifests
from tests.dashboard.comparisons import BASE, keep_guidance, keep_run, pixels_of
from tests.dashboard.conftest import FINGERPRINT

VARYING = ("seed", "guidance")


def test_runs_that_differ_elsewhere_are_another_group(store):
    runs = keep_guidance(store, scales=(1.0, 5.0), seeds=(0, 7))
    keep_run(store, BASE.but(steps=3), pixels_of(0, 1))
    several = groups(manifests.listed(store), varying=VARYING)
    assert sorted(len(each.runs) for each in several) == [1, 4]
    large = max(several, key=lambda each: len(each.runs))
    assert large.values("guidance") == [1.0, 5.0]
    assert large.values("seed") == [0, 7]
    assert {cell: run.run for cell, run in large.cells("guidance", "seed").items()} == runs
    assert "seed" not in large.shared


def test_a_group_is_named_by_what_its_runs_share_alone(store):
    keep_guidance(store, scales=(1.0, 5.0), seeds=(0,))
    (group,) = groups(manifests.listed(store), varying=VARYING)
    other = BASE.but(guidance=9, seed=5).facts()
    assert group_id(other, FINGERPRINT, varying=VARYING[::-1]) == group.id
    assert group_id(BASE.but(steps=3).facts(), FINGERPRINT, varying=VARYING) != group.id
    assert group_id(other, "0" * 64, varying=VARYING) != group.id
