"""A folder for pictures is tried before they are computed, and nothing is left of the trial."""

from pathlib import Path

import pytest

from cache.errors import InvalidInput
from engine.cli.out_folder import check_out_folder, write_into


@pytest.mark.parametrize(
    "out",
    ["/dev/null", "/dev/null/x", "/proc/x", "file", "file/x", "link", "no/where", "a" * 300, "\0"],
)  # fmt: skip
def test_what_no_picture_can_be_written_into_is_refused(out, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(InvalidInput, match="out must be a folder"):
        check_out_folder(tmp_path / out)
    assert (tmp_path / "file").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link"}


def test_the_trial_leaves_nothing(tmp_path):
    check_out_folder(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
    check_out_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    assert write_into(tmp_path / "new", "a.png", b"one") == tmp_path / "new/a.png"
    (tmp_path / "new" / "b.png").mkdir()
    with pytest.raises(InvalidInput, match="out must be a folder to write into, got"):
        write_into(tmp_path / "new", "b.png", b"two")
    assert [path.name for path in sorted((tmp_path / "new").iterdir())] == ["a.png", "b.png"]
    assert Path(tmp_path / "new/a.png").read_bytes() == b"one"
