from dashboard.ui.group_picker import offer_group
from engine.image.spec import ImageSpec


def test_specs_of_a_model_that_is_not_here_lead_to_no_group():
    # offering to compute them says what is wrong; a second error would only hide it
    offer_group([ImageSpec(prompt="a sea", model="/nowhere")], varying=("seed",), known=())
