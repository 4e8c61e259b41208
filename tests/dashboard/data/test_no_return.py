import numpy as np
import pytest

from cache.errors import InvalidInput
from dashboard.data.no_return import decided_table, parse_steps, revealed_share
from engine.no_return import decided_by


def test_steps_are_read_in_order_and_once():
    assert parse_steps("8, 0 4,4", 11) == [0, 4, 8]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "steps must be 1 to 12 numbers, got 0"),
        (",".join(map(str, range(13))), "steps must be 1 to 12 numbers, got 13"),
        ("12", "steps must be 0 to 11, got '12'"),
        ("-1", "steps must be 0 to 11, got '-1'"),
        ("two", "steps must be 0 to 11, got 'two'"),
    ],
)
def test_bad_steps_are_named(text, told):
    with pytest.raises(InvalidInput) as caught:
        parse_steps(text, 11)
    assert str(caught.value) == told


def test_both_comparisons_are_rows():
    table = decided_table([decided_by(4, "tokens", np.full((4, 4), 0.5), asked=5)])
    assert table["against"].tolist() == ["one another", "the run"]
    assert table["continuations"].tolist() == [3, 3]
    assert table["asked"].tolist() == [5, 5]
    assert table["mean"].tolist() == [0.5, 0.5]


def test_the_revealed_share_grows_to_all(run):
    found = revealed_share(run)
    assert found["step"].tolist() == [0, 1, 2, 3, 4, 5]
    assert found["share"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
