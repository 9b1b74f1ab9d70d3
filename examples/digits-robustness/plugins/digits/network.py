"""A multilayer perceptron with ReLU layers and an exact backward pass, to the weights and to the input."""

from typing import Dict, List, NamedTuple

import numpy as np

Weights = Dict[str, np.ndarray]  # w1, b1, w2, b2, ...: layer k maps x to x @ wk + bk


class Backward(NamedTuple):
    """Everything one backward pass gives."""

    losses: np.ndarray  # cross-entropy of each example
    correct: np.ndarray  # is each example classified right
    to_input: np.ndarray  # gradient of each example's own loss, same shape as the input
    to_weights: Weights  # gradient of the mean loss; empty when it was not asked for


def initialise(sizes: List[int], rng: np.random.Generator) -> Weights:
    """He initialisation: variance 2 / fan-in keeps the scale of activations through ReLU layers."""
    weights: Weights = {}
    for k, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:]), start=1):
        weights[f"w{k}"] = rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_in, fan_out))
        weights[f"b{k}"] = np.zeros(fan_out)
    return weights


def logits(weights: Weights, x: np.ndarray) -> np.ndarray:
    return _activations(weights, x)[-1]


def losses(weights: Weights, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The cross-entropy of each example."""
    return -_log_softmax(logits(weights, x))[np.arange(len(y)), y]


def backward(weights: Weights, x: np.ndarray, y: np.ndarray, to_weights: bool = False) -> Backward:
    """Loss and exact gradients by the chain rule, layer by layer from the last."""
    activations = _activations(weights, x)
    log_probabilities = _log_softmax(activations[-1])
    rows = np.arange(len(y))

    delta = np.exp(log_probabilities)  # d loss / d logits = softmax - one-hot, one row an example
    delta[rows, y] -= 1.0
    gradients: Weights = {}
    for k in range(_depth(weights), 0, -1):
        below = activations[k - 1]
        if to_weights:
            gradients[f"w{k}"] = below.T @ delta / len(y)
            gradients[f"b{k}"] = delta.mean(axis=0)
        delta = delta @ weights[f"w{k}"].T
        if k > 1:
            delta *= below > 0.0

    correct = activations[-1].argmax(axis=1) == y
    return Backward(-log_probabilities[rows, y], correct, delta, gradients)


def _activations(weights: Weights, x: np.ndarray) -> List[np.ndarray]:
    """The input, each hidden layer after its ReLU, and the logits."""
    layers = [x]
    for k in range(1, _depth(weights) + 1):
        z = layers[-1] @ weights[f"w{k}"] + weights[f"b{k}"]
        layers.append(z if k == _depth(weights) else np.maximum(z, 0.0))
    return layers


def _depth(weights: Weights) -> int:
    return len(weights) // 2


def _log_softmax(z: np.ndarray) -> np.ndarray:
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class Adam:
    """Adam with its usual constants; the state lives beside the weights it updates."""

    def __init__(self, weights: Weights, rate: float) -> None:
        self._rate = rate
        self._steps = 0
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}

    def update(self, weights: Weights, gradients: Weights) -> None:
        self._steps += 1
        for name, gradient in gradients.items():
            mean, square = self._mean[name], self._square[name]
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            step = mean / (1.0 - 0.9**self._steps)
            scale = np.sqrt(square / (1.0 - 0.999**self._steps)) + 1e-8
            weights[name] -= self._rate * step / scale
