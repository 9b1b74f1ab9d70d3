"""Training, with or without a defence."""

from typing import Callable, NamedTuple

import numpy as np

from . import attacks, defences, network
from .data import Digits
from .defences import Classifier

SIZES = [64, 128, 64, 10]
BATCH = 128
RATE = 3e-3

# Adversarial training answers each batch with a short PGD inside this radius.
RADIUS = 0.15
INNER_ITERATIONS = 5


class Epoch(NamedTuple):
    number: int
    loss: float  # mean over the batches, on what the network was shown
    train_accuracy: float  # likewise: on adversarial images in adversarial training
    test_accuracy: float  # clean, held out


def train(
    digits: Digits, defence: str, epochs: int, seed: int, report: Callable[[Epoch], None] = lambda epoch: None
) -> Classifier:
    """Trains from scratch; the same arguments give the same weights to the last bit."""
    if defence not in defences.ALL:
        raise ValueError(f"defence: {defence!r} is unknown; use one of {', '.join(defences.ALL)}")
    if epochs < 1:
        raise ValueError(f"epochs: {epochs} trains nothing; use 1 or more")
    rng = np.random.default_rng([seed, 1])
    weights = network.initialise(SIZES, rng)
    classifier = Classifier(weights, defence)
    optimiser = network.Adam(weights, RATE)
    for number in range(1, epochs + 1):
        loss, right = 0.0, 0
        for rows in np.array_split(rng.permutation(len(digits.y_train)), len(digits.y_train) // BATCH):
            x, y = digits.x_train[rows], digits.y_train[rows]
            if defence == defences.ADVERSARIAL_TRAINING:
                *_, (x, _) = attacks.climb(classifier, x, y, RADIUS, INNER_ITERATIONS, rng)
            there = classifier.at(x, y, to_weights=True)
            optimiser.update(weights, there.to_weights)
            loss += there.losses.sum()
            right += there.correct.sum()
        count = len(digits.y_train)
        test = (classifier.predict(digits.x_test) == digits.y_test).mean()
        report(Epoch(number, float(loss / count), float(right / count), float(test)))
    return classifier
