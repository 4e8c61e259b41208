"""How does a text dissolve into masks? The forward process, step by step."""

from functools import partial

import streamlit as st

from dashboard.data.text_runs import corruption_table, half_masked
from dashboard.figures.corruption import corrupted_sentence, mask_map, schedule_curves
from dashboard.ui.about import page_head, show_about
from dashboard.ui.export import keep_figure, offer_run, show_figure
from dashboard.ui.linked import link_positions
from dashboard.ui.panels import scene_of, shown_runs
from dashboard.ui.plain import escaped
from dashboard.ui.player import play
from dashboard.ui.playing import offer_playing
from dashboard.ui.rest import offer_rest
from dashboard.ui.run_picker import pick_run
from dashboard.ui.state import mode
from dashboard.ui.stores import corruption_run
from dashboard.ui.trouble import fragment
from engine.text.spec import ScheduleName

FORMULAS: dict[ScheduleName, str] = {
    "linear": r"\bar\alpha_t = 1 - t",
    "cosine": r"\bar\alpha_t = 1 - \sin(\pi t / 2)",
    "geometric": r"\bar\alpha_t = \exp(-b_0^{1 - t} b_1^t)",
}

page_head(
    "Corruption",
    "The forward process hides more and more of a text until nothing but masks is left, or "
    "redraws its words until nothing but random words is; the model is trained to undo it. A "
    "schedule says how much is noise at which time. Nested: a true chain, what is masked stays "
    "masked, and of redrawn words each step redraws some. Independent: every step is drawn afresh. "
    "[Austin et al. 2021, D3PM](https://arxiv.org/abs/2107.03006)",
)
run = corruption_run(pick_run("corruption"))
if not run.complete:
    offer_rest(run.manifest)


def _say_schedule() -> None:
    """What the curve is, as it stands in a paper."""
    name: ScheduleName = run.manifest.spec["schedule"]
    what = "masked at" if run.masked_kernel else "redrawn by"
    share = rf"P(\text{{{what} }}t) = 1 - \bar\alpha_t"
    st.latex(rf"\begin{{gathered}} {share} \\ {FORMULAS[name]} \end{{gathered}}")
    end = "only masks" if run.masked_kernel else "only random words"
    st.caption(
        f"The {escaped(name)} schedule of this run; t = step / steps runs from 0, the text, to 1, "
        f"{escaped(end)}. Dots are what this run drew: of few positions they lie beside the curve "
        "by chance."
    )


def show() -> None:
    """What moves with the step."""
    link_positions()
    scene = scene_of([run])
    # where something can be read, and something is hidden
    level = play(scene, what=shown_runs([run]), first=half_masked(run))
    table = partial(corruption_table, run)
    with st.container(horizontal=True):
        offer_playing(scene, [run.manifest], title="Corruption", step=level)
        keep_figure(
            partial(corrupted_sentence, run, level=level, mode=mode()),
            name="corrupted-sentence",
            label="Download the sentence",
            data=table,
        )
    left, right = st.columns(2)
    with left:
        curves = schedule_curves([run], level=level, mode=mode())
        show_figure(curves, name="schedules", data=table)
        _say_schedule()
    with right:
        show_figure(mask_map(run, level=level, mode=mode()), name="mask-map", data=table)
        done = "masked" if run.masked_kernel else "redrawn"
        st.caption(f"Blue: {escaped(done)} by that step. Pale: the text's own word.")


fragment(show)()
with st.expander("About this run"):
    show_about(run.manifest)
    st.json(dict(run.manifest.spec), expanded=False)
    offer_run(run.manifest, run)
