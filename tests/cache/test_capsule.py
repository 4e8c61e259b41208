"""Capsules: what goes in comes out, to the byte; what is hostile leaves no trace."""

import io
import json
import pickle
import stat
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache import archive, capsule
from cache.errors import CapsuleRefused, InvalidInput, MissingFromStore, StoreFull
from cache.keys import digest
from cache.payload import Payload, to_bytes
from cache.store import Store
from tests.cache.entries import name, payload

RUNS = [{"run": "r", "note": "=1+1 <b>"}]


@pytest.fixture
def filled(store):
    for i in range(5):
        store.put(name(i), payload(i))
    store.put(name("words", "vocab"), Payload(meta={"mask_id": 4}))
    return store


def written(store, keys=None):
    file = io.BytesIO()
    keys = [*store.scan("step:"), *store.scan("vocab:")] if keys is None else keys
    size = capsule.write(store, file, runs=RUNS, keys=keys, facts={"clips": []})
    assert size == len(file.getvalue())
    return file.getvalue()


def files_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def zipped(files, *, like=None, method=zipfile.ZIP_STORED):
    """A zip of (name, bytes) pairs; ``like`` changes every entry's ZipInfo."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as opened:
        for filename, data in files:
            info = archive.zip_info(filename)
            info.compress_type = method
            if like is not None:
                like(info)
            opened.writestr(info, data)
    return out.getvalue()


def with_manifest(data, change):
    """A capsule whose manifest was changed by hand."""
    files = files_of(data)
    document = json.loads(files["manifest.json"])
    changed = change(document)
    text = json.dumps(document) if changed is None else changed
    return zipped({**files, "manifest.json": text}.items())


def with_payload(data, entry, raw):
    """A capsule with other bytes under an entry, and the manifest says they are right."""
    files = files_of(data)
    document = json.loads(files["manifest.json"])
    for item in document["entries"]:
        if item["key"].replace(":", "/") + ".safetensors" == entry:
            item["sha256"], item["size_bytes"] = digest(raw), len(raw)
    changed = {**files, entry: raw, "manifest.json": json.dumps(document).encode()}
    return zipped(changed.items())


def taken(data, folder):
    with Store.open(folder) as other:
        opened = capsule.read(io.BytesIO(data))
        for key in opened.entries:
            opened.payload(key)
        return capsule.keep(other, opened)


def refusal(data):
    """Why a capsule is refused, whether by its layout or by one of its payloads."""
    with pytest.raises(CapsuleRefused) as refused:
        opened = capsule.read(io.BytesIO(data))
        for key in opened.entries:
            opened.payload(key)
    return str(refused.value)


def some_entry(data):
    return next(n for n in files_of(data) if n.startswith("step/"))


def test_a_store_takes_in_what_another_gave(filled, tmp_path):
    data = written(filled)
    assert taken(data, tmp_path / "other") == capsule.Kept(new=6, present=0)
    with Store.open(tmp_path / "other") as other:
        for key in filled.scan("step:"):
            ours, theirs = filled.get(key), other.get(key)
            assert to_bytes(ours) == to_bytes(theirs)
        assert written(other) == data
    opened = capsule.read(io.BytesIO(data))
    assert list(opened.runs) == RUNS
    assert opened.facts == {"clips": []}


def test_the_order_asked_for_and_the_clock_change_nothing(filled, monkeypatch):
    keys = [*filled.scan("step:"), *filled.scan("vocab:")]
    first = written(filled, keys)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert written(filled, keys[::-1] + keys) == first


def test_what_is_there_already_stays(filled, tmp_path):
    data = written(filled)
    with Store.open(tmp_path / "other") as other:
        other.put(name(0), payload(77))
    assert taken(data, tmp_path / "other") == capsule.Kept(new=5, present=1)
    with Store.open(tmp_path / "other") as other:
        assert other.get(name(0)).meta["i"] == 77


def test_a_key_that_is_not_there_cannot_be_exported(filled):
    with pytest.raises(MissingFromStore):
        written(filled, [name("nothing")])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    arrays=st.lists(
        st.lists(st.floats(width=32, allow_nan=True), max_size=8), min_size=1, max_size=3
    ),
    meta=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        max_size=3,
    ),
)
def test_any_payload_travels(tmp_path_factory, arrays, meta):
    folder = tmp_path_factory.mktemp("travel")
    given_payload = Payload({f"a{i}": np.array(a, np.float32) for i, a in enumerate(arrays)}, meta)
    with Store.open(folder / "one") as one, Store.open(folder / "two") as two:
        one.put(name("x"), given_payload)
        capsule.keep(two, capsule.read(io.BytesIO(written(one))))
        assert to_bytes(two.get(name("x"))) == to_bytes(one.get(name("x")))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_refused_or_harmless(filled, data):
    whole = bytearray(written(filled))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        opened = capsule.read(io.BytesIO(bytes(whole)))
        payloads = {key: opened.payload(key) for key in opened.entries}
    except CapsuleRefused:
        return
    for key, found in payloads.items():  # a date, or a word of the manifest that nobody believes
        assert to_bytes(found) == to_bytes(filled.get(key))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_cut_short_is_refused(filled, data):
    whole = written(filled)
    refusal(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=200))
def test_noise_is_refused(noise):
    refusal(noise)


@pytest.mark.parametrize(
    "filename",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "step/../../x.safetensors",
        "step\\x.safetensors",
        "C:step.safetensors",
        "step/" + "a" * 64 + ".pkl",
        "step/" + "A" * 64 + ".safetensors",
        "step/" + "a" * 64 + ".safetensors\n",
        "run/" + "a" * 64 + ".safetensors",
        "prompt/" + "a" * 64 + ".safetensors",
        "forward/" + "a" * 64 + ".safetensors",
        "step/",
        "MANIFEST.JSON",
        "readme.txt",
        "étape/" + "a" * 64 + ".safetensors",
    ],
)
def test_a_name_of_another_shape_is_refused(filled, filename):
    files = files_of(written(filled))
    told = refusal(zipped([*files.items(), (filename, b"x")]))
    assert "is no name of a capsule's entry" in told


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(filled):
    data = written(filled)
    files = files_of(data)
    twice = [*files.items(), (some_entry(data), b"x")]
    assert "is there twice" in refusal(zipped(twice))


def test_a_bomb_is_refused_before_it_is_unpacked(filled):
    files = {**files_of(written(filled)), name("bomb").replace(":", "/") + ".safetensors": b""}
    bomb = zipped(
        [(n, d or bytes(50_000_000)) for n, d in files.items()],
        method=zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 100_000
    assert "is compressed, and a capsule's entries never are" in refusal(bomb)


@pytest.mark.parametrize("what", ["link", "extra", "comment", "device"])
def test_a_link_an_extra_or_a_comment_is_refused(filled, what):
    def like(info):
        if what == "link":
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
        elif what == "device":
            info.external_attr = (stat.S_IFCHR | 0o777) << 16
        elif what == "comment":
            info.comment = b"hello"
        else:
            info.extra = struct.pack("<HH4s", 0x7075, 4, b"name")

    told = refusal(zipped(files_of(written(filled)).items(), like=like))
    assert "is a link" in told or "carries extra fields" in told


def test_an_encrypted_entry_is_refused(filled):
    data = bytearray(written(filled))
    table = data.rindex(b"PK\x01\x02")
    data[table + 8] |= 1
    assert "has flags 0x1: encrypted" in refusal(bytes(data))


@pytest.mark.parametrize("where", ["before", "between", "behind", "comment"])
def test_bytes_that_belong_to_no_entry_are_refused(filled, where):
    data = written(filled)
    if where == "before":
        refusal(b"#!/bin/sh\n" + data)
    elif where == "behind":
        refusal(data + b"more")
    elif where == "comment":
        refusal(data[:-2] + struct.pack("<H", 4) + b"more")
    else:
        table = data.index(b"PK\x01\x02")
        end = bytearray(data[-22:])
        struct.pack_into("<L", end, 16, table + 4)
        hidden = data[:table] + b"more" + data[table:-22] + bytes(end)
        assert "holds 4 bytes that belong to no entry" in refusal(hidden)


def test_entries_that_overlap_are_refused(filled):
    data = bytearray(written(filled))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", data, second + 42, 0)
    assert "begins at byte 0" in refusal(bytes(data))


def test_a_hundred_thousand_entries_are_refused_at_once(filled):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for i in range(100_000):  # parsing such a table takes seconds
            opened.writestr(archive.zip_info(f"step/{i:064x}.safetensors"), b"")
    assert "must have at most 50000 entries" in refusal(out.getvalue())
    end = archive.END.pack(b"PK\x05\x06", 0, 0, 1, 1, 9_000_000, 0, 0)
    assert "has a table of 9000000 bytes for 1 entries" in refusal(bytes(9_000_000) + end)


def test_an_entry_over_its_bound_is_refused(filled, monkeypatch):
    data = written(filled)
    monkeypatch.setattr(archive, "MOST_ENTRY_BYTES", 100)
    assert "must be at most 100 bytes, got" in refusal(data)
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    assert "the file: must be at most 1000 bytes, got" in refusal(data)


def test_more_than_a_capsule_holds_is_not_written(filled, monkeypatch):
    monkeypatch.setattr(capsule, "MOST_ENTRIES", 2)
    with pytest.raises(InvalidInput, match="at most 2 entries, got 3: export less"):
        written(filled)


def test_damage_under_a_right_name_is_named(filled):
    data = written(filled)
    files = files_of(data)
    entry = some_entry(data)
    files[entry] = files[entry][:-1] + bytes([files[entry][-1] ^ 1])
    told = refusal(zipped(files.items()))
    assert entry in told
    assert "its sha256 is not the manifest's" in told


def test_a_planted_pickle_is_refused_and_not_unpickled(filled, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    data = written(filled)
    told = refusal(with_payload(data, some_entry(data), pickle.dumps(Bomb())))
    assert "is no payload" in told
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "header",
    [
        2**24,
        2**62,
    ],
)
def test_a_huge_header_is_refused(filled, header):
    data = written(filled)
    raw = header.to_bytes(8, "little") + b"{" + b" " * 100
    told = refusal(with_payload(data, some_entry(data), raw))
    assert "must take at most 1048576 bytes" in told


@pytest.mark.parametrize(
    "meta",
    [
        '{"x": NaN}',
        '{"x": 1e999}',
        "[" * 500 + "]" * 500,
        '{"x":' * 60 + "1" + "}" * 60,
        "[1]",
        "not json",
    ],
)
def test_meta_that_nobody_writes_is_refused(filled, meta):
    data = written(filled)
    header = json.dumps({"__metadata__": {"stepscope": meta}}).encode()
    raw = len(header).to_bytes(8, "little") + header
    assert "is no payload" in refusal(with_payload(data, some_entry(data), raw))


CHANGES = {
    "has version 2; this Stepscope reads 1": lambda d: d.update(version=2),
    "has version True": lambda d: d.update(version=True),
    "has no format": lambda d: d.update(format="zip"),
    "must have the fields of version 1: more": lambda d: d.update(more=1),
    "must have the fields of version 1: facts": lambda d: d.pop("facts") and None,
    "must list one run or more": lambda d: d.update(runs=[]),
    "must list one run or more, each an object": lambda d: d.update(runs=["r"]),
    "must have an object of facts": lambda d: d.update(facts=[]),
    "must list its entries": lambda d: d.update(entries={}),
    "must list each entry's key, sha256": lambda d: d["entries"][0].pop("sha256") and None,
    "has no sha256 in the manifest": lambda d: d["entries"][0].update(sha256="x"),
    "which is no key that travels": lambda d: d["entries"][0].update(key="run:" + "a" * 64),
    "must be listed once and in order": lambda d: d["entries"].reverse(),
    "is not listed in the manifest": lambda d: d["entries"].pop() and None,
    "bytes where the manifest says 1": lambda d: d["entries"][0].update(size_bytes=1),
    "is listed and not there": lambda d: d["entries"][0].update(key="decode:" + "a" * 64),
    "must be finite numbers, got NaN": lambda d: json.dumps(d).replace("[]", "NaN", 1),
    "must be finite numbers, got 1e999": lambda d: json.dumps(d).replace("[]", "1e999", 1),
    "must be nested at most 32 deep": lambda d: "[" * 50_000 + "]" * 50_000,
    "integers of at most 20 digits": lambda d: json.dumps(d).replace("[]", "9" * 5000, 1),
    "must give each name once": lambda d: json.dumps(d).replace("{", '{"runs": 1, ', 1),
    "is no JSON": lambda d: "{",
}


@pytest.mark.parametrize("told", CHANGES)
def test_a_manifest_that_nobody_writes_is_refused(filled, told):
    assert told in refusal(with_manifest(written(filled), CHANGES[told]))


def test_a_zip_without_a_manifest_is_no_capsule(filled):
    files = files_of(written(filled))
    del files["manifest.json"]
    assert "manifest.json: is missing: this is no capsule" in refusal(zipped(files.items()))


def test_a_capsule_for_which_there_is_no_room_writes_nothing(filled, tmp_path, monkeypatch):
    data = written(filled)
    monkeypatch.setattr(capsule, "free_bytes", lambda folder: 64 * 2**20 + 10)
    with Store.open(tmp_path / "other") as other:
        with pytest.raises(StoreFull, match="the capsule needs"):
            capsule.keep(other, capsule.read(io.BytesIO(data)))
        assert other.stats().entries == 0
