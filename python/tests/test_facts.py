"""What a template finds out for the records of its jobs."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import unittest
from pathlib import Path

from harness import JobTest
from alidade._host import facts


class FactsTests(JobTest):
    def test_the_start_event_refers_to_the_parts_of_the_ready_line_and_says_what_shaped_the_attempt(self) -> None:
        parts = {part["kind"]: part for part in self.template.ready["parts"]}
        for part in parts.values():
            self.assertEqual(part["digest"], hashlib.sha256(part["body"].encode()).hexdigest())
        attempt = self.finished(self.attempt("def main(): pass", threads=3, seed=11, network=True))
        start = attempt.events("start")[0]
        self.assertEqual({kind: part["digest"] for kind, part in parts.items()}, {k: start[k] for k in parts})
        shape = {name: start[name] for name in ("level", "seed", "threads", "network", "data")}
        self.assertEqual({"level": "L0", "seed": 11, "threads": 3, "network": True, "data": []}, shape)
        environment = json.loads(parts["environment"]["body"])
        self.assertEqual(self.template.ready["python"], environment["python"])
        self.assertNotIn(os.path.dirname(self.template.ready["executable"]), parts["environment"]["body"])

    def test_packages_are_those_that_are_imported(self) -> None:
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            for folder, name in (
                (first, "Some_Thing.x-1.0.dist-info"),
                (second, "some_thing.x-2.0.dist-info"),
                (second, "old-3.1-py3.9.egg-info"),
                (second, "linked.egg-info"),
                (second, "not_a_package"),
            ):
                Path(folder, name).mkdir()
            Path(second, "linked.egg-info", "PKG-INFO").write_text("Metadata-Version: 1.0\nName: linked\nVersion: 4.2\n")
            found = facts.packages([first, "/nowhere", second])
        self.assertEqual({"linked": "4.2", "old": "3.1", "some-thing-x": "1.0"}, found)


if __name__ == "__main__":
    unittest.main()
