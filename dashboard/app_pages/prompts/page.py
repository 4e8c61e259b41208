"""How alike are prompts in CLIP's eyes? Prompts, their tokens, and pictures."""

from cache.errors import StepscopeError
from dashboard.app_pages.prompts.data import prompt_set
from dashboard.app_pages.prompts.form import ask_prompts, put_in_link
from dashboard.app_pages.prompts.view import offer_missing, show_prompts
from dashboard.ui.about import page_head
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import stop_page
from dashboard.ui.page_record import note_runs
from dashboard.ui.stores import the_store
from engine.chain import manifests

page_head(
    "Prompts",
    "CLIP puts texts and pictures into one space, where what belongs together lies in one "
    "direction; Stable Diffusion hears a prompt through its text encoder. The cosine of two "
    "prompts says how alike they are to the model, which is not always how alike they are to us. "
    "[Radford et al. 2021, CLIP](https://arxiv.org/abs/2103.00020)",
)
asked = ask_prompts()
if asked is None:
    put_in_link(None)
    stop_page()
clip, spec = asked
try:
    embedded = prompt_set(the_store(), spec, clip)
except StepscopeError as error:
    say_trouble("These embeddings cannot be read.", str(error))
    stop_page()
put_in_link(embedded.run)
if embedded.run is not None:
    note_runs([manifests.load(the_store(), embedded.run)])
offer_missing(spec, embedded)
if embedded.prompts:
    show_prompts(embedded)
