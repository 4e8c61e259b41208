import pytest

from cache.errors import InvalidInput
from engine.image.spec import ImageSpec
from engine.requests.sweeps import expand, parse_axes, parse_axis, parse_seeds, parse_skip
from engine.text.spec import TextSpec


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
        ("prompt=1984,dog", ("prompt", ["1984", "dog"])),
        ("prompt:sea=none,1e3,true,007", ("prompt:sea", ["none", "1e3", "true", "007"])),
        ('prompt:red="yellow, orange", white ', ("prompt:red", ["yellow, orange", "white"])),
        ('prompt=say "hi" now,"say ""hi"" now"', ("prompt", ['say "hi" now', 'say "hi" now'])),
        ("negative_prompt=,blurry", ("negative_prompt", ["", "blurry"])),
        ("template=[MASK] sea,a [MASK]", ("template", ["[MASK] sea", "a [MASK]"])),
        ("model=1984,/a:b", ("model", ["1984", "/a:b"])),
        ("guidance=[[1, 2], 3]", ("guidance", [[1, 2], 3])),
        ("seed=4:0:-2", ("seed", [4, 2])),
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
        ("prompt=[red] sea", "a text that begins with \\[ goes into quotes"),
        ("prompt=[1984]", "prompt must be texts in quotes in a JSON list, got 1984"),
        ('prompt="a,b', "quoted whole where they hold commas"),
        ('prompt="a" b,c', "quoted whole where they hold commas"),
        ("guidance=[{}]", "numbers, names or lists of them in a JSON list, got {}"),
        ("guidance=[[[1]]]", "numbers, names or lists of them in a JSON list"),
        ("guidance=[]", "must have 1 to 4096 values"),
        ("seed=" + "[" * 5000, "nested at most 32 deep"),
        ("seed=0:" + "9" * 20, "must have 1 to 4096 values"),
        ("seed=0:4000,0:4000", "must have 1 to 4096 values"),
        ("seed=0:1" + "0" * 30, "must be a range"),
        ("seed=²:³", "must be a range"),
        ("seed=0:8:0", "must be a range"),
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


def test_words_are_replaced_as_words_all_at_once():
    base = ImageSpec(prompt="a seagull by the sea, a sea-horse in the seas; the cat's dog")
    (found,) = expand(base, {"prompt:sea": ["lake"]})
    assert found.prompt == "a seagull by the lake, a lake-horse in the seas; the cat's dog"
    (found,) = expand(base, {"prompt:cat": ["dog"], "prompt:dog": ["cat"]})
    assert found.prompt.endswith("the dog's cat")
    (found,) = expand(base, {"prompt:sea": [r"\1 \g<0>"]})
    assert r"by the \1 \g<0>, a" in found.prompt
    for word in ("se", "gull", "Sea"):
        with pytest.raises(InvalidInput, match=r"not in .a seagull .* as a word of its own"):
            list(expand(base, {f"prompt:{word}": ["x"]}))


def test_scripts_without_spaces_have_words_inside_words():
    (found,) = expand(ImageSpec(prompt="我爱北京的海"), {"prompt:北京": ["上海"]})
    assert found.prompt == "我爱上海的海"
    with pytest.raises(InvalidInput, match="as a word of its own"):
        list(expand(ImageSpec(prompt="cafe\u0301"), {"prompt:cafe": ["bar"]}))


def test_whole_prompts_come_before_words_in_them_whatever_the_order_of_axes():
    axes = {"prompt:sea": ["lake"], "prompt": ["the sea", "a sea"]}
    assert [c.prompt for c in expand(ImageSpec(prompt="x"), axes)] == ["the lake", "a lake"]
    with pytest.raises(InvalidInput, match="replaces 'sea', which is not in 'a hill'"):
        list(expand(ImageSpec(prompt="x"), {"prompt": ["a sea", "a hill"], "prompt:sea": ["y"]}))


def test_true_is_not_taken_for_1_and_values_come_once():
    assert parse_axes(["seed=1,true,1", "eta=1,1.0"]) == {"seed": [1, True], "eta": [1]}
    with pytest.raises(InvalidInput, match="got True"):
        list(expand(TextSpec(length=3), {"seed": [1, True]}))


def test_an_unknown_axis_hears_what_is_near_it():
    with pytest.raises(InvalidInput, match=r"unknown axis 'guidence'; .*; near it: guidance"):
        list(expand(ImageSpec(prompt="x"), {"guidence": [1]}))


def test_rules_take_quoted_words_with_spaces():
    base = ImageSpec(prompt="a red sea")
    name, values = parse_axis('prompt:red="yellow, orange",white')
    rule = parse_skip('prompt:red="yellow, orange"  seed=0')
    found = [(c.prompt, c.seed) for c in expand(base, {name: values, "seed": [0, 1]}, [rule])]
    assert found == [("a yellow, orange sea", 1), ("a white sea", 0), ("a white sea", 1)]


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
