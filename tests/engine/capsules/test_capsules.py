"""Runs that travel: whole, checked, and never over what is there."""

import dataclasses
import io
import zlib

import numpy as np
import pytest

from cache import capsule, keys
from cache.errors import CapsuleRefused, InvalidInput, MissingFromStore
from cache.payload import Payload
from cache.store import Store
from engine.capsules.exporting import export_board, export_runs
from engine.capsules.importing import import_runs
from engine.capsules.verifying import verify_store
from engine.chain import imported, manifests
from engine.embed import keys as embed_keys
from engine.embed import stored as embed_stored
from engine.embed.keys import embed_chain
from engine.embed.records import TokenEmbeddings
from engine.embed.spec import EmbedSpec
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.keys import image_chain
from engine.reviews import boards, voices
from engine.reviews.entries import new_id
from engine.reviews.records import Question, person
from engine.text import stored as text_stored
from engine.text.keys import text_chain
from engine.text.spec import TextSpec
from tests.dashboard.conftest import (
    FINGERPRINT,
    IMAGE_SPEC,
    SPEC,
    keep_corruption,
    keep_image,
    keep_text,
)

CLIP = "c" * 64


def keep_embeddings(store, texts, pictures):
    """A hand-made embed run, as ``EmbedWalker`` leaves it; its id."""
    spec = EmbedSpec(texts=tuple(texts), pictures=tuple(pictures))
    chain = embed_chain(spec, CLIP)
    unit = np.ones((len(texts), 4), np.float32) / 2
    payload = embed_stored.embed_payload(
        texts=unit,
        first_tokens=unit,
        pictures=np.ones((len(pictures), 4), np.float32) / 2,
        tokens=[TokenEmbeddings(("<s>", text), np.ones((2, 4), np.float32)) for text in texts],
        logit_scale=100.0,
        provenance={},
    )
    store.put(chain.step_keys[0], payload)
    for name, values in (("text", texts), ("picture", pictures)):
        for value in values:
            key = embed_keys.embedding_key(CLIP, {name: value})
            store.put(key, Payload({"pooled": unit[0]}, {}))
    manifest = manifests.new_manifest(
        run=chain.run,
        spec=spec.facts(),
        fingerprint=CLIP,
        step_keys=chain.step_keys,
        shared_keys=[image_keys.picture_key(digest) for digest in pictures],
    )
    manifests.put(store, manifest)
    return chain.run


@pytest.fixture
def full(store):
    """One run of every kind, a partial one, and what pages measure the picture by."""
    keep_text(store, SPEC, 6)
    keep_text(store, SPEC.but(seed=1), 3)
    keep_corruption(store)
    picture = image_stored.keep_result(store, keep_image(store))
    keep_embeddings(store, [IMAGE_SPEC.prompt, "other"], [picture])
    return store


def all_runs(store):
    return sorted(key.removeprefix("run:") for key in store.scan("run:"))


def exported(store, runs=None):
    file = io.BytesIO()
    export_runs(store, all_runs(store) if runs is None else runs, file)
    return file.getvalue()


def rewritten(store, change, runs=None):
    """A capsule of the store's runs with one run's manifest changed by hand."""
    opened = capsule.read(io.BytesIO(exported(store, runs)))
    metas = [dict(run) for run in opened.runs]
    change(metas[0])
    out = io.BytesIO()
    capsule.write(store, out, runs=metas, keys=opened.entries, facts=opened.facts)
    return out.getvalue()


def refused(data, folder):
    """Why a store refuses a capsule; nothing is in that store afterwards."""
    with Store.open(folder) as other:
        with pytest.raises(CapsuleRefused) as error:
            import_runs(other, io.BytesIO(data))
        assert other.stats().entries == 0
    return str(error.value)


def test_every_kind_of_run_opens_in_another_store(full, tmp_path):
    with Store.open(tmp_path / "other") as other:
        found = import_runs(other, io.BytesIO(exported(full)))
        assert sorted(found.new_runs) == all_runs(full) == all_runs(other)
        assert (found.present_runs, found.present_entries) == ((), 0)
        for manifest in manifests.listed(full):
            assert manifests.load(other, manifest.run) == manifest
            load = {
                "text": text_stored.load_text_run,
                "corruption": text_stored.load_corruption_run,
                "image": image_stored.load_image_run,
                "embed": embed_stored.load_embed_run,
            }[manifest.kind]
            load(other, manifest.run)
        image = manifests.load(other, image_chain(IMAGE_SPEC, FINGERPRINT).run)
        assert image_stored.find_result(other, image) is not None
        assert image_stored.find_preview(other, FINGERPRINT) is not None


def test_a_store_and_its_import_export_the_same_bytes(full, tmp_path):
    data = exported(full)
    with Store.open(tmp_path / "other") as other:
        import_runs(other, io.BytesIO(data))
        assert exported(other) == data
    assert exported(full, reversed(all_runs(full))) == data


def test_what_pages_measure_a_picture_by_travels_with_it(full, tmp_path):
    run = image_chain(IMAGE_SPEC, FINGERPRINT).run
    with Store.open(tmp_path / "other") as other:
        import_runs(other, io.BytesIO(exported(full, [run])))
        assert len(list(other.scan("embedding:"))) == 2  # its prompt and its picture, not "other"
        assert len(list(other.scan("picture:"))) == 1


def test_what_a_model_would_compute_again_stays(full):
    key = image_keys.prompt_key(FINGERPRINT, IMAGE_SPEC.prompt, False, "float32")
    full.put(key, Payload({"x": np.zeros(3, np.float32)}))
    assert key in manifests.load(full, image_chain(IMAGE_SPEC, FINGERPRINT).run).shared_keys
    assert key not in capsule.read(io.BytesIO(exported(full))).entries


def test_what_is_here_already_stays_tags_and_notes_too(full, tmp_path):
    run = text_chain(SPEC, FINGERPRINT).run
    manifests.annotate(full, run, tags=["theirs"], note="=theirs")
    with Store.open(tmp_path / "other") as other:
        keep_text(other, SPEC, 2)
        manifests.annotate(other, run, tags=["ours"], note="ours")
        found = import_runs(other, io.BytesIO(exported(full, [run])))
        assert (found.new_runs, found.present_runs) == ((), (run,))
        assert (found.new_entries, found.present_entries) == (4, 3)
        assert manifests.load(other, run).tags == ("ours",)
        assert text_stored.load_text_run(other, run).complete
        again = import_runs(other, io.BytesIO(exported(full, [run])))
        assert (again.new_entries, again.present_entries) == (0, 7)


def test_tags_and_notes_travel(full, tmp_path):
    run = text_chain(SPEC, FINGERPRINT).run
    manifests.annotate(full, run, tags=["a"], note="<b>look</b> 🌊")
    with Store.open(tmp_path / "other") as other:
        import_runs(other, io.BytesIO(exported(full, [run])))
        manifest = manifests.load(other, run)
        assert (manifest.tags, manifest.note) == (("a",), "<b>look</b> 🌊")


def test_forks_travel(full, tmp_path):
    fork = TextSpec.parse({**SPEC.facts(), "changes": [{"at": 2, "temperature": 0.5}]})
    chain = text_chain(fork, FINGERPRINT)
    assert chain.step_keys[:3] == text_chain(SPEC, FINGERPRINT).step_keys[:3]
    run = keep_text(full, fork, 6)
    manifest = dataclasses.replace(
        manifests.load(full, run), parent=text_chain(SPEC, FINGERPRINT).run
    )
    full.replace(f"run:{run}", Payload(meta=manifests.manifest_meta(manifest)))
    with Store.open(tmp_path / "other") as other:
        import_runs(other, io.BytesIO(exported(full, [run])))
        assert manifests.load(other, run).parent == text_chain(SPEC, FINGERPRINT).run


def test_a_run_without_a_step_or_of_no_store_is_not_exported(store):
    run = keep_text(store, SPEC, 0)
    with pytest.raises(InvalidInput, match="has no stored step yet"):
        exported(store, [run])
    with pytest.raises(MissingFromStore):
        exported(store, ["0" * 64])
    with pytest.raises(InvalidInput, match="runs must be 1 to 10000, got 0"):
        exported(store, [])


LIES = {
    "id that is not the hash": lambda m: m.update(run="0" * 64),
    "has a run that cannot be": lambda m: m.update(run="../x"),
    "has a kind that cannot be": lambda m: m.update(kind="decode"),
    "has a spec that cannot be": lambda m: m.update(spec=[]),
    "has a model that cannot be": lambda m: m.update(model="other"),
    "has a fingerprint that cannot be": lambda m: m.update(fingerprint=7),
    "has a step_keys that cannot be": lambda m: m.update(step_keys=[]),
    "has a shared_keys that cannot be": lambda m: m.update(shared_keys="vocab"),
    "has a created_at that cannot be": lambda m: m.update(created_at=1e300),
    "has a parent that cannot be": lambda m: m.update(parent="x"),
    "has a tags that cannot be": lambda m: m.update(tags=[1]),
    "has a note that cannot be": lambda m: m.update(note="x" * 100_001),
    "must have the fields": lambda m: m.update(more=1),
    "parent that it was not forked from": lambda m: m.update(parent="0" * 64),
    "must name its model's vocabulary": lambda m: m.update(shared_keys=[]),
    "not of its spec": lambda m: m.update(shared_keys=["preview:" + "0" * 64]),
}


@pytest.mark.parametrize("told", LIES)
def test_a_manifest_that_lies_is_refused(store, tmp_path, told):
    run = keep_text(store, SPEC, 6)
    assert told in refused(rewritten(store, LIES[told], [run]), tmp_path / "other")


def test_text_that_utf8_cannot_hold_is_refused(store, tmp_path):
    run = keep_text(store, SPEC, 6)
    data = rewritten(store, lambda m: m.update(note="abcdef"), [run])
    assert "UTF-8" in refused(data.replace(b"abcdef", rb"\ud800"), tmp_path / "other")


def test_steps_of_another_spec_under_a_right_hash_are_refused(store, tmp_path):
    keep_text(store, SPEC, 6)
    run = keep_text(store, SPEC.but(seed=1), 6)
    other = text_chain(SPEC, FINGERPRINT)

    def lie(meta):
        meta["step_keys"] = list(other.step_keys)
        last = other.step_keys[-1].removeprefix("step:")
        meta["run"] = keys.key("run", {"kind": "text", "last": last, "spec": meta["spec"]})

    told = refused(rewritten(store, lie, [run]), tmp_path / "other")
    assert "has steps that are not those of its spec" in told


def test_an_entry_of_no_run_is_refused(full, tmp_path):
    opened = capsule.read(io.BytesIO(exported(full)))
    one = [run for run in opened.runs if run["kind"] == "corruption"]
    out = io.BytesIO()
    capsule.write(full, out, runs=one, keys=opened.entries, facts=opened.facts)
    assert "belongs to none of its runs" in refused(out.getvalue(), tmp_path / "other")


def test_a_capsule_without_the_start_or_the_vocabulary_is_refused(store, tmp_path):
    run = keep_text(store, SPEC, 6)
    opened = capsule.read(io.BytesIO(exported(store, [run])))
    for missing, told in (("step:", "the start of run"), ("vocab:", "is missing, and run")):
        gone = next(
            key
            for key in (*text_chain(SPEC, FINGERPRINT).step_keys, *opened.entries)
            if key.startswith(missing)
        )
        out = io.BytesIO()
        kept = [key for key in opened.entries if key != gone]
        capsule.write(store, out, runs=opened.runs, keys=kept, facts=opened.facts)
        assert told in refused(out.getvalue(), tmp_path / missing.strip(":"))


@pytest.mark.parametrize(
    "facts", [{}, {"clips": ["x"]}, {"clips": "c" * 64}, {"clips": [], "a": 1}]
)
def test_other_facts_are_refused(store, tmp_path, facts):
    run = keep_text(store, SPEC, 6)
    opened = capsule.read(io.BytesIO(exported(store, [run])))
    out = io.BytesIO()
    capsule.write(store, out, runs=opened.runs, keys=opened.entries, facts=facts)
    assert "must name 0 to 64 clips" in refused(out.getvalue(), tmp_path / "other")


def spoil(store, key, *, arrays=None, meta=None):
    """Put other contents under a key that is taken."""
    old = store.get(key)
    new_meta = {k: v for k, v in {**old.meta, **(meta or {})}.items() if v != "gone"}
    new = {k: v for k, v in {**old.arrays, **(arrays or {})}.items() if v is not None}
    store.replace(key, Payload(new, new_meta))


TEXT_STEPS = {
    "is step 9, not 2": {"meta": {"index": 9}},
    "lacks 'index'": {"meta": {"index": "gone"}},
    "lacks 'tokens'": {"arrays": {"tokens": None}},
    "another shape than the steps before": {"arrays": {"tokens": np.full(6, 5, np.int32)}},
    "integers as tokens": {"arrays": {"tokens": np.zeros(5, np.float32)}},
    "none of the vocabulary's 30": {"arrays": {"tokens": np.full(5, 30, np.int32)}},
    "has masked outside the text's": {"arrays": {"masked": np.array([1, 2, 3, 99], np.int32)}},
    "integers as proposed": {"arrays": {"proposed": np.zeros(1, np.int32)}},
    "must have confidence of shape (4,)": {"arrays": {"confidence": np.zeros(9, np.float32)}},
    "has no candidates": {"arrays": {"candidates": np.zeros(4, np.int32)}},
    "reveals what was not masked": {"arrays": {"revealed": np.array([0], np.int32)}},
}


@pytest.mark.parametrize("told", TEXT_STEPS)
def test_a_step_of_another_shape_is_refused(store, tmp_path, told):
    run = keep_text(store, SPEC, 6)
    spoil(store, text_chain(SPEC, FINGERPRINT).step_keys[2], **TEXT_STEPS[told])
    assert told in refused(exported(store, [run]), tmp_path / "other")


def test_pictures_and_latents_of_another_shape_are_refused(store, tmp_path):
    run = keep_image(store)
    chain = image_chain(IMAGE_SPEC, FINGERPRINT)
    whole = store.get(chain.step_keys[1])
    spoil(store, chain.step_keys[1], arrays={"noise_cond": np.zeros((4, 4), np.float32)})
    assert "must have noise_cond of shape (4, 4, 4)" in refused(exported(store), tmp_path / "a")
    store.replace(chain.step_keys[1], whole)
    key = image_keys.decode_key(chain.step_keys[-1], "latents")
    spoil(store, key, meta={"width": 33})
    assert "is (32, 32), and says it is (33, 32)" in refused(exported(store), tmp_path / "b")
    spoil(store, key, meta={"width": 32}, arrays={"png": np.arange(99, dtype=np.uint8)})
    with pytest.raises(InvalidInput, match=r"cannot be exported: .*cannot identify"):
        exported(store, [run])


def test_a_picture_that_is_not_that_of_its_key_is_refused(full, tmp_path):
    key = next(full.scan("picture:"))
    other = image_stored.decoded_payload("step:" + "0" * 64, np.zeros((32, 32, 3), np.uint8))
    full.replace(key, other)
    assert "is not the picture of its key" in refused(exported(full), tmp_path / "other")


def test_a_partial_run_goes_on_elsewhere(store, tmp_path):
    keep_text(store, SPEC, 3)
    with Store.open(tmp_path / "other") as other:
        import_runs(other, io.BytesIO(exported(store)))
        manifest = next(iter(manifests.listed(other)))
        assert manifests.stored_steps(other, manifest) == 2
        keep_text(other, SPEC, 6)
        assert manifests.stored_steps(other, manifest) == 5


def cut_png(store, key):
    """Pixel data that ends early, in chunks that are whole by their own checksums."""
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    raw = zlib.compress(b"".join(b"\0" + row.tobytes() for row in noise))[:900]

    def chunk(kind, data):
        checked = kind + data
        return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = (32).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")
    meta = dict(store.get(key).meta)
    store.replace(key, Payload({"png": np.frombuffer(png, np.uint8)}, meta))


def test_a_picture_is_decoded_whole_before_it_is_taken(store, tmp_path):
    keep_image(store)
    (key,) = store.scan("decode:")
    cut_png(store, key)
    (run,) = all_runs(store)
    data = exported_without_reading(store, run)
    assert "decode/" in refused(data, tmp_path / "other")


def exported_without_reading(store, run):
    """As somebody would pack it who does not look at pictures."""
    manifest = manifests.load(store, run)
    keep = [*manifest.step_keys, *manifest.shared_keys]
    there = [key for key in keep if store.has(key) and key.partition(":")[0] in capsule.KINDS]
    target = io.BytesIO()
    meta = manifests.manifest_meta(manifest)
    capsule.write(store, target, runs=[meta], keys=there, facts={"clips": []})
    return target.getvalue()


def test_a_picture_larger_than_any_run_makes_is_refused(store, tmp_path):
    keep_image(store)
    (key,) = store.scan("decode:")
    png = image_stored.png_bytes(np.zeros((1, 4000, 3), np.uint8))
    arrays = {"png": np.frombuffer(png, np.uint8)}
    store.replace(key, Payload(arrays, {"width": 4000, "height": 1, "step_key": "step:"}))
    (run,) = all_runs(store)
    assert "at most 2048" in refused(exported_without_reading(store, run), tmp_path / "other")


def test_a_preview_of_other_channels_and_a_maker_that_is_no_run_are_refused(store, tmp_path):
    run = keep_image(store)
    key = image_keys.preview_key(FINGERPRINT)
    whole = store.get(key)
    arrays = {"matrix": np.eye(7, 3, dtype=np.float32), "offset": np.zeros(3, np.float32)}
    store.replace(key, Payload(arrays, whole.meta))
    assert "maps 7 channels" in refused(exported_without_reading(store, run), tmp_path / "a")
    store.replace(key, whole)
    step = manifests.load(store, run).step_keys[1]
    payload = store.get(step)
    store.replace(step, Payload(payload.arrays, {**payload.meta, "made_for": [1, 2]}))
    assert "made for what is no run" in refused(
        exported_without_reading(store, run), tmp_path / "b"
    )


def test_a_vocabulary_that_is_not_its_models_is_refused_where_the_model_is(store, tmp_path):
    from engine.requests.computing import compute

    run = compute(store, [TextSpec(length=3)]).runs[0]
    (key,) = store.scan("vocab:")
    pieces, mask_id = text_stored.load_vocabulary(store, key)
    store.delete([key])
    swapped = [pieces[0], *reversed(pieces[1:])]
    fingerprint = manifests.load(store, run).fingerprint
    text_stored.keep_vocabulary(store, fingerprint, swapped, mask_id)
    told = refused(exported_without_reading(store, run), tmp_path / "other")
    assert "not the vocabulary of its model, which is here as builtin-bert" in told


def test_a_preview_from_elsewhere_gives_way_to_the_models_own(store, tmp_path):
    from engine.chain.imported import is_imported
    from engine.image.stored import find_preview, keep_preview

    run = keep_image(store)
    key = image_keys.preview_key(FINGERPRINT)
    with Store.open(tmp_path / "other") as other:
        import_runs(other, io.BytesIO(exported_without_reading(store, run)))
        assert is_imported(other, key)
        own = dataclasses.replace(find_preview(other, FINGERPRINT), samples=99)
        keep_preview(other, FINGERPRINT, own)
        assert find_preview(other, FINGERPRINT).samples == 99
        assert not is_imported(other, key)


def test_pictures_of_steps_that_were_computed_here_are_left_out(store, tmp_path):
    keep_image(store)
    (run,) = all_runs(store)
    data = exported_without_reading(store, run)
    with Store.open(tmp_path / "other") as other:
        keep_image(other, pictures=False)
        assert import_runs(other, io.BytesIO(data)).left_out == 1
        assert list(other.scan("decode:")) == []
    with Store.open(tmp_path / "third") as third:
        assert import_runs(third, io.BytesIO(data)).left_out == 0
        assert import_runs(third, io.BytesIO(data)).left_out == 0
        assert len(list(third.scan("decode:"))) == 1


def board_of(store, runs):
    """A board over some runs, with a word of every sort on it; its id."""
    anna = person("Anna")
    board = boards.make_board(store, "Guidance", by=anna)
    fields = {"title": "one", "runs": tuple(runs), "question": Question(kind="stars")}
    (item,) = boards.add_items(store, board, [fields], by=anna)
    boards.revise(store, board, by=anna, item=item, caption="the first look")
    voices.give_verdict(store, board, boards.load_board(store, board).items[0], 4, by=anna)
    voices.say(store, board, "soft", by=anna, item=item)
    voices.decide(store, board, item, "accepted", by=anna)
    return board


def test_a_board_travels_with_its_runs_and_all_that_was_said(full, tmp_path):
    runs = all_runs(full)[:2]
    board, file = board_of(full, runs), io.BytesIO()
    board_of(full, runs)  # another one stays at home
    export_board(full, board, file)
    with Store.open(tmp_path / "other") as other:
        brought = import_runs(other, file)
        assert brought.boards == (board,)
        assert all_runs(other) == runs
        assert boards.load_board(other, board) == boards.load_board(full, board)
        assert voices.verdicts(other, board) == voices.verdicts(full, board)
        assert voices.threads(other, board) == voices.threads(full, board)
        assert voices.decisions(other, board) == voices.decisions(full, board)
        assert len(boards.list_boards(other)) == 1
        assert imported.is_imported(other, f"board:{board}")
        assert not verify_store(other).faulty
        assert import_runs(other, file).new_entries == 0


def test_what_was_said_on_a_board_that_is_not_in_the_capsule_is_refused(full, tmp_path):
    board = board_of(full, all_runs(full)[:1])
    opened = capsule.read(io.BytesIO(exported(full)))
    verdict = next(full.scan("verdict:"))
    out = io.BytesIO()
    capsule.write(full, out, runs=opened.runs, keys=[*opened.entries, verdict], facts=opened.facts)
    assert "belongs to none of its runs" in refused(out.getvalue(), tmp_path / "s")
    bad = f"verdict:{new_id(board)}"
    full.put(bad, Payload(meta={**full.get(verdict).meta, "answer": 77}))
    keys_there = [*opened.entries, bad, f"board:{board}"]
    out = io.BytesIO()
    capsule.write(full, out, runs=opened.runs, keys=keys_there, facts=opened.facts)
    assert "answer" in refused(out.getvalue(), tmp_path / "t")


def test_a_board_without_a_run_that_is_here_is_not_exported(full):
    board = board_of(full, ["e" * 64])
    with pytest.raises(InvalidInput, match="has no run in this store"):
        export_board(full, board, io.BytesIO())
