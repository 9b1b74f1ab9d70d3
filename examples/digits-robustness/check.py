"""
Computes cells of the table by another road and compares: check.py MODEL.npz CELLS.csv [--eps E ...]

Nothing of the plugin is used. The weights are put into scikit-learn's own MLPClassifier, gradients are central finite
differences of its probabilities, and both attacks are written here a second time. Ends with 1 when a count differs by
more than the few images whose gradient is too close to zero for its sign to be measured.
"""

import argparse
import csv
import sys

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import LabelBinarizer

H = 1e-5
ITERATIONS, RESTARTS = 20, 2  # of the cells made by PGD


class Judge:
    """The saved classifier, rebuilt on scikit-learn."""

    def __init__(self, path):
        with np.load(path) as arrays:
            self.squeezes = str(arrays["defence"]) == "bit_depth"
            self.defence = str(arrays["defence"])
            self.mlp = MLPClassifier(hidden_layer_sizes=(128, 64), activation="relu")
            self.mlp.coefs_ = [arrays[f"w{k}"] for k in (1, 2, 3)]
            self.mlp.intercepts_ = [arrays[f"b{k}"] for k in (1, 2, 3)]
        self.mlp.n_layers_, self.mlp.n_outputs_, self.mlp.out_activation_ = 4, 10, "softmax"
        self.mlp._label_binarizer = LabelBinarizer().fit(range(10))

    def squeeze(self, x):
        return (x >= 0.5).astype(float) if self.squeezes else x

    def right(self, x, y):
        return self.mlp.predict(self.squeeze(x)) == y

    def log_odds(self, x, y):
        """log of P(any other digit) / P(this digit): rises exactly when the cross-entropy rises."""
        p = self.mlp.predict_proba(x)
        true = p[np.arange(len(y)), y]
        others = np.where(np.arange(10) == y[:, None], 0.0, p).sum(axis=1)
        return np.log(others) - np.log(true)

    def direction(self, x, y):
        """The sign of the input gradient, by finite differences behind the rounding (so passed through it unchanged)."""
        seen, signs = self.squeeze(x), np.empty_like(x)
        for pixel in range(x.shape[1]):
            nudge = np.eye(x.shape[1])[pixel] * H
            signs[:, pixel] = np.sign(self.log_odds(seen + nudge, y) - self.log_odds(seen - nudge, y))
        return signs

    def fgsm(self, x, y, eps):
        return self.right(into_ball(x + eps * self.direction(x, y), x, eps), y)

    def pgd(self, x, y, eps, seed):
        """Is each image right at every iterate of every restart? That is what robust means."""
        rng, right = np.random.default_rng([seed, 2]), self.right(x, y)
        for _ in range(RESTARTS):
            z = into_ball(x + rng.uniform(-eps, eps, x.shape), x, eps)
            right &= self.right(z, y)
            for _ in range(ITERATIONS):
                z = into_ball(z + 2.5 * eps / ITERATIONS * self.direction(z, y), x, eps)
                right &= self.right(z, y)
        return right


def into_ball(z, x, eps):
    return np.minimum(np.maximum(z, np.maximum(x - eps, 0.0)), np.minimum(x + eps, 1.0))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("cells")
    parser.add_argument("--eps", type=float, nargs="*", help="only these; PGD takes about ten seconds for each")
    parser.add_argument("--slack", type=int, default=2, help="images a count may differ by (default: 2)")
    options = parser.parse_args()

    pixels, labels = load_digits(return_X_y=True)
    _, x, _, y = train_test_split(pixels / 16, labels, test_size=1 / 3, stratify=labels, random_state=0)
    judge, agree = Judge(options.model), True
    clean = judge.right(x, y)
    with open(options.cells, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not options.eps or float(row["eps"]) in options.eps]
    for row in rows:
        eps = float(row["eps"])
        robust = clean & (judge.fgsm(x, y, eps) if row["attack"] == "fgsm" else judge.pgd(x, y, eps, int(row["seed"])))
        same = (
            int(row["images"]) == len(y)
            and row["defence"] == judge.defence
            and int(row["clean_correct"]) == clean.sum()
            and abs(int(row["robust_correct"]) - int(robust.sum())) <= options.slack
            and float(row["linf_max"]) <= eps + 1e-12
        )
        agree = agree and same
        print(
            f"{row['defence']} {row['attack']} eps={eps:g}: clean {row['clean_correct']} / {clean.sum()}, "
            f"robust {row['robust_correct']} / {robust.sum()} {'agrees' if same else 'DIFFERS'}"
        )
    return 0 if agree and rows else 1


if __name__ == "__main__":
    sys.exit(main())
