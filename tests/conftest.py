"""What tests of several rooms share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory):
    """A finished run of a tiny model; tests only read it."""
    from tests.jem.trained import trained_run

    return trained_run(tmp_path_factory.mktemp("trained") / "run")
