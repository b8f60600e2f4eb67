"""Some minutes of a GPU used whole: the tests that need one, benchmarks, and CIFAR-10 training in the time that is left.

    python tools/gpu_session.py --minutes 15 --out OUT --data CIFAR

CIFAR is a folder with `train/` and `test/` of class folders of 32×32 images. It ends in time in any case, and OUT then
holds, in at most 64 MB: `session.log`, `session.tar.gz` with the tables, pictures and logs, and the run as `run.tar.gz.00`, ….
`--epochs N` fixes the length of the training run, and trains and evaluates the classifier twin, too. `--resume OUT` continues such
a run, on another machine, too. `--small` is a rehearsal for a CPU.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tarfile
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from carried_run import pack, unpack
from timed_session import PACKING, Session

RECIPE = ("--preset", "cifar")
SMALL = (
    *("--preset", "cifar-small", "-s", "network.widen=1", "-s", "train.batch_size=16", "-s", "buffer.size=64"),
    *("-s", "sgld.steps=2", "-s", "record.tiles=9", "-s", "buffer.explorers=16"),
)
QUIET = [word for name in ("samples", "evaluate", "checkpoint") for word in ("-s", f"record.{name}_every=1000000")]
TWIN = ("-s", "sgld.steps=0", "-s", "buffer.explorers=0", "-s", "buffer.size=256")
"""Settings that leave a recipe without chains."""
NO_SAMPLES = ("--only", "classification,ood,robustness")
SUBSET = {"train": 500, "test": 50}
"""Images of each class that benchmarks and the probe of the speed read."""
READING = 3e-4
"""Seconds to read an image from a file, at most."""


def main() -> None:
    """Run every stage in turn; a stage that fails does not keep the others from running."""
    asked = parsed()
    out = Path(asked.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    work = Path(asked.work or tempfile.mkdtemp()).resolve()
    work.mkdir(parents=True, exist_ok=True)
    session = Session(asked=asked, out=out, work=work, end=time.monotonic() + 60 * asked.minutes)
    for name, stage in STAGES.items():
        if name not in asked.skip:
            contained(session, stage)
    session.end += PACKING
    contained(session, collect)


def contained(session: Session, stage: Callable[[Session], None]) -> None:
    """Run a stage; what goes wrong in it is a line of the log."""
    try:
        stage(session)
    except Exception as error:
        session.say(f"{stage.__name__} failed: {type(error).__name__}: {error}")


def check(session: Session) -> None:
    """Run the tests of CUDA graphs, which are skipped elsewhere."""
    session.run("checks.txt", ["-m", "pytest", "-q", "-s", "tests/jem/stepping/test_cuda_graph.py"], session.left() / 4)


def benchmark(session: Session) -> None:
    """Measure the training step against its floor."""
    images = [] if session.asked.small else ["--images", subset(session)]
    short = ["--short"] if session.asked.small else []
    words = ["-m", "benchmarks", "--device", session.asked.device, *images, *short]
    session.run("benchmarks.txt", words, session.left() / 3)


def train(session: Session) -> None:
    """Train the recipe for as many epochs as there is time for, or as were asked for; the rate falls to zero at their end."""
    words = recipe(session)
    if session.asked.resume:
        run_dir = unpack(Path(session.asked.resume), session.work)
        run = json.loads((run_dir / "run.json").read_text())
        done = run["step"] * run["config"]["train"]["batch_size"] / images(session)
        session.say(f"continuing after {done:.1f} epochs")
        words = ["--resume", str(run_dir)]
    else:
        run_dir, done = session.work / "run", 0.0
        shutil.rmtree(run_dir, ignore_errors=True)
        words = [*words, "--data", session.asked.data, "--run-dir", str(run_dir)]
    epochs = session.asked.epochs or affordable_epochs(session, done)
    words = ["-m", "jem_tui", "train", "--no-ui", *words, "-s", f"train.epochs={epochs}"]
    session.run("train.txt", words, session.left() - session.asked.evaluation)


def affordable_epochs(session: Session, done: float) -> int:
    """Return the epochs that a run which has done `done` of them can reach in the remaining time."""
    speed = session.asked.images_per_second or probe(session)
    reading = READING * len(list(Path(session.asked.data).rglob("*.*")))
    seconds = session.left() - session.asked.evaluation - reading - 8
    epochs = max(1, int(done + 0.93 * seconds * speed / images(session)))
    session.say(f"{speed:,.0f} images/s: {epochs} epochs of {images(session):,} images")
    return epochs


def train_twin(session: Session) -> None:
    """Train the classifier twin, which has the recipe's network, images and epochs and no chains, for `--epochs` epochs."""
    if session.asked.epochs and not session.asked.resume:
        shutil.rmtree(session.work / "twin", ignore_errors=True)
        words = [*recipe(session), *TWIN, "--data", session.asked.data, "--run-dir", session.work / "twin"]
        words = ["-m", "jem_tui", "train", "--no-ui", *words, "-s", f"train.epochs={session.asked.epochs}"]
        session.run("train-twin.txt", words, session.left() / 4)


def probe(session: Session) -> float:
    """Measure the images a second of the recipe, once it runs; its K is that of the first epoch."""
    folder = session.work / "probe"
    shutil.rmtree(folder, ignore_errors=True)
    count = 6 if session.asked.small else 120
    words = ["train", "--json", *recipe(session), *QUIET, "--data", subset(session), "--max-steps", count]
    session.run("probe.jsonl", ["-m", "jem_tui", *words, "-s", "train.epochs=1000", "--run-dir", folder], 60)
    lines = (session.work / "probe.jsonl").read_text().splitlines()
    steps = [event for event in map(json.loads, filter(is_object, lines)) if event.get("event") == "StepDone"]
    first, last = steps[len(steps) // 2], steps[-1]
    return float((last["images"] - first["images"]) / (last["time"] - first["time"]))


def evaluate(session: Session) -> None:
    """Record what `jem-tui eval` and `jem-tui sample` say of the run, and its curves."""
    run, results = session.work / "run", session.work / "results"
    results.mkdir(exist_ok=True)
    place = ["--device", session.asked.device]
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


def recipe(session: Session) -> list[str]:
    """Return the words of `jem-tui train` for a new run."""
    own = [word for setting in session.asked.set for word in ("-s", setting)]
    return [*(SMALL if session.asked.small else RECIPE), "--device", session.asked.device, *own]


def images(session: Session) -> int:
    """Count the images of one epoch, less the validation images."""
    return int(0.95 * len(list((Path(session.asked.data) / "train").rglob("*.*"))))


def subset(session: Session) -> Path:
    """Make a folder with the first images of each class, which is read in a moment."""
    target = session.work / "subset"
    for folder in sorted(Path(session.asked.data).glob("*/*")):
        into = target / folder.parent.name / folder.name
        into.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.iterdir())[: SUBSET.get(folder.parent.name, 0)]:
            shutil.copy(path, into)
    return target


def is_object(line: str) -> bool:
    """Return whether a line of output is one of the JSON objects."""
    return line.startswith("{")


def parsed() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True, help="limit on the whole session, in minutes")
    parser.add_argument("--out", required=True, help="what shall be kept")
    parser.add_argument("--data", required=True, help="a folder of 32×32 images, train/ and test/ of class folders")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--work", help="a folder for everything else (default: a temporary one)")
    parser.add_argument("--skip", nargs="*", default=[], choices=STAGES, metavar="STAGE", help=", ".join(STAGES))
    parser.add_argument("--resume", help="continue the run in such an output folder")
    parser.add_argument(
        "--epochs",
        type=int,
        default=0,
        help="epochs of the training run and of its classifier twin; without this option, no twin is trained",
    )
    parser.add_argument("--images-per-second", type=float, default=0.0, help="of the recipe (default: measured first)")
    parser.add_argument("--evaluation", type=float, default=75.0, metavar="SECONDS", help="kept for the evaluation")
    parser.add_argument("-s", "--set", action="append", default=[], help="a setting of the training run; repeatable")
    parser.add_argument("--small", action="store_true", help="a rehearsal: little of everything")
    return parser.parse_args()


STAGES = {
    "checks": check,
    "benchmarks": benchmark,
    "twin": train_twin,
    "training": train,
    "evaluation": evaluate,
}

if __name__ == "__main__":
    main()
