"""What TFDS runs into while it builds: a folder that vanished is one line, all else stays what it is."""

import shutil

import pytest

from data_builders import stored
from shared.base.errors import UserError


@pytest.mark.parametrize("error", [AssertionError("Manual directory"), FileNotFoundError("a.png")])
def test_data_that_vanish_during_a_build_are_named(tmp_path, error):
    """Fails when TFDS' assertion on a folder that is gone reaches the user."""
    data = tmp_path / "data"
    data.mkdir()
    gone = pytest.raises(UserError, match="data is gone: run the same command again")
    with gone, stored._naming_what_is_gone(data):
        shutil.rmtree(data)
        raise error


def test_an_error_while_the_data_are_there_is_not_told_as_their_absence(tmp_path):
    with pytest.raises(AssertionError, match="of ours"), stored._naming_what_is_gone(tmp_path):
        raise AssertionError("a mistake of ours")


def test_data_that_are_gone_before_the_build_are_named(tmp_path):
    with pytest.raises(UserError, match="is gone"), stored._naming_what_is_gone(tmp_path / "gone"):
        pytest.fail("the build began")
