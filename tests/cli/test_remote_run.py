"""Addresses and commands of runs on other machines: quoting, and what is refused."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.cli.remote_run import REMOTE_VARIABLE, ssh_command, via_command
from jem_tui.errors import InputError


def test_an_address_becomes_a_bridge_through_ssh():
    command = ssh_command("ssh://alice@gpu7:2222/home/alice/runs/a")
    words = ("-T", "-p", "2222", "--", "alice@gpu7")
    assert command.first == ("ssh", *words, "jem-tui bridge /home/alice/runs/a")
    assert command.again("") == ("ssh", "-o", "BatchMode=yes", *words, "jem-tui bridge --rejoin /home/alice/runs/a")
    assert command.host == "gpu7"


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("ssh://gpu7", "jem-tui bridge"),
        ("ssh://gpu7/", "jem-tui bridge"),
        ("ssh://gpu7/~/runs/a", "jem-tui bridge '~/runs/a'"),
        ("ssh://gpu7/my%20runs/a", "jem-tui bridge '/my runs/a'"),
        ("ssh://gpu7/-x", "jem-tui bridge /-x"),
        ("ssh://gpu7/a;reboot", "jem-tui bridge '/a;reboot'"),
        ("ssh://gpu7/$(reboot)", "jem-tui bridge '/$(reboot)'"),
    ],
)
def test_the_path_of_an_address_is_quoted(address: str, line: str):
    assert ssh_command(address).first[-1] == line


@given(st.text(st.characters(codec="ascii", exclude_characters="?#%\0"), max_size=30))
def test_no_path_leaves_its_quotes(path: str):
    try:
        line = ssh_command(f"ssh://gpu7/{path}").first[-1]
    except InputError:
        return
    words = shlex.split(line)
    assert words[:2] == ["jem-tui", "bridge"] and len(words) <= 3


@pytest.mark.parametrize(
    "address",
    [
        "ssh://-oProxyCommand=reboot/a",
        "ssh://-oProxyCommand=reboot@gpu7/a",
        "ssh:///a",
        "ssh://gpu7:port/a",
        "ssh://gpu7:99999/a",
        "ssh://$(reboot)/a",
        "ssh://gpu7`reboot`/a",
        "ssh://a b/c",
        "ssh://alice;reboot@gpu7/a",
        "ssh://gpu7/a?b",
        "ssh://[::1/a",
    ],
)
def test_a_host_that_could_be_an_option_or_code_is_refused(address: str):
    with pytest.raises(InputError, match="address"):
        ssh_command(address)


def test_an_address_of_version_6_loses_its_brackets():
    assert ssh_command("ssh://[fe80::1]:22/a").first[:-1] == ("ssh", "-T", "-p", "22", "--", "fe80::1")


def test_the_name_of_the_program_elsewhere_can_be_chosen(monkeypatch: pytest.MonkeyPatch):
    assert ssh_command("ssh://gpu7/a", "~/venv/bin/jem-tui").first[-1] == "~/venv/bin/jem-tui bridge /a"
    monkeypatch.setenv(REMOTE_VARIABLE, "~/other/jem-tui")
    assert ssh_command("ssh://gpu7/a").first[-1] == "~/other/jem-tui bridge /a"
    assert via_command("srun --overlap", "a").first == ("srun", "--overlap", "~/other/jem-tui", "bridge", "a")


@pytest.mark.parametrize(
    ("via", "path", "words"),
    [
        ("srun --jobid 7 --overlap", "runs/a", "srun --jobid 7 --overlap jem-tui bridge runs/a"),
        ("kubectl exec -i pod --", "/runs/a", "kubectl exec -i pod -- jem-tui bridge /runs/a"),
        ("kubectl exec -i pod --", "", "kubectl exec -i pod -- jem-tui bridge"),
        ("jem-tui bridge runs/a", "", "jem-tui bridge runs/a"),
        ("docker exec -i c jem-tui bridge", "runs/a", "docker exec -i c jem-tui bridge runs/a"),
        ("sudo -u bob", "-a", "sudo -u bob jem-tui bridge -- -a"),
    ],
)
def test_a_command_gets_the_bridge_appended_unless_it_names_it(via: str, path: str, words: str):
    assert via_command(via, path).first == tuple(words.split())


@pytest.mark.parametrize(
    ("path", "folder", "words"),
    [
        ("", "/runs/a", "bridge --rejoin /runs/a"),
        ("runs", "/home/runs/a", "bridge --rejoin /home/runs/a"),
        ("runs", "/home/$(reboot)", "bridge --rejoin runs"),
        ("runs", "", "bridge --rejoin runs"),
    ],
)
def test_a_reconnection_names_the_run_that_was_joined(path: str, folder: str, words: str):
    assert via_command("kubectl exec -i pod --", path).again(folder)[6:] == tuple(words.split())
    if "$" not in folder:
        assert ssh_command(f"ssh://gpu7/~/{path}").again(folder)[-1].endswith(folder or f"~/{path}'")
        assert via_command("jem-tui bridge", "").again(folder) == tuple(f"jem-tui bridge {folder}".split())
    assert via_command("jem-tui bridge b", "").again(folder) == ("jem-tui", "bridge", "b")


@pytest.mark.parametrize(("via", "path"), [("", "a"), ("echo 'a", "a"), ("jem-tui bridge b", "a")])
def test_an_unusable_command_is_refused(via: str, path: str):
    with pytest.raises(InputError, match="--via"):
        via_command(via, path)
