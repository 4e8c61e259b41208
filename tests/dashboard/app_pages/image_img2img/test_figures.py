import pandas as pd

from dashboard.app_pages.image_img2img.figures import distance_curves, entry_points

SCHEDULE = pd.DataFrame(
    {"position": [2, 3, 4], "alpha_bar": [0.1, 0.4, 0.9], "sigma": 1.0, "timestep": 500.0}
)
ENTRIES = pd.DataFrame(
    {
        "strength": [0.5, 1.0],
        "skipped": [2, 0],
        "enters_at": [3, 1],
        "steps": [4, 4],
        "alpha_bar": [0.4, float("nan")],
        "timestep": [700.0, float("nan")],
    }
)


def test_strengths_are_marked_where_they_enter_and_the_unknown_are_left_out():
    curve, marks = entry_points(SCHEDULE, ENTRIES, mode="light").data
    assert list(curve.x) == [2, 3, 4]
    assert list(marks.x) == [3]
    assert list(marks.y) == [0.4]
    assert list(marks.text) == ["0.5"]


def test_distances_show_every_seed_and_their_mean():
    table = pd.DataFrame(
        {"strength": [0.5, 0.5, 0.9], "seed": [0, 1, 0], "pixel_distance": [0.1, 0.3, 0.4]}
    )
    means = pd.DataFrame(
        [(0.5, "pixel_distance", 0.2, 0.1, 0.3, 2), (0.9, "pixel_distance", 0.4, None, None, 1)],
        columns=["strength", "measure", "mean", "low", "high", "seeds"],
    )
    seeds, mean = distance_curves(table, means, ["pixel_distance"], mode="dark").data
    assert list(seeds.y) == [0.1, 0.3, 0.4]
    assert list(mean.y) == [0.2, 0.4]
    assert list(mean.error_y.array) == [0.3 - 0.2, 0.0]
