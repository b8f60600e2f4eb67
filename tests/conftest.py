"""What tests of several rooms share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def preferences_of_nobody(tmp_path_factory):
    """No test reads or writes the preferences of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path_factory.mktemp("preferences")))
        yield


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory):
    """A finished run of a tiny model; tests only read it."""
    from tests.jem.trained import trained_run

    return trained_run(tmp_path_factory.mktemp("trained") / "run")
