"""The ground of a sandbox, which is laid before there is an attempt."""

from __future__ import annotations

import os
import signal
import unittest
from pathlib import Path
from typing import List, Optional

from harness import ORDINARY, Attempt, JobTest, Template, is_running, linux, wait_until

_MAIN = "import os\ndef main(): print(os.readlink('/proc/self/ns/net'))"


def _can_fail(package: Path) -> None:
    """Makes the ground of a template's copy of the package fail while there is a file ``obstacle`` beside it."""
    with (package / "_host" / "namespaces.py").open("a") as file:
        file.write(
            f"""
def _obstructed(ground, network, lay=Ground.__init__):
    import time
    if os.path.exists({str(package.parent / "obstacle")!r}):
        time.sleep(0.05)
        raise SandboxError("no ground here")
    lay(ground, network)

Ground.__init__ = _obstructed
"""
        )


class GroundTests(JobTest):
    level = "L1"
    user: Optional[int] = None

    def setUp(self) -> None:
        super().setUp()
        self.template = Template(user=self.user, change=_can_fail)
        self.addCleanup(self.template.close)

    def net(self, pid: int) -> str:
        return os.readlink(f"/proc/{pid}/ns/net")

    def supervisors(self) -> List[int]:
        return [pid for pid in linux.children(self.template.process.pid) if is_running(pid)]

    def spare(self) -> int:
        """The one that waits."""
        wait_until(lambda: len(self.supervisors()) == 1, "a supervisor that waits")
        return self.supervisors()[0]

    def prepared(self) -> int:
        """The one that waits, with its ground laid."""
        spare = self.spare()
        wait_until(lambda: self.net(spare) != self.net(self.template.process.pid), "a net namespace of its own")
        return spare

    def job(self, **facts: object) -> Attempt:
        return self.finished(self.attempt(_MAIN, template=self.template, **facts))

    def test_next_attempt_stands_on_ground_that_was_laid_before(self) -> None:
        first = self.job()
        spare = self.prepared()
        net = self.net(spare)
        second = self.job()

        self.assertEqual(spare, second.pid)
        self.assertEqual([net], second.lines("stdout"))
        self.assertNotEqual(first.lines("stdout"), second.lines("stdout"))

    def test_attempt_of_another_kind_gets_its_own(self) -> None:
        self.job()
        spare = self.prepared()
        other = self.job(network=True)

        self.assertNotEqual(spare, other.pid)
        self.assertEqual([self.net(self.template.process.pid)], other.lines("stdout"))
        wait_until(lambda: not is_running(spare), "the end of the one that nobody can use")

    def test_one_that_is_killed_is_replaced_by_one_whose_attempt_lays_its_own(self) -> None:
        self.job()
        killed = self.prepared()
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: not is_running(killed), "its end")
        spare = self.spare()
        job = self.job()

        self.assertEqual(spare, job.pid)
        self.assertNotEqual([self.net(self.template.process.pid)], job.lines("stdout"))
        self.prepared()

    def test_ground_that_cannot_be_laid_is_told_to_the_attempt(self) -> None:
        obstacle = self.template.folder / "obstacle"
        self.job()
        self.prepared()
        obstacle.touch()
        self.job()  # on what was laid before
        # The one that waits now fails, perhaps only while the next attempt is ordered.
        refused = self.attempt(_MAIN, template=self.template).run()
        self.assertEqual(("failed", "env_setup", "no ground here"), (refused["outcome"], refused["reason"], refused["message"]))
        obstacle.unlink()
        self.job()
        self.prepared()


@unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
class OrdinaryGroundTests(GroundTests):
    """A user without rights makes all of its namespaces before."""

    user = ORDINARY


if __name__ == "__main__":
    unittest.main()
