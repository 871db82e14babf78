"""Runs under equal conditions where cores move: those of a virtual machine share a cache in one second
and none in the next, and programs whose threads exchange memory take up to four times as long then.
"""

import dataclasses
import subprocess
import time

from harness.errors import Refused

_FAR = 2  # times the nearest that was seen
_FIRST_LOOKS = 10
_PAUSE = 0.1  # seconds
_MOST_RUNS = 6  # of one measurement, the last of which counts
_LONGEST_WAIT = 5  # seconds, before one of them


def _is_parallel(cost):
    return cost.user + cost.system > 1.1 * cost.wall


class Cores:
    def __init__(self, program):
        """`program`: bench/distance.cpp."""
        self._program = program
        self._nearest = float("inf")
        self._parallel = set()  # commands that have had more than one core at work
        for _ in range(_FIRST_LOOKS):
            self._look()
            time.sleep(_PAUSE)

    def run(self, launcher, vector, allocator, capture=False):
        """As Launcher.run, again if the program suffered from cores that are far apart. One that is
        known to use several waits until they are near."""
        for left in reversed(range(_MOST_RUNS)):
            if tuple(vector) in self._parallel:
                self._wait()
            before = self._look()
            cost = launcher.run(vector, allocator, capture)
            cost = dataclasses.replace(cost, distance=max(before, self._look()))
            if _is_parallel(cost):
                self._parallel.add(tuple(vector))
            if left == 0 or cost.failure or not self.suffered(cost):
                return cost

    def suffered(self, cost):
        """Whether more than one core was at work, and they were far apart before or after."""
        return _is_parallel(cost) and self._are_far(cost.distance)

    def _are_far(self, distance):
        return distance > _FAR * self._nearest

    def _look(self):
        """Nanoseconds for a cache line to another core and back; 0 if there is one core."""
        done = subprocess.run([self._program], capture_output=True, text=True, check=False)
        try:
            distance = float(done.stdout)
        except ValueError:
            raise Refused(f"{self._program} did not print a number") from None
        self._nearest = min(self._nearest, distance)
        return distance

    def _wait(self):
        end = time.monotonic() + _LONGEST_WAIT
        while self._are_far(self._look()) and time.monotonic() < end:
            time.sleep(_PAUSE)
