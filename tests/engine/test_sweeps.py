import pytest

from cache.errors import InvalidInput
from engine.image_specs import ImageSpec
from engine.specs import TextSpec
from engine.sweeps import expand, parse_axis, parse_seeds, parse_skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed=0:3", ("seed", [0, 1, 2])),
        ("seed=0:10:5,99", ("seed", [0, 5, 99])),
        ("top-k=none,5", ("top_k", [None, 5])),
        ("accelerator=none,tome", ("accelerator", ["none", "tome"])),
        ("temperature=0.7,1", ("temperature", [0.7, 1])),
        ("order=margin,entropy", ("order", ["margin", "entropy"])),
        ('prompt=["a, b", "c"]', ("prompt", ["a, b", "c"])),
        ("exact=true,false", ("exact", [True, False])),
    ],
)
def test_axes(text, expected):
    assert parse_axis(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed", "NAME=VALUES"),
        ("=3", "NAME=VALUES"),
        ("seed=", "NAME=VALUES"),
        ("seed=a:b", "must be a range"),
        ("seed=3:3", "must have 1 to"),
        ("seed=0:99999999", "must have 1 to"),
        ("prompt=[1", "not a JSON list"),
    ],
)
def test_bad_axes_are_named(text, message):
    with pytest.raises(InvalidInput, match=message):
        parse_axis(text)


def test_seeds_are_whole_numbers():
    assert parse_seeds("0:3,7") == [0, 1, 2, 7]
    with pytest.raises(InvalidInput, match=r"got 1\.5"):
        parse_seeds("1.5")


def test_grid_has_every_cell_with_the_last_axis_fastest():
    cells = list(expand(TextSpec(length=3), {"seed": [0, 1], "top_k": [None, 5]}))
    assert [(c.seed, c.top_k) for c in cells] == [(0, None), (0, 5), (1, None), (1, 5)]


def test_grid_is_bounded_and_checked():
    with pytest.raises(InvalidInput, match="unknown axis 'sed'; choose from"):
        list(expand(TextSpec(length=3), {"sed": [1]}))
    with pytest.raises(InvalidInput, match="1 to 4096 cells"):
        list(expand(TextSpec(length=3), {"seed": range(100), "steps": range(1, 100)}))
    with pytest.raises(InvalidInput, match="steps must be"):
        list(expand(TextSpec(length=3), {"steps": [0]}))


def test_a_word_of_a_prompt_can_be_an_axis():
    base = ImageSpec(prompt="a calm sea at dusk")
    name, values = parse_axis("prompt:sea=lake,desert")
    found = [cell.prompt for cell in expand(base, {name: values, "prompt:dusk": ["dusk", "noon"]})]
    assert found == [
        "a calm lake at dusk",
        "a calm lake at noon",
        "a calm desert at dusk",
        "a calm desert at noon",
    ]
    with pytest.raises(InvalidInput, match="replaces 'moon', which is not in 'a calm sea"):
        list(expand(base, {"prompt:moon": ["sun"]}))
    with pytest.raises(InvalidInput, match="unknown axis 'seed:1'"):
        list(expand(base, {"seed:1": [2]}))


def test_skipped_cells_are_left_out():
    base = ImageSpec(prompt="a sea")
    axes = {"guidance": [1, 5], "sampler": ["ddim", "euler"], "seed": [0, 1]}
    rules = [parse_skip("guidance=1 sampler=euler"), parse_skip("seed=1 guidance=5")]
    found = [(c.guidance, c.sampler, c.seed) for c in expand(base, axes, rules)]
    assert found == [(1, "ddim", 0), (1, "ddim", 1), (5, "ddim", 0), (5, "euler", 0)]
    with pytest.raises(InvalidInput, match="skip names 'eta'; the axes are guidance"):
        list(expand(base, axes, [parse_skip("eta=0")]))
    with pytest.raises(InvalidInput, match="leaves no cell"):
        list(expand(base, {"seed": [0]}, [parse_skip("seed=0:4")]))
