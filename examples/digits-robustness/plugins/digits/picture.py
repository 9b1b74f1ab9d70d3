"""Rows of small images as one PNG, written with the standard library alone."""

import struct
import zlib
from typing import List

import numpy as np

from .data import SIDE

SCALE = 8  # each pixel of a digit becomes 8 x 8
GAP = 8
FOOLED = np.array([0xD9, 0x3A, 0x48, 0xFF])  # outline of an adversarial image that is misclassified
BORDER = 3

# Orange below, near-white at zero, blue above: nine even steps.
DIVERGING = np.array(
    [
        [0x9E, 0x48, 0x01],
        [0xB9, 0x72, 0x46],
        [0xD0, 0x9C, 0x7B],
        [0xE5, 0xC7, 0xB2],
        [0xF1, 0xF4, 0xF3],
        [0xB4, 0xCF, 0xE6],
        [0x7E, 0xAA, 0xD1],
        [0x4B, 0x84, 0xBA],
        [0x15, 0x5D, 0xA2],
    ],
    dtype=float,
)


def grey(images: np.ndarray) -> np.ndarray:
    """Pixels in 0..1 as colours, black to white."""
    return np.repeat(images[..., None] * 255.0, 3, axis=-1)


def diverging(differences: np.ndarray, full: float) -> np.ndarray:
    """Differences as colours; -full and +full are the ends of the palette."""
    position = np.clip(differences / full, -1.0, 1.0) * 4.0 + 4.0
    channels = [np.interp(position, np.arange(9), DIVERGING[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1)


class Grid:
    """Rows of tiles on a transparent ground."""

    def __init__(self) -> None:
        self._rows: List[np.ndarray] = []

    def add(self, colours: np.ndarray, outlined: np.ndarray) -> None:
        """One row: colours of shape (tiles, 64, 3), and which tiles get an outline."""
        count, pitch = len(colours), SIDE * SCALE + GAP
        row = np.zeros((pitch, count * pitch, 4))
        for tile in range(count):
            image = colours[tile].reshape(SIDE, SIDE, 3).repeat(SCALE, axis=0).repeat(SCALE, axis=1)
            left, size = tile * pitch + GAP // 2, SIDE * SCALE
            if outlined[tile]:
                row[GAP // 2 - BORDER : GAP // 2 + size + BORDER, left - BORDER : left + size + BORDER] = FOOLED
            row[GAP // 2 : GAP // 2 + size, left : left + size] = 255.0
            row[GAP // 2 : GAP // 2 + size, left : left + size, :3] = image
        self._rows.append(row)

    def png(self) -> bytes:
        return encode(np.floor(np.concatenate(self._rows) + 0.5).astype(np.uint8))


def encode(pixels: np.ndarray) -> bytes:
    """A PNG of pixels with shape (height, width, 4): 8 bits a channel, red, green, blue, opacity."""
    height, width, _ = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, width * 4)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
