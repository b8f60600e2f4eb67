"""Image files below a folder: links, special files and undecodable names."""

from __future__ import annotations

import os
import sys
from collections import Counter

import pytest

from jem_tui.jem.data.folder_layout import find_layout
from tests.jem.data.test_folder_layout import place


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_links_are_followed_once_and_special_files_are_left_out(tmp_path):
    place(tmp_path / "elsewhere" / "cats")
    tree = tmp_path / "tree"
    place(tree / "dog")
    (tree / "cat").symlink_to(tmp_path / "elsewhere" / "cats")
    (tree / "dog" / "loop").symlink_to(tree / "dog")
    (tree / "dog" / "up").symlink_to("..")
    (tree / "dog" / "gone.png").symlink_to(tmp_path / "nothing")
    os.mkfifo(tree / "dog" / "pipe.png")
    layout = find_layout(tree)
    assert Counter(label for _, label in layout.files["train"]) == {0: 3, 1: 3}
    assert layout.skipped == {"broken links": 1, "pipes, sockets and devices": 1, "links to a parent folder": 2}


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_undecodable_names_are_written_escaped(tmp_path):
    for name in (b"caf\xe9", b"tea"):
        place(tmp_path / os.fsdecode(name))
    assert find_layout(tmp_path).class_names == ("caf\\xe9", "tea")
