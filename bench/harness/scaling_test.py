#!/usr/bin/env python3
"""Tests bench/scaling and bench/rss: scaling_test.py BUILD_DIRECTORY.

Beside glibc's they measure an allocator whose waste is known, harness/wasteful.c, and have to find it.
"""

import csv
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ""
WASTEFUL = "wasteful=" + os.path.join(BUILD, "bench", "libwasteful.so")
HUGE = 1 << 40  # MiB that no machine has


def run(script, *words):
    return subprocess.run([os.path.join(BENCH, script), "--build", BUILD, "--rounds", "1", *words],
                          capture_output=True, text=True, check=False)


def measure(script, *words):
    """The rows of the tables that the script writes, and what it says on stderr."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.csv")
        done = run(script, "--only", "glibc,wasteful", "--allocator", WASTEFUL, "--csv", path, *words)
        assert done.returncode == 0, done.stderr
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.reader(file)), done.stderr


class Scaling(unittest.TestCase):
    def test_threads(self):
        (header, glibc, wasteful, loop), _ = measure("scaling", "threads", "--quick", "--threads", "4,2,1")
        self.assertEqual(header, ["threads: ns", "4", "2", "1", "most / least"])
        self.assertEqual([glibc[0], wasteful[0], loop[0]], ["glibc", "wasteful", "(loop)"])
        for column in (1, 2, 3):
            self.assertLess(0, float(loop[column]))
            # A thousand rounds of a loop; the least that a processor takes for one is a cycle.
            self.assertLess(float(glibc[column]) + 150, float(wasteful[column]))
            self.assertLess(float(wasteful[column]), 50000)
        for row in (glibc, wasteful):
            figures = [float(figure) for figure in row[1:4]]
            self.assertAlmostEqual(float(row[4]), max(figures) / min(figures), delta=0.03)

    def test_live(self):
        rows, said = measure("scaling", "live", "--quick", "--live", f"2,{HUGE}")
        self.assertIn(f"note: {HUGE} MiB live left out", said)
        self.assertEqual(rows[0], ["MiB live: ns", "2", "most / least"])
        self.assertLess(float(rows[1][1]) + 150, float(rows[2][1]))
        self.assertEqual(rows[4], ["MiB live: instructions", "2", "most / least"])
        if os.uname().machine == "x86_64":
            # The loop, and what a larger block costs more.
            self.assertTrue(2000 <= float(rows[6][1]) - float(rows[5][1]) < 2300, rows)
        else:
            self.assertEqual([rows[5][1], rows[6][1]], ["-", "-"])

    def test_resident(self):
        (header, glibc, wasteful, live), _ = measure("rss")
        glibc, wasteful, live = (dict(zip(header, row)) for row in (glibc, wasteful, live))
        # Twice what is live, and 64 KiB of each thread.
        shift = "shift: added / live"
        self.assertTrue(1 <= float(glibc[shift]) < 1.7 < 1.9 < float(wasteful[shift]), (glibc, wasteful))
        self.assertAlmostEqual(float(glibc[shift]), int(glibc["shift"]) / int(live["shift"]), delta=0.01)
        for column in ("KiB per idle thread", "1 s later"):
            self.assertTrue(64 <= float(wasteful[column]) < 200, wasteful)
            self.assertTrue(1 < float(glibc[column]) < float(wasteful[column]) - 50, (glibc, wasteful))

    def test_a_mistake_is_one_clear_line(self):
        mistakes = {
            "is neither threads nor live": ["--only", "glibc", "everything"],
            "'1,x' is not a list of numbers": ["--only", "glibc", "--threads", "1,x"],
            "'0' is not a list of numbers": ["--only", "glibc", "--live", "0"],
            "expected a number of at least 1": ["--only", "glibc", "--rounds", "0"],
            "no allocator 'nothing'": ["--only", "nothing"],
        }
        for message, words in mistakes.items():
            with self.subTest(message):
                done = run("scaling", "--live", "1", *words)
                lines = done.stderr.splitlines()
                self.assertEqual((done.returncode, len(lines)), (2, 1), done.stderr)
                self.assertIn(message, lines[0])


if __name__ == "__main__":
    unittest.main()
