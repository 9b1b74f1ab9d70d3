"""The steps of the entrypoints: thin, with the log lines and metrics a person follows; the substance is beside them."""

import logging
from typing import Any, Dict, List

import numpy as np
from dioptra import pyplugs

from . import attacks, data, defences, evaluation, picture, training
from .attacks import Adversarial
from .data import Digits
from .defences import Classifier
from .tracking import metric

LOGGER = logging.getLogger(__name__)


@pyplugs.register
def load_digits() -> Digits:
    digits = data.load()
    LOGGER.info("%d images to train on, %d held out, 8 x 8 pixels in 0..1", len(digits.y_train), len(digits.y_test))
    return digits


@pyplugs.register
def train(digits: Digits, defence: str, epochs: int, seed: int) -> Classifier:
    LOGGER.info("training 64-128-64-10 perceptron, defence=%s epochs=%d seed=%d", defence, epochs, seed)

    def report(epoch: training.Epoch) -> None:
        metric("loss", epoch.loss, epoch.number)
        metric("train_accuracy", epoch.train_accuracy, epoch.number)
        metric("test_accuracy", epoch.test_accuracy, epoch.number)
        if epoch.number % 5 == 0 or epoch.number in (1, epochs):
            LOGGER.info(
                "epoch %d/%d loss=%.4f train_accuracy=%.4f test_accuracy=%.4f",
                epoch.number, epochs, epoch.loss, epoch.train_accuracy, epoch.test_accuracy,
            )  # fmt: skip

    return training.train(digits, defence, epochs, seed, report)


@pyplugs.register
def check_gradients(classifier: Classifier, digits: Digits) -> None:
    """Stops the job when the attacks would follow wrong gradients: they would fail, and the defence would look good."""
    error = evaluation.gradient_error(classifier, digits.x_test[:32], digits.y_test[:32])
    LOGGER.info("exact gradient against finite differences, 32 images x 64 pixels: largest error %.1e", error)
    if error > 1e-4:
        raise ArithmeticError(f"the input gradient is wrong by {error:.1e} of its size; no attack can be trusted")


@pyplugs.register
def attack(
    classifier: Classifier, digits: Digits, attack: str, eps: List[float], iterations: int, restarts: int, seed: int
) -> List[Adversarial]:
    if attack not in attacks.ALL:
        raise ValueError(f"attack: {attack!r} is unknown; use one of {', '.join(attacks.ALL)}")
    if not eps or any(radius <= 0 for radius in eps):
        raise ValueError(f"eps: {eps} must be a list of positive numbers")
    if classifier.defence == defences.BIT_DEPTH:
        LOGGER.warning("rounding to %d bit is flat: gradients pass through it unchanged (BPDA)", defences.BITS)
    return [_attack(classifier, digits, attack, radius, iterations, restarts, seed) for radius in eps]


def _attack(
    classifier: Classifier, digits: Digits, attack: str, eps: float, iterations: int, restarts: int, seed: int
) -> Adversarial:
    x, y = digits.x_test, digits.y_test
    suffix = f"eps_{eps:.3f}".replace(".", "_")

    def report(iteration: int, loss: float, accuracy: float) -> None:
        metric(f"attack_loss_{suffix}", loss, iteration)
        metric(f"robust_accuracy_{suffix}", accuracy, iteration)

    if attack == attacks.FGSM:
        LOGGER.info("FGSM norm=Linf eps=%.3f", eps)
        return Adversarial(eps, attacks.fgsm(classifier, x, y, eps))
    LOGGER.info("PGD norm=Linf eps=%.3f iterations=%d restarts=%d", eps, iterations, restarts)
    rng = np.random.default_rng([seed, 2])
    return Adversarial(eps, attacks.pgd(classifier, x, y, eps, iterations, restarts, rng, report))


@pyplugs.register
def evaluate(
    classifier: Classifier, digits: Digits, adversarial: List[Adversarial], attack: str, seed: int
) -> List[Dict[str, Any]]:
    cells = []
    for one in adversarial:
        cell = evaluation.cell(classifier, digits, one)
        figures = cell.figures()
        if not cells:
            metric("robust_accuracy", figures["clean_accuracy"], 0)
            LOGGER.info("clean accuracy %.4f (%d of %d)", figures["clean_accuracy"], cell.clean_correct, cell.images)
        metric("robust_accuracy", figures["robust_accuracy"], round(1000 * cell.eps))  # a curve over eps / 1000
        LOGGER.info(
            "eps=%.3f robust accuracy %.4f (%d of %d) linf_max=%.3f l2_mean=%.3f",
            cell.eps, figures["robust_accuracy"], cell.robust_correct, cell.images, cell.linf_max, cell.l2_mean,
        )  # fmt: skip
        cells.append({"defence": classifier.defence, "attack": attack, **figures, "seed": seed})
    return cells


@pyplugs.register
def draw(classifier: Classifier, digits: Digits, adversarial: List[Adversarial]) -> bytes:
    """The first held-out image of each digit: clean, then for each eps attacked and the difference."""
    chosen = np.array([np.flatnonzero(digits.y_test == digit)[0] for digit in range(10)])
    full = max(one.eps for one in adversarial)
    x, y = digits.x_test[chosen], digits.y_test[chosen]
    grid = picture.Grid()
    grid.add(picture.grey(x), classifier.predict(x) != y)
    for one in adversarial:
        attacked = one.images[chosen]
        grid.add(picture.grey(attacked), classifier.predict(attacked) != y)
        grid.add(picture.diverging(attacked - x, full), np.zeros(10, bool))
    LOGGER.info(
        "picture: clean, then attacked and difference for eps %s; differences x %.1f, orange darker, blue brighter; "
        "outlined where misclassified",
        ", ".join(f"{one.eps:g}" for one in adversarial), 1.0 / full,
    )  # fmt: skip
    return grid.png()
