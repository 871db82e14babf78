#!/usr/bin/env python3
"""Runs bench/compare on tiny commands and on mistakes: self_test.py BUILD_DIRECTORY."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ""
TINY = ["--command", "writes={bin}/false_sharing blocks=10 writes=1000",
        "--command", "shell=true | true"]


# Takes five GiB of addresses without touching them: more than the floor has.
MUCH = ("python3 -c 'import ctypes; malloc = ctypes.CDLL(None).malloc; "
        "malloc.argtypes = [ctypes.c_size_t]; [malloc(1 << 30) for _ in range(5)]'")


def row(output, first):
    """The cells of the last line that begins with `first`, which is left out."""
    lines = [line.strip() for line in output.splitlines()]
    return [line[len(first):].split() for line in lines if line.startswith(first + " ")][-1]


def compare(*words):
    return subprocess.run([os.path.join(BENCH, "compare"), "--build", BUILD, *words],
                          capture_output=True, text=True, check=False)


class Compare(unittest.TestCase):
    def test_measures_every_command_under_every_allocator(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [os.path.join(folder, name) for name in ("runs.json", "runs.csv")]
            done = compare("--rounds", "1", *TINY, "--json", files[0], "--csv", files[1])
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(files[0], encoding="utf-8") as file:
                document = json.load(file)
            with open(files[1], encoding="utf-8", newline="") as file:
                self.assertEqual(len(list(csv.DictReader(file))), len(document["runs"]))
        self.assertIn("glibc", document["allocators"])
        pairs = {(run["program"], run["allocator"]) for run in document["runs"]}
        self.assertEqual(pairs, {(p, a) for p in ("writes", "shell") for a in document["allocators"]})
        for run in document["runs"]:
            self.assertGreater(run["wall_s"], 0)
            self.assertTrue(300 < run["peak_kib"] < 100000, run)
        self.assertIn("geometric mean", done.stdout)

    def test_same_seed_same_order(self):
        orders = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "runs.json")
                compare("--rounds", "2", "--no-warm-up", *TINY, "--json", path, "--seed", "7")
                with open(path, encoding="utf-8") as file:
                    orders.append([(r["program"], r["allocator"]) for r in json.load(file)["runs"]])
        self.assertEqual(orders[0], orders[1])

    def test_a_failing_command_is_named_and_not_counted(self):
        done = compare("--rounds", "1", "--only", "glibc", "--", "sh", "-c", "echo broken >&2; exit 3")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sh failed under glibc: exit status 3: broken", done.stderr)
        done = compare("--rounds", "1", "--only", "glibc", "--", "sh", "-c", "kill -9 $$")
        self.assertIn("SIGKILL", done.stderr)

    def test_a_hanging_command_is_ended(self):
        done = compare("--rounds", "1", "--only", "glibc", "--timeout", "0.2", "--", "sleep", "60")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not done after 0.2 s", done.stderr)

    def test_own_lists_of_programs_with_their_places(self):
        with tempfile.TemporaryDirectory() as folder:
            lists = [os.path.join(folder, name) for name in ("first.ini", "second.ini")]
            for path, text in zip(lists, ("[mine]\none = {here}/script\ntwo = true\n",
                                          "# more\n[mine]\nthree = {bin}/batch rounds=1\n")):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            script = os.path.join(folder, "script")
            with open(script, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n")
            os.chmod(script, 0o755)
            words = ("--rounds", "1", "--only", "glibc", "--programs")
            done = compare(*words, lists[0])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([row(done.stdout, name) for name in ("one", "two")], [["1.000"]] * 2)
            self.assertNotIn("three", done.stdout)
            done = compare(*words, lists[0], "--programs", lists[1], "t*")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([row(done.stdout, name) for name in ("two", "three")], [["1.000"]] * 2)
            self.assertNotIn("one", done.stdout)
            done = compare(*words, lists[0], "--programs", lists[0])
            self.assertEqual(done.returncode, 2)
            self.assertIn("'one' is there twice", done.stderr)
            with open(lists[0], "w", encoding="utf-8") as file:
                file.write("[empty]\n")
            self.assertIn("no program in it", compare(*words, lists[0]).stderr)

    def test_programs_that_check_their_blocks_run_on_the_floor(self):
        checked = {"aligned": "replacements=20000", "growth": "steps=5000",
                   "zeroed": "replacements=4000", "cross_free": "exchanges=20000",
                   "thread_churn": "rounds=20", "batch": "rounds=50"}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "runs.json")
            done = compare("--rounds", "1", "--no-warm-up", "--only", "glibc", "--floor", "--json", path,
                           *(word for name, size in checked.items()
                             for word in ("--command", f"{name}={{bin}}/{name} {size}")))
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(path, encoding="utf-8") as file:
                runs = json.load(file)["runs"]
        self.assertEqual([run for run in runs if run["failure"]], [])
        peaks = {run["allocator"]: run["peak_kib"] for run in runs if run["program"] == "batch"}
        # 50 times 10000 blocks of 64 bytes stay; freed, there would be one of these batches.
        self.assertGreater(peaks["floor"], 30000)
        self.assertLess(peaks["glibc"], 10000)

    def test_the_floor_is_in_no_comparison(self):
        done = compare("--rounds", "1", "--no-warm-up", "--only", "glibc", "--floor",
                       "--command", "little={bin}/batch rounds=1", "--command", "much=" + MUCH)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        tables = done.stdout.split("\n\n")
        self.assertEqual(row(tables[1], "floor"), ["-"])
        time = next(table for table in tables if table.startswith("time / glibc"))
        little = row(time, "little")
        self.assertEqual(row(time, "much"), ["1.000", "-"])
        self.assertEqual(row(time, "geometric mean, command"), little + ["(of", "1)"])
        self.assertEqual(row(time, "geometric mean, those with a floor"), little)
        self.assertEqual(row(time, "best on"), ["2", "-"])
        for quantity in ("peak resident memory", "page faults"):
            table = next(table for table in tables if table.startswith(quantity))
            self.assertNotIn("floor", table)
        self.assertNotIn("floor", compare("--rounds", "1", "--only", "glibc", *TINY).stdout)

    def test_what_fails_on_the_floor_for_another_reason_failed(self):
        done = compare("--rounds", "1", "--only", "glibc", "--floor", "--command",
                       "loader=sh -c 'case $LD_PRELOAD in *libfloor.so) exit 3;; esac'")
        self.assertEqual(done.returncode, 1)
        self.assertIn("loader failed under floor: exit status 3", done.stderr)
        self.assertEqual(row(done.stdout.split("\n\n")[0], "floor"), ["failed"])

    def test_latency_prints_every_operation(self):
        done = compare("--latency", "--rounds", "1", "--only", "glibc", "--", "steps=20000")
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in ("malloc", "calloc", "realloc", "free", "p99.9 ns", "requests per second"):
            self.assertIn(word, done.stdout)

    def test_a_mistake_is_one_clear_line(self):
        mistakes = {
            "no allocator 'nothing'": ["--only", "nothing"],
            "is not an allocator": ["--allocator", "nothing"],
            "no file": ["--allocator", "x=/nowhere/lib.so"],
            "cannot be preloaded": ["--allocator", "x=" + os.path.abspath(__file__)],
            "cannot read the list of allocators": ["--allocators", "/nowhere"],
            "cannot read the list of programs": ["--programs", "/nowhere"],
            "--programs and a command exclude": ["--programs", "/nowhere", "--", "true"],
            "that one is bench/floor.cpp": ["--allocator", "floor=" + os.path.abspath(__file__)],
            "no allocator 'floor'; there are glibc": ["--only", "glibc", "--floor",
                                                      "--baseline", "floor"],
            "--floor and --latency exclude": ["--only", "glibc", "--floor", "--latency"],
            "no program or group matches": ["--only", "glibc", "zzz"],
            "is not NAME=COMMAND": ["--command", "nothing"],
            "no command after --": ["--"],
            "exclude each other": ["real", "--", "true"],
            "no program is left": ["--", "program-that-is-not-there"],
        }
        for message, words in mistakes.items():
            with self.subTest(message):
                done = compare(*words)
                lines = [l for l in done.stderr.splitlines() if not l.startswith("note: ")]
                self.assertEqual((done.returncode, len(lines)), (2, 1), done.stderr)
                self.assertIn(message, lines[0])


if __name__ == "__main__":
    unittest.main()
