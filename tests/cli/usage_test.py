"""The command line itself: help, version, the table of options, and what is not understood."""

import os
import re
import unittest

from support import TestCase, mete

HEADER = os.path.join(os.path.dirname(__file__), "../../include/mete/options.hpp")


class Usage(TestCase):
    def test_version(self):
        result = mete("--version")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        self.assertRegex(result.stdout.decode(), r"\Amete \d+\.\d+\.\d+\n\Z")

    def test_help(self):
        for words in (["--help"], ["-h"]):
            result = mete(*words)
            self.assertEqual((result.returncode, result.stderr), (0, b""))
            for part in (b"run", b"options", b"126", b"127"):
                self.assertIn(part, result.stdout)

    def test_help_of_run(self):
        result = mete("run", "--help")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        for part in (b"[--] PROGRAM [ARGS...]", b"--stats", b"--huge-pages", b"--limit"):
            self.assertIn(part, result.stdout)

    def test_bad_command_lines(self):
        for words in ([], ["frob"], ["--frob"], ["run"], ["run", "--"], ["run", "--stats"],
                      ["run", "--frob", "true"], ["run", "-x", "true"], ["options", "more"],
                      ["run", "--limit"], ["run", "--limit", "12", "true"],
                      ["run", "--limit", "much", "true"], ["run", "--limit=-1M", "true"],
                      ["run", "--limit=999999999T", "true"], ["--frob", "run", "true"]):
            with self.subTest(words=words):
                result = mete(*words)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stdout, b"")
                lines = result.stderr.decode().splitlines()
                self.assertTrue(lines[0].startswith("mete: "), lines)
                self.assertTrue(lines[1].startswith("usage: mete "), lines)
                self.assertTrue(lines[2].startswith("Try: mete "), lines)

    def test_a_full_disk_is_told(self):
        with open("/dev/full", "wb") as full:
            result = mete("options", stdout=full)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, b"mete: cannot write to stdout\n")


class Options(TestCase):
    def test_the_table_is_the_header(self):
        with open(HEADER, encoding="utf-8") as file:
            rows = re.findall(r'\{"(METE_\w+)",\s*(-?\d+),\s*(-?\d+),\s*(-?\d+),\s*"([^"]*)",\s*"([^"]*)"\}',
                              file.read())
        self.assertGreaterEqual(len(rows), 7)
        result = mete("options")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        lines = result.stdout.decode().splitlines()
        self.assertEqual(lines[0].split(), ["OPTION", "DEFAULT", "MIN", "MAX", "UNIT", "MEANING"])
        self.assertEqual(len(lines), len(rows) + 1)
        for line, (name, default, low, high, unit, text) in zip(lines[1:], rows):
            self.assertEqual(line.split(), [name, default, low, high, *unit.split(), *text.split()])

    def test_columns_are_aligned(self):
        lines = mete("options").stdout.decode().splitlines()
        column = lines[0].index("MEANING")
        for line in lines:
            self.assertEqual(line[column - 2:column], "  ")
            self.assertNotEqual(line[column], " ")
            self.assertEqual(line, line.rstrip())


if __name__ == "__main__":
    unittest.main()
