"""An ssh server of the test's own on the loopback: its own keys, its own configuration, a random port."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.wait_until import wait_until

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:/usr/bin") or ""
PRIVILEGE_SEPARATION = Path("/run/sshd")
"""A folder without which sshd does not start as root."""

SERVER = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
"""
CLIENT = """
Host *
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  StrictHostKeyChecking yes
"""


class LoopbackSshd:
    """A server that admits one key, and a client `ssh` in `bin` that uses this key."""

    def __init__(self, folder: Path) -> None:
        if not (SSHD and shutil.which("ssh") and shutil.which("ssh-keygen")):
            pytest.skip("needs an ssh server and client, such as Debian's openssh-server")
        if os.geteuid() == 0 and not PRIVILEGE_SEPARATION.exists():
            PRIVILEGE_SEPARATION.mkdir(mode=0o755)
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"
        self._write_files()
        self._log = (folder / "sshd.log").open("w")
        self._start()

    @property
    def bin(self) -> Path:
        """A folder for the PATH of a client."""
        return self.folder / "bin"

    def stop(self) -> None:
        """Kill the server and all of its connections."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        for child in children:
            subprocess.run(["pkill", "-KILL", "-P", child])
            subprocess.run(["kill", "-KILL", child])
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """Start the server on the same port."""
        self._start()

    def close(self) -> None:
        self.stop()
        self._log.close()

    def _start(self) -> None:
        command = [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")]
        self.process = subprocess.Popen(command, stderr=self._log, stdin=subprocess.DEVNULL)
        wait_until(self._answers, lambda: (self.folder / "sshd.log").read_text())

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def _write_files(self) -> None:
        for name in ("host_key", "user_key"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run(command, check=True)
        host_key = (self.folder / "host_key.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host_key}")
        (self.folder / "sshd_config").write_text(SERVER.format(folder=self.folder, port=self.port))
        (self.folder / "ssh_config").write_text(CLIENT.format(folder=self.folder))
        self.bin.mkdir()
        client = self.bin / "ssh"
        client.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {self.folder}/ssh_config "$@"\n')
        client.chmod(0o755)
