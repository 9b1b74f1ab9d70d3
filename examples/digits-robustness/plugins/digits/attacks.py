"""White-box attacks in the L-infinity ball: the attacker knows weights and defence and may change every pixel by eps."""

from typing import Callable, Iterator, NamedTuple, Tuple

import numpy as np

from .defences import Classifier
from .network import Backward

FGSM = "fgsm"
PGD = "pgd"
ALL = (FGSM, PGD)

Report = Callable[[int, float, float], None]  # iteration, mean loss, accuracy


class Adversarial(NamedTuple):
    """The images one attack made within one eps."""

    eps: float
    images: np.ndarray


def fgsm(classifier: Classifier, x: np.ndarray, y: np.ndarray, eps: float) -> np.ndarray:
    """The fast gradient sign method: one step of size eps along the sign of the loss gradient."""
    return _clip(x + eps * np.sign(classifier.at(x, y).to_input), x, eps)


def pgd(
    classifier: Classifier,
    x: np.ndarray,
    y: np.ndarray,
    eps: float,
    iterations: int,
    restarts: int,
    rng: np.random.Generator,
    report: Report = lambda iteration, loss, accuracy: None,
) -> np.ndarray:
    """
    Projected gradient descent: signed steps from a random start in the ball, projected back after each.

    Of all iterates of all restarts each image keeps the strongest: a misclassified one before a classified one,
    then the one with the higher loss. The clean image is a candidate as well, for it lies in the ball.
    """
    best, best_score = x.copy(), _score(classifier.at(x, y))
    for restart in range(restarts):
        for iteration, (candidate, there) in enumerate(climb(classifier, x, y, eps, iterations, rng)):
            score = _score(there)
            stronger = score > best_score
            best[stronger], best_score[stronger] = candidate[stronger], score[stronger]
            accuracy = float((best_score < _WRONG).mean())
            report(restart * (iterations + 1) + iteration, float(there.losses.mean()), accuracy)
    return best


def climb(
    classifier: Classifier, x: np.ndarray, y: np.ndarray, eps: float, iterations: int, rng: np.random.Generator
) -> Iterator[Tuple[np.ndarray, Backward]]:
    """One run of projected gradient ascent on the loss: the random start, then each iterate, with what is there."""
    rate = 2.5 * eps / iterations  # crosses the ball from any start, with room to turn
    candidate = _clip(x + rng.uniform(-eps, eps, x.shape), x, eps)
    there = classifier.at(candidate, y)
    yield candidate, there
    for _ in range(iterations):
        candidate = _clip(candidate + rate * np.sign(there.to_input), x, eps)
        there = classifier.at(candidate, y)
        yield candidate, there


_WRONG = 1e6  # above every cross-entropy that occurs: being wrong outranks any loss


def _score(there: Backward) -> np.ndarray:
    return np.where(there.correct, 0.0, _WRONG) + there.losses


def _clip(candidate: np.ndarray, x: np.ndarray, eps: float) -> np.ndarray:
    """Into the ball around x, and into the range of real pixels."""
    return np.clip(np.clip(candidate, x - eps, x + eps), 0.0, 1.0)
