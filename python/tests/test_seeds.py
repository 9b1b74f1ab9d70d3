"""Forked jobs draw what their seed says, and nothing that they inherited."""

from __future__ import annotations

import unittest

from harness import HAS_NUMPY, JobTest, Template, at_both_levels, environment

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

    def test_torch_is_seeded_when_it_is_imported_and_only_then(self) -> None:
        """A module of that name that writes down how it is called."""
        torch = """
            seeds, threads = [], []
            def manual_seed(seed): seeds.append(seed)
            def set_num_threads(number): threads.append(number)
        """
        code = "def main():\n    import sys\n    print('torch' in sys.modules)\n    import torch\n    print(torch.seeds)"
        seed = 2**63 + 5
        attempt = self.finished(self.attempt(code, files={"torch.py": torch}, seed=seed))
        self.assertEqual(["False", "[5]"], attempt.lines("stdout"))

    def test_a_preloaded_torch_is_seeded_in_each_job(self) -> None:
        torch = "seeds = []\ndef manual_seed(seed): seeds.append(seed)\ndef set_num_threads(number): pass\n"
        template = Template(["torch"], python=environment(self, {"torch.py": torch}))
        self.addCleanup(template.close)
        code = "import torch\ndef main():\n    print(torch.seeds)"
        for seed in (3, 4):
            attempt = self.finished(self.attempt(code, template=template, seed=seed))
            self.assertEqual([f"[{seed}]"], attempt.lines("stdout"))
