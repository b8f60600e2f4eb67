"""A script that writes the logs in this folder, each with the program that it is named after.

`python tests/stream/written_by/make.py WRITER`, in an environment that has that writer: tensorboardX; tensorflow (with Keras);
lightning with torch; flax and clu with tensorflow. Each logs the same numbers, a picture, a text and a histogram, as far as it
can; the tests know what.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
STEPS = range(10, 60, 10)
PICTURE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
NUMBERS = np.arange(24.0)


def value(step: int) -> float:
    """Return a number that is not round in single precision."""
    return 1.0 / (3 + step)


def tensorboardx(folder: Path) -> None:
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for step in STEPS:
            writer.add_scalar("loss/train", value(step), step)
        writer.add_image("grid", PICTURE, 30, dataformats="HWC")
        writer.add_text("remark", "a *remark*", 30)
        writer.add_histogram("weights", NUMBERS, 30)


def tensorflow(folder: Path) -> None:
    import tensorflow as tf

    with tf.summary.create_file_writer(str(folder)).as_default():
        for step in STEPS:
            tf.summary.scalar("loss/train", value(step), step=step)
        tf.summary.image("grid", PICTURE[None], step=30)
        tf.summary.text("remark", "a *remark*", step=30)
        tf.summary.histogram("weights", NUMBERS, step=30)


def tensorflow_v1(folder: Path) -> None:
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        number = v1.placeholder(tf.float32, ())
        merged = v1.summary.merge([v1.summary.scalar("loss/train", number), v1.summary.histogram("weights", NUMBERS)])
        pictures = v1.summary.image("grid", PICTURE[None])
        writer = v1.summary.FileWriter(str(folder))
        for step in STEPS:
            writer.add_summary(session.run(merged, {number: value(step)}), step)
        writer.add_summary(session.run(pictures), 30)
        writer.close()


def keras(folder: Path) -> None:
    import tensorflow as tf

    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = np.ones((8, 3), np.float32), np.zeros((8, 1), np.float32)
    log = tf.keras.callbacks.TensorBoard(str(folder), histogram_freq=1, write_graph=False)
    history = model.fit(x, y, epochs=4, validation_data=(x, y), callbacks=[log], verbose=0).history
    rows = "".join(f"{name} {' '.join(map(repr, map(float, values)))}\n" for name, values in sorted(history.items()))
    (folder / "history.txt").write_text(rows)


def lightning(folder: Path) -> None:
    from lightning.pytorch.loggers import TensorBoardLogger

    logger = TensorBoardLogger(str(folder), name="", version="")
    logger.log_hyperparams({"rate": 0.5}, {"hp_metric": 0.25})
    for step in STEPS:
        logger.log_metrics({"loss/train": value(step), "epoch": step // 20}, step)
    logger.experiment.add_image("grid", PICTURE, 30, dataformats="HWC")
    logger.experiment.add_text("remark", "a *remark*", 30)
    logger.experiment.add_histogram("weights", NUMBERS, 30)
    logger.finalize("success")


def flax(folder: Path) -> None:
    from flax.metrics.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder))
    for step in STEPS:
        writer.scalar("loss/train", value(step), step)
    writer.image("grid", PICTURE, 30)
    writer.text("remark", "a *remark*", 30)
    writer.histogram("weights", NUMBERS, 30)
    writer.close()


def clu(folder: Path) -> None:
    from clu import metric_writers

    writer = metric_writers.SummaryWriter(str(folder))
    for step in STEPS:
        writer.write_scalars(step, {"loss/train": value(step)})
    writer.write_images(30, {"grid": PICTURE[None]})
    writer.write_texts(30, {"remark": "a *remark*"})
    writer.write_histograms(30, {"weights": NUMBERS})
    writer.flush()
    writer.close()


WRITERS: dict[str, Callable[[Path], None]] = {
    "tensorboardx": tensorboardx,
    "tensorflow": tensorflow,
    "tensorflow_v1": tensorflow_v1,
    "keras": keras,
    "lightning": lightning,
    "flax": flax,
    "clu": clu,
}

if __name__ == "__main__":
    place = HERE / sys.argv[1]
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    WRITERS[sys.argv[1]](place)
