"""A classifier with its defence: what the attacker faces."""

from typing import Dict, NamedTuple

import numpy as np

from . import network

NONE = "none"
ADVERSARIAL_TRAINING = "adversarial_training"
BIT_DEPTH = "bit_depth"
ALL = (NONE, ADVERSARIAL_TRAINING, BIT_DEPTH)

BITS = 1  # of the bit-depth defence: black or white


class Classifier(NamedTuple):
    """A trained network with its defence."""

    weights: network.Weights
    defence: str

    def predict(self, x: np.ndarray) -> np.ndarray:
        return network.logits(self.weights, self.seen(x)).argmax(axis=1)

    def seen(self, x: np.ndarray) -> np.ndarray:
        """
        What the network gets to see.

        The bit-depth defence rounds pixels to 2**BITS grey levels: small perturbations vanish, unless they cross a
        threshold between two levels.
        """
        if self.defence != BIT_DEPTH:
            return x
        steps = 2**BITS - 1
        return np.floor(x * steps + 0.5) / steps

    def at(self, x: np.ndarray, y: np.ndarray, to_weights: bool = False) -> network.Backward:
        """
        Loss and gradients of the whole defended classifier at x.

        Rounding is flat almost everywhere: its true gradient is zero, and an attack that used it would see nothing
        and make the defence look strong. The gradient passes through it unchanged instead (backward pass
        differentiable approximation, BPDA); the forward pass always uses the real rounding.
        """
        return network.backward(self.weights, self.seen(x), y, to_weights)

    def arrays(self) -> Dict[str, np.ndarray]:
        """Everything that has to be kept to have this classifier again."""
        return {**self.weights, "defence": np.array(self.defence)}

    @staticmethod
    def of(arrays: Dict[str, np.ndarray]) -> "Classifier":
        weights = {name: value for name, value in arrays.items() if name != "defence"}
        return Classifier(weights, str(arrays["defence"]))
