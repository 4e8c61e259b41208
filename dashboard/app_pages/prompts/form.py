"""Which prompts and pictures are compared, by which CLIP: from a link, a stored set, or typed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.prompts import data as prompts_data
from dashboard.data.embeddings import ClipModel, clip_models
from dashboard.data.img2img import MOST_BYTES, checked_upload
from dashboard.data.library import described
from dashboard.ui.clip_choice import clip_label, keep_pictures, pick_clip
from dashboard.ui.finished import finished_pictures, image_runs
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import params
from dashboard.ui.page_record import note_runs
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain import manifests
from engine.chain.records import Manifest, short_id
from engine.embed import keys as embed_keys
from engine.embed.spec import EmbedSpec
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.requests.demo import PROMPTS

OFFERED = 40  # newest runs whose pictures may be chosen
TEXT, PICTURES, SETS, LINKED = "prompts-text", "prompts-pictures", "prompts-set", "prompts-linked"


def ask_prompts() -> tuple[ClipModel, EmbedSpec] | None:
    """The CLIP and the spec of what is on the form; None, and why, where there is none."""
    _take_link()
    if TEXT not in st.session_state:
        st.session_state[TEXT] = "\n".join(PROMPTS)
    left, right = st.columns([3, 2])
    text = left.text_area(
        "Prompts, one a line (1 to 1024 prompts and pictures, 1 to 4000 characters each)",
        key=TEXT,
        height=152,
    )
    with right:
        clip = pick_clip(clip_models(the_store()))
        _offer_sets()
    if clip is None:
        st.info("No CLIP is on this machine and none has measured anything in this store.")
        return None
    digests = _ask_pictures(clip)
    try:
        texts = prompts_data.parse_prompts(text)
        spec = EmbedSpec(model=clip.name, texts=texts, pictures=tuple(digests))
        if clip.here:
            for line in prompts_data.lost_of_prompts(clip, texts):
                st.text(line)
        return clip, spec
    except StepscopeError as error:
        say_trouble("These prompts cannot be embedded.", str(error))
        return None


def put_in_link(run: str | None) -> None:
    """The URL names the stored set that is shown; none while it is not stored."""
    if run is None:
        params.pop("run", None)
    else:
        params["run"] = short_id(run)
    st.session_state[LINKED] = params.get("run")


def named_pictures(digests: Sequence[str]) -> dict[str, str]:
    """What each picture is: the run it is the result of, where one of the newest is."""
    made = _made_by() if digests else {}
    note_runs(made[each] for each in digests if each in made)
    return {each: _run_line(made[each]) if each in made else _kept_line(each) for each in digests}


def _take_link() -> None:
    wanted = params.get("run")
    if wanted is None or wanted == st.session_state.get(LINKED):
        return
    store = the_store()
    try:
        manifest = manifests.load(store, manifests.resolve(store, wanted))
    except StepscopeError:
        manifest = None
    if manifest is None or manifest.kind != "embed":
        kind = (
            "is not in this store" if manifest is None else f"is of kind {manifest.kind}, not embed"
        )
        st.warning(
            f"The set of this link, {escaped(short_id(wanted))}, {escaped(kind)}. "
            "Import its capsule, or embed the prompts here; below are others."
        )
        del params["run"]
        return
    _fill(manifest)


def _offer_sets() -> None:
    by_run = {manifest.run: manifest for manifest in prompts_data.stored_sets(the_store())}

    def take() -> None:
        if st.session_state[SETS] in by_run:
            _fill(by_run[st.session_state[SETS]])
        st.session_state[SETS] = None

    st.selectbox(
        "Open a stored set",
        list(by_run),
        index=None,
        format_func=lambda run: prompts_data.set_line(by_run[run]),
        placeholder=f"{len(by_run)} stored" if by_run else "none is stored yet",
        disabled=not by_run,
        key=SETS,
        on_change=take,
    )


def _fill(manifest: Manifest) -> None:
    """Put a stored set on the form."""
    texts = [str(text) for text in manifest.spec["texts"]]
    if prompts_data.parse_prompts("\n".join(texts)) != tuple(texts):
        st.warning("Prompts of this set are of several lines, or come twice: they are taken apart.")
    st.session_state[TEXT] = "\n".join(texts)
    st.session_state[PICTURES] = list(manifest.spec["pictures"])
    st.session_state["clip"] = clip_label(manifest.model, manifest.fingerprint)
    st.session_state[LINKED] = params.get("run")


def _ask_pictures(clip: ClipModel) -> list[str]:
    """The digests of the pictures that are compared: each embedded, or kept to be embedded."""
    chosen = st.session_state.get(PICTURES, [])
    count = f" ({len(chosen)} chosen)" if chosen else ""
    with st.expander(f"Pictures to compare with the prompts{count}", expanded=bool(chosen)):
        made = _made_by()
        picked = st.multiselect(
            f"Results of the {OFFERED} newest runs, and pictures put in before",
            list(dict.fromkeys([*made, *chosen])),
            format_func=lambda each: _run_line(made[each]) if each in made else _kept_line(each),
            key=PICTURES,
        )
        uploaded = _uploaded()
    keep_pictures({each: made[each].run for each in picked if each in made})
    return list(dict.fromkeys([*_usable(picked, clip), *uploaded]))


def _usable(digests: Sequence[str], clip: ClipModel) -> list[str]:
    store = the_store()
    kept = store.present([image_keys.picture_key(each) for each in digests])
    facts = [{"picture": each} for each in digests]
    known = store.present([embed_keys.embedding_key(clip.fingerprint, each) for each in facts])
    usable = [each for each, *there in zip(digests, kept, known, strict=True) if any(there)]
    if lost := len(digests) - len(usable):
        st.warning(
            f"{lost:d} of {len(digests)} pictures are not in this store and were never embedded "
            f"by {escaped(clip.name)}: they are left out."
        )
    return usable


def _uploaded() -> list[str]:
    uploads = st.file_uploader(
        f"Or put pictures in: PNG, JPEG or WebP, at most {MOST_BYTES / 1e6:g} MB each",
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=MOST_BYTES // 1_000_000,
        accept_multiple_files=True,
        key="prompts-upload",
    )
    kept: dict[str, str] = st.session_state.setdefault("prompts-kept", {})
    digests = []
    for upload in uploads:
        try:
            if upload.file_id not in kept:
                data = checked_upload(upload.getvalue())
                kept[upload.file_id] = image_stored.keep_picture(the_store(), data)
            digests.append(kept[upload.file_id])
        except StepscopeError as error:
            say_trouble("A picture cannot be used.", f"{upload.name[:80]}: {error}")
    return digests


def _made_by() -> dict[str, Manifest]:
    """The newest finished image runs by the digest of their pictures."""
    runs = {run.run: run for run in image_runs()[:OFFERED]}
    pictures = finished_pictures(runs.values(), shown=False)
    return {each.digest: runs[run] for run, each in pictures.items()}


def _run_line(manifest: Manifest) -> str:
    prompt = str(manifest.spec["prompt"])
    return f"{manifest.run[:6]}  {prompt[:50]}  ({described(manifest.spec)})"


def _kept_line(digest: str) -> str:
    return f"picture {digest[:8]}, put in"
