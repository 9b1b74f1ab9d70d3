"""Forked jobs draw what their seed says, and nothing that they inherited."""

from __future__ import annotations

import unittest

from harness import HAS_NUMPY, JobTest, Template, at_both_levels

_DRAW = """
import random
def main():
    print(random.random(), {"set", "of", "texts"}, hash("x"))
    try:
        import numpy
    except ImportError:
        return
    print(numpy.random.rand(3).tolist(), numpy.random.randint(1 << 30))
"""


@at_both_levels
class SeedTests(JobTest):
    def draw(self, template: Template, seed: int) -> "list[str]":
        return self.finished(self.attempt(_DRAW, template=template, seed=seed)).lines("stdout")

    def test_seed_decides_what_is_drawn(self) -> None:
        first, again, other = (self.draw(self.template, seed) for seed in (2**62, 2**62, 2))
        self.assertEqual(first, again)
        for one, two in zip(first, other):
            self.assertNotEqual(one.split()[0], two.split()[0])

    @unittest.skipUnless(HAS_NUMPY, "numpy is not installed for this interpreter")
    def test_preloading_changes_nothing(self) -> None:
        cold = Template()
        self.addCleanup(cold.close)
        self.assertEqual(self.draw(self.template, 5), self.draw(cold, 5))
