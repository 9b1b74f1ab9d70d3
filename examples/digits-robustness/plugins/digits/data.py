"""The handwritten digits that ship with scikit-learn: 1,797 real scans of 8 x 8 pixels."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SIDE = 8  # pixels
LEVELS = 16  # grey steps of the scans: pixels are 0, 1/16, ..., 1


class Digits(NamedTuple):
    """Images as rows of 64 pixels in 0..1, and the digit each one shows."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load() -> Digits:
    """
    Two thirds to train on, one third held out, each digit in the same share.

    The split is always the same: no seed can put an image a classifier has learnt among those it is judged by.
    """
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x / LEVELS, y, test_size=1 / 3, stratify=y, random_state=0)
    return Digits(x_train, y_train, x_test, y_test)
