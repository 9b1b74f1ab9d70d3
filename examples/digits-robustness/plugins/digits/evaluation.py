"""What an attack did: the numbers of the table, and the check without which they would mean little."""

from typing import Any, Dict, NamedTuple

import numpy as np

from . import network
from .attacks import Adversarial
from .data import Digits
from .defences import Classifier


class Cell(NamedTuple):
    """One defence under one attack at one eps. Counts are exact; everything else follows from them."""

    eps: float
    images: int
    clean_correct: int  # classified right as they are
    robust_correct: int  # classified right as they are and attacked
    linf_max: float  # largest change of any pixel
    l2_mean: float  # mean length of the perturbations

    def figures(self) -> Dict[str, Any]:
        return {
            **self._asdict(),
            "clean_accuracy": self.clean_correct / self.images,
            "robust_accuracy": self.robust_correct / self.images,
        }


def cell(classifier: Classifier, digits: Digits, adversarial: Adversarial) -> Cell:
    """Measures afresh from the images alone: nothing is taken over from the attack's own bookkeeping."""
    clean = classifier.predict(digits.x_test) == digits.y_test
    attacked = classifier.predict(adversarial.images) == digits.y_test
    change = adversarial.images - digits.x_test
    return Cell(
        eps=adversarial.eps,
        images=len(clean),
        clean_correct=int(clean.sum()),
        robust_correct=int((clean & attacked).sum()),
        linf_max=float(np.abs(change).max()),
        l2_mean=float(np.sqrt((change**2).sum(axis=1)).mean()),
    )


def gradient_error(classifier: Classifier, x: np.ndarray, y: np.ndarray, h: float = 1e-6) -> float:
    """
    The largest difference between the exact input gradient and central finite differences, over the largest gradient.

    Both are taken at the images the network sees, behind the rounding of the bit-depth defence.
    """
    seen = classifier.seen(x)
    exact = network.backward(classifier.weights, seen, y).to_input
    measured = np.empty_like(exact)
    for pixel in range(seen.shape[1]):
        nudge = np.zeros(seen.shape[1])
        nudge[pixel] = h
        above = network.losses(classifier.weights, seen + nudge, y)
        below = network.losses(classifier.weights, seen - nudge, y)
        measured[:, pixel] = (above - below) / (2.0 * h)
    return float(np.abs(exact - measured).max() / np.abs(exact).max())
