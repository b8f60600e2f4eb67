"""A session of some minutes on a GPU: the tests that need one, benchmarks, and CIFAR-10 training in the time that is left.

    python tools/gpu_session.py --minutes 15 --out OUT --data CIFAR

CIFAR has `train/` and `test/` of class folders of 32×32 images: a folder, a tar archive of one, or a file that
`tools/packed_images.py` has made of one. Other forms are packed while the tests run. The session ends in time in any case, and OUT then
holds, in at most 64 MB: `session.log`, `session.tar.gz` with the tables, pictures and logs, and the run as `run.tar.gz.00`, ….
`--twin SECONDS` keeps time for the classifier twin, which trains for as many epochs. `--variant 'SECTION.KEY=VALUE …'` tries changed settings for
a few epochs before the training run, which takes the best of all variants; `--variant ''` is the recipe itself. `--resume OUT` continues a run, on
another machine, too. `--small` is a rehearsal for a CPU.
"""

from __future__ import annotations

import argparse
import tarfile
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import packed_images
from carried_run import pack
from session_checks import benchmark, check, compare, watch
from session_training import train, train_twin, try_variants
from timed_session import PACKING, Session

NO_SAMPLES = ("--only", "classification,ood,robustness")


def main() -> None:
    """Run all stages in order; the failure of a stage does not end the session."""
    asked = parsed()
    out = Path(asked.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    work = Path(asked.work or tempfile.mkdtemp()).resolve()
    work.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * asked.minutes
    with ThreadPoolExecutor(1) as pool:
        session = Session(
            asked=asked, out=out, work=work, end=end, images=pool.submit(packed, Path(asked.data), work).result
        )
        for name, stage in STAGES.items():
            if name not in asked.skip:
                contained(session, stage)
        session.end += PACKING
        contained(session, collect)


def packed(data: Path, work: Path) -> Path:
    """Return the images as a packed file, which is created if `data` is in another form."""
    if data.suffix == ".npz":
        return data.resolve()
    target = work / "images.npz"
    packed_images.pack(data, target)
    return target


def contained(session: Session, stage: Callable[[Session], None]) -> None:
    """Run a stage, and log its error if it fails."""
    try:
        stage(session)
    except Exception as error:
        session.say(f"{stage.__name__} failed: {type(error).__name__}: {error}")


def evaluate(session: Session) -> None:
    """Record the results of `jem-tui eval` and `jem-tui sample` on the run, and its curves."""
    run, results = session.work / "run", session.work / "results"
    results.mkdir(exist_ok=True)
    place = ["--device", session.asked.device, *packed_images.data_words(session.images())]
    evaluation = ["-m", "jem_tui", "eval", *place, *(["--quick"] if session.asked.small else [])]
    commands = {
        "table.txt": [*evaluation, run, *NO_SAMPLES, "--out", results / "model"],
        "samples.txt": [*evaluation, run, "--only", "samples", "--out", results / "samples"],
        "fresh.txt": ["-m", "jem_tui", "sample", run, *place, "--count", 100, "--out", results / "fresh.png"],
        "curves.txt": ["-m", "results.curves", run, results / "curves.png"],
    }
    twin = session.work / "twin"
    if twin.is_dir():
        commands["twin.txt"] = [*evaluation, twin, *NO_SAMPLES, "--out", results / "twin"]
    with ThreadPoolExecutor(len(commands)) as pool:
        list(pool.map(lambda name: session.run(name, commands[name], session.left()), commands))


def collect(session: Session) -> None:
    """Write everything into the output folder."""
    run = session.work / "run"
    with tarfile.open(session.out / "session.tar.gz", "w:gz") as archive:
        for path in [*sorted(session.work.glob("*.txt")), session.work / "results"]:
            if path.exists():
                archive.add(path, arcname=path.name)
    if run.is_dir():
        for old in session.out.glob("run.tar.gz.*"):
            old.unlink()
        pack(run, session.out)
    size = sum(path.stat().st_size for path in session.out.iterdir())
    session.say(f"{size / 1e6:.1f} MB in {session.out}")


def parsed() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True, help="limit on the whole session, in minutes")
    parser.add_argument("--out", required=True, help="what shall be kept")
    parser.add_argument("--data", required=True, help="32×32 images: a folder, a tar archive or a packed .npz file")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--work", help="a folder for everything else (default: a temporary one)")
    parser.add_argument("--skip", nargs="*", default=[], choices=STAGES, metavar="STAGE", help=", ".join(STAGES))
    parser.add_argument("--resume", help="continue the run in such an output folder")
    parser.add_argument("--epochs", type=int, default=0, help="epochs of the training run (default: as time permits)")
    parser.add_argument("--twin", type=float, default=0.0, metavar="SECONDS", help="kept for the classifier twin")
    parser.add_argument(
        "--variant", action="append", default=[], metavar="SETTINGS", help="settings to try; repeatable"
    )
    parser.add_argument("--trial-epochs", type=int, default=8, metavar="N", help="epochs for which variants are tried")
    parser.add_argument("--images-per-second", type=float, default=0.0, help="of the recipe (default: measured first)")
    parser.add_argument("--evaluation", type=float, default=75.0, metavar="SECONDS", help="kept for the evaluation")
    parser.add_argument("-s", "--set", action="append", default=[], help="a setting of the training run; repeatable")
    parser.add_argument("--small", action="store_true", help="a rehearsal: little of everything")
    return parser.parse_args()


STAGES = {
    "checks": check,
    "benchmarks": benchmark,
    "screen": watch,
    "peers": compare,
    "trials": try_variants,
    "training": train,
    "twin": train_twin,
    "evaluation": evaluate,
}

if __name__ == "__main__":
    main()
