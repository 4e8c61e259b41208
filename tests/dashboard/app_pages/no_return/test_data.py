import numpy as np
import pytest

from dashboard.app_pages.no_return.data import decided_table, revealed_share
from engine.experiments.no_return import decided_by


def test_both_comparisons_are_rows():
    table = decided_table([decided_by(4, "tokens", np.full((4, 4), 0.5), asked=5)])
    assert table["against"].tolist() == ["one another", "the run"]
    assert table["continuations"].tolist() == [3, 3]
    assert table["asked"].tolist() == [5, 5]
    assert table["mean"].tolist() == [0.5, 0.5]


def test_the_revealed_share_grows_to_all(run):
    curve = revealed_share(run)
    assert curve["step"].tolist() == [0, 1, 2, 3, 4, 5]
    assert curve["share"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
