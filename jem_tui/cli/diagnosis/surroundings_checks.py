"""Folders with their free space, and the surroundings: ssh, multiplexers, schedulers, containers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from jem_tui.cli.diagnosis.finding import Finding, note, ok, problem
from jem_tui.user_folders import cache_folder, config_folder

LEAST_DISK, SCARCE_DISK = 200_000_000, 2_000_000_000
"""Bytes below which a run cannot be stored, and below which several runs do not fit."""


def folder_findings() -> Iterator[Finding]:
    """Yield the findings about the folders of runs, preferences, caches and sockets."""
    from jem_tui.cli.diagnosis.finding import checked
    from jem_tui.stream.attach.socket_folder import private_folders
    from jem_tui.stream.runs.run_dir import default_root

    yield from checked("runs", lambda: iter([folder_finding("runs", default_root().absolute(), disk=True)]))
    variable = os.environ.get("JEM_TUI_CONFIG_DIR")
    config, cache = Path(variable) if variable else config_folder(), cache_folder()
    for topic, folder in (("preferences", config), ("cache", cache)):
        if folder is None:
            yield note(topic, "the user has no home folder, so nothing is kept", "Set HOME to a folder of the user.")
        else:
            yield folder_finding(topic, folder, disk=topic == "cache")
    sockets = next(private_folders(), None)
    if sockets is None:
        yield note(
            "attach", "no private folder for the sockets of runs", "Set XDG_RUNTIME_DIR to a folder with mode 0700."
        )
    else:
        yield ok("attach", f"sockets in {sockets}")


def folder_finding(topic: str, folder: Path, *, disk: bool) -> Finding:
    """Return the finding about a folder, which need not exist yet, and about the space on its disk."""
    present = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(present, os.W_OK | os.X_OK) or not present.is_dir():
        return problem(
            topic, f"{folder} cannot be written", f"Change the permissions of {present}, or use another folder."
        )
    if not disk:
        return ok(topic, str(folder))
    free = shutil.disk_usage(present).free
    text = f"{folder}, {free / 1e9:,.1f} GB free"
    if free < LEAST_DISK:
        return problem(topic, text, "Free some space: checkpoints would not fit.")
    if free < SCARCE_DISK:
        return note(topic, text, "Free some space before long runs.")
    return ok(topic, text)


def surroundings_findings(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield a finding for each of the surroundings that matter to a run or its screen."""
    if "SSH_CONNECTION" in environ:
        yield note(
            "ssh", "this is an ssh session", "A run survives a lost connection without its screen; attach again later."
        )
    if "TMUX" in environ or "STY" in environ:
        program = "tmux" if "TMUX" in environ else "screen"
        yield note(program, "samples are drawn with characters inside it", "Attach from outside for pixels.")
    if job := environ.get("SLURM_JOB_ID"):
        yield note(
            "Slurm", f"job {job} on {environ.get('SLURM_JOB_NODELIST', 'this node')}", "Start runs with --continue."
        )
    if (world := environ.get("WORLD_SIZE", "1")) != "1":
        text = f"a launcher has started {world} ranks; this is rank {environ.get('RANK', '?')}"
        yield note("ranks", text, "Watch the run of all ranks with jem-tui attach.")
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        yield note("container", "files outside mounted folders are lost with it", "Keep ./runs in a mounted folder.")
