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


_CHILDREN = """
import os, random
def child(name, nested=False):
    pid = os.fork()
    if pid == 0:
        try:
            import numpy
            drawn = numpy.random.rand()
        except ImportError:
            drawn = None
        print(name, random.random(), drawn, flush=True)
        if nested:
            child("nested")
        os._exit(0)
    os.waitpid(pid, 0)
def main():
    child("first", nested=True)
    child("second")
    print("parent", random.random())
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

    def test_forked_children_draw_what_they_drew_the_last_time_and_each_something_else(self) -> None:
        cold = Template()  # a numpy that is loaded only by a child
        self.addCleanup(cold.close)
        for template in (self.template, cold):
            first, again = (self.finished(self.attempt(_CHILDREN, template=template, seed=3)).lines("stdout") for _ in range(2))
            self.assertEqual(first, again)
            self.assertEqual(["first", "nested", "second", "parent"], [line.split()[0] for line in first])
            self.assertEqual(4, len({line.split()[1] for line in first}))
            if HAS_NUMPY:
                self.assertEqual(3, len({line.split()[2] for line in first[:3]}))

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
