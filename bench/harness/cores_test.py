#!/usr/bin/env python3
"""Which runs are made again because cores were far apart: on a program and a launcher with a script."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from harness import cores
from harness.errors import Refused
from harness.launcher import Cost

NEAR, FAR = 100, 500


class Script:
    """A launcher whose runs cost what the script says, and a program that prints distances: first
    NEAR for the looks at the start, then those of the script, then NEAR for ever."""

    def __init__(self, folder, distances, costs):
        self.runs = 0
        self._costs = costs
        self._list = os.path.join(folder, "distances")
        with open(self._list, "w", encoding="ascii") as file:
            file.write("".join(f"{d}\n" for d in [NEAR] * cores._FIRST_LOOKS + distances))
        self.program = os.path.join(folder, "distance")
        with open(self.program, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nhead -n 1 {self._list} | grep . || echo {NEAR}\n"
                       f"sed -i 1d {self._list}\n")
        os.chmod(self.program, 0o755)

    def run(self, _vector, _allocator, _capture):
        self.runs += 1
        return self._costs[min(self.runs, len(self._costs)) - 1]


def cost(cpus, failure=""):
    return Cost(1.0, cpus, 0.0, 1000, 10, 0.0, failure, b"")


class CoresTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.set("_PAUSE", 0.0)

    def set(self, name, value):
        self.addCleanup(setattr, cores, name, getattr(cores, name))
        setattr(cores, name, value)

    def measure(self, distances, costs):
        script = Script(self.folder, distances, costs)
        self.cores = cores.Cores(script.program)
        return script, self.cores.run(script, ["x"], None)

    def test_a_run_with_near_cores_counts(self):
        script, result = self.measure([NEAR, NEAR + 50], [cost(2.0)])
        self.assertEqual((script.runs, result.distance), (1, NEAR + 50))
        self.assertFalse(self.cores.suffered(result))

    def test_far_before_or_after_is_run_again(self):
        for distances in ([FAR, NEAR], [NEAR, FAR]):
            script, result = self.measure(distances, [cost(2.0), cost(1.5)])
            self.assertEqual((script.runs, result.user, result.distance), (2, 1.5, NEAR))

    def test_a_program_that_used_several_waits_for_near_cores(self):
        script, _ = self.measure([NEAR, NEAR, FAR, FAR, NEAR], [cost(2.0), cost(1.5)])
        result = self.cores.run(script, ["x"], None)
        self.assertEqual((script.runs, result.user, result.distance), (2, 1.5, NEAR))

    def test_a_program_with_one_core_at_work_does_not_suffer(self):
        script, result = self.measure([FAR, FAR], [cost(1.0)])
        self.assertEqual((script.runs, result.distance), (1, FAR))
        self.assertFalse(self.cores.suffered(result))

    def test_a_failure_is_not_run_again(self):
        script, result = self.measure([FAR, FAR], [cost(2.0, "broken")])
        self.assertEqual((script.runs, result.failure), (1, "broken"))

    def test_the_last_of_many_counts_and_is_known_to_suffer(self):
        self.set("_LONGEST_WAIT", 0)
        script, result = self.measure([FAR] * 100, [cost(2.0)])
        self.assertEqual(script.runs, cores._MOST_RUNS)
        self.assertTrue(self.cores.suffered(result))

    def test_one_core_is_never_far(self):
        script, result = self.measure([0, 0], [cost(2.0)])
        self.assertEqual(script.runs, 1)
        self.assertFalse(self.cores.suffered(result))

    def test_a_program_that_prints_nothing_is_refused(self):
        with self.assertRaises(Refused):
            cores.Cores("/bin/true")


if __name__ == "__main__":
    unittest.main()
