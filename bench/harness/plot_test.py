#!/usr/bin/env python3
"""Draws small files with bench/plot, and mistakes: plot_test.py."""

import json
import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(program, allocator, wall, peak, failure=""):
    return {"program": program, "allocator": allocator, "wall_s": wall, "peak_kib": peak, "failure": failure}


RUNS = [run("first", "glibc", 1.0, 1000), run("first", "glibc", 9.0, 9000), run("first", "glibc", 2.0, 2000),
        run("first", "mete", 1.0, 4000), run("second", "glibc", 1.0, 1000), run("second", "mete", 2.0, 1000),
        run("third", "glibc", 1.0, 1000), run("third", "mete", 1.0, 1000, "exit status 1")]
DOCUMENT = {"baseline": "glibc", "allocators": {"glibc": {}, "mete": {}},
            "programs": {"first": {}, "second": {}, "third": {}}, "runs": RUNS}


class Plot(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.prefix = os.path.join(self.folder.name, "small")

    def plot(self, content):
        path = self.prefix + ".json"
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return subprocess.run([os.path.join(BENCH, "plot"), path, self.prefix], capture_output=True, text=True,
                              check=False)

    def drawing(self, figure):
        with open(f"{self.prefix}-{figure}.svg", encoding="utf-8") as file:
            text = file.read()
        xml.etree.ElementTree.fromstring(text)
        return text

    def test_draws_both_figures_with_every_name_but_of_what_failed(self):
        done = self.plot(DOCUMENT)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.split(), [f"{self.prefix}-{figure}.svg" for figure in ("time", "memory")])
        for figure in ("time", "memory"):
            for name in ("first", "second", "geometric mean", "glibc", "mete"):
                self.assertIn(name, self.drawing(figure))
            self.assertNotIn("third", self.drawing(figure))

    def points(self, figure, colour):
        """The x of the points of one colour, by rows."""
        marks = re.findall(r"<use xlink:href='#gpPt\d+' transform='translate\(([\d.]+),([\d.]+)\)[^']*' color='([^']*)'",
                           self.drawing(figure))
        found = [(float(y), float(x)) for x, y, of in marks if of.replace(" ", "") == colour]
        return [x for _, x in sorted(found)][:-1]  # the last is in the key

    def test_a_point_is_where_the_ratio_of_the_medians_is(self):
        self.plot(DOCUMENT)
        half, double, mean = self.points("time", "rgb(213,94,0)")
        ones = self.points("time", "rgb(0,0,0)")
        self.assertEqual(len(set(ones)), 1, ones)
        self.assertAlmostEqual(ones[0] - half, double - ones[0], delta=0.2)  # 1/2 and 2, on a scale of logarithms
        self.assertGreater(double, half)
        self.assertAlmostEqual(mean, ones[0], delta=0.2)

    def test_the_floor_is_not_drawn_nor_does_it_take_programs_away(self):
        floor = [run("first", "floor", 9.0, 9000),
                 run("second", "floor", 0.1, 100, "floor: more than 4 GiB are needed when nothing is freed")]
        self.plot(dict(DOCUMENT, allocators={"glibc": {}, "mete": {}, "floor": {}}, runs=RUNS + floor))
        for figure in ("time", "memory"):
            self.assertIn("second", self.drawing(figure))
            self.assertNotIn("floor", self.drawing(figure))

    def test_says_in_a_line_what_is_wrong(self):
        for content, text in (("", "Expecting value"), ("{}", "is not what bench/compare --json writes"),
                              (dict(DOCUMENT, baseline="none"), "no program ran on glibc and on none")):
            done = self.plot(content)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, r"\Aplot: [^\n]*" + re.escape(text) + r"[^\n]*\n\Z")


if __name__ == "__main__":
    unittest.main()
