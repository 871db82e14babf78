"""mete run --stats: the summary on stderr, and that it changes nothing else."""

import os
import re
import signal
import subprocess
import time
import unittest

from support import FAKE_LIBRARY, PYTHON, TestCase, mete, stage, start, write_executable

FROM_KERNEL = [
    r"mete: time           \d+\.\d{3} s, \d+\.\d{3} s user, \d+\.\d{3} s system",
    r"mete: peak resident  \d+(\.\d)? \w+",
    r"mete: page faults    \d+ minor, \d+ major",
]
FROM_FAKE = [
    "mete: peak in use    5.0 MiB, 6.0 MiB mapped at most",
    "mete: at the end     1.0 MiB in use, 2.0 MiB active, 3.0 MiB mapped, 4.0 MiB retained",
    "mete: given back     7.0 MiB in 8 calls",
    "mete: threads        9, 10 at a time, 11 heaps",
    "mete: large blocks   12, 17 grown by remapping",
    "mete: slabs          13 opened, 16 drains",
    "mete: ranges         14",
    "mete: remote frees   15 batches",
]
DID_NOT_EXIT = "mete: the program did not end by exit: the heap's numbers are the last it told"
NO_REPORT = "mete: libmete.so did not report: the program ended, or became another one, before it could"


class KnownNumbers(TestCase):
    """With a library whose numbers are known."""

    def setUp(self):
        super().setUp()
        self.program = stage(self.path("usr"), FAKE_LIBRARY)

    def assert_summary(self, result, expected, before=0):
        lines = result.stderr.decode().splitlines()[before:]
        for line, pattern in zip(lines, FROM_KERNEL):
            self.assertRegex(line, rf"\A{pattern}\Z")
        self.assertEqual(lines[len(FROM_KERNEL):], expected)

    def test_summary(self):
        result = mete("run", "--stats", "true", program=self.program)
        self.assertEqual((result.returncode, result.stdout), (0, b""))
        self.assert_summary(result, FROM_FAKE)

    def test_none_unless_asked(self):
        result = mete("run", "true", program=self.program)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))

    def test_a_killed_program_leaves_its_last_numbers(self):
        result = mete("run", "--stats", "sh", "-c", "kill -9 $$", program=self.program)
        self.assertEqual(result.returncode, -signal.SIGKILL)
        self.assert_summary(result, FROM_FAKE + [DID_NOT_EXIT])

    def test_no_report(self):
        result = mete("run", "--stats", "true", program=self.program, env={"FAKE_SILENT": "1"})
        self.assertEqual(result.returncode, 0)
        self.assert_summary(result, [NO_REPORT])

    def test_a_program_without_the_library_in_its_place(self):
        result = mete("run", "--stats", "env", "-u", "LD_PRELOAD", "true", program=self.program)
        self.assert_summary(result, FROM_FAKE + [DID_NOT_EXIT])

    def test_what_the_program_becomes_reports(self):
        self.assert_summary(mete("run", "--stats", "sh", "-c", "exec env true", program=self.program), FROM_FAKE)
        script = write_executable(self.path("script"), f"#!/usr/bin/env {PYTHON}\nraise SystemExit(4)\n")
        result = mete("run", "--stats", script, program=self.program)
        self.assertEqual(result.returncode, 4)
        self.assert_summary(result, FROM_FAKE)

    def test_children_do_not_report(self):
        """They would have made the state final."""
        result = mete("run", "--stats", "sh", "-c", "true; (true); ls >/dev/null; kill -9 $$", program=self.program)
        self.assert_summary(result, FROM_FAKE + [DID_NOT_EXIT])

    def test_the_innermost_of_nested_runs_has_its_own(self):
        result = mete("run", "--stats", self.program, "run", "--stats", "true", program=self.program)
        lines = result.stderr.decode().splitlines()
        self.assertEqual(len(lines), 2 * (len(FROM_KERNEL) + len(FROM_FAKE)) + 1)

    def test_a_program_that_closes_everything(self):
        code = "import os; os.closerange(0, 1000); os._exit(5)"
        result = mete("run", "--stats", PYTHON, "-c", code, program=self.program)
        self.assertEqual(result.returncode, 5)
        self.assert_summary(result, FROM_FAKE + [DID_NOT_EXIT])

    def test_a_closed_stderr_changes_nothing(self):
        reading, writing = os.pipe()
        os.close(reading)
        process = start("run", "--stats", "sh", "-c", "exit 6", program=self.program, stderr=writing)
        os.close(writing)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 6)
        result = subprocess.run(["sh", "-c", '"$0" run --stats sh -c "exit 7" 2>&-', self.program], timeout=60)
        self.assertEqual(result.returncode, 7)

    def test_nothing_is_left_behind(self):
        folders = {name: self.path(name) for name in ("XDG_RUNTIME_DIR", "TMPDIR")}
        for folder in folders.values():
            os.mkdir(folder, 0o700)
        before = os.listdir("/dev/shm")
        mete("run", "--stats", "sh", "-c", "kill -9 $PPID", program=self.program, env=folders)
        self.assertEqual([os.listdir(folder) for folder in folders.values()], [[], []])
        self.assertEqual(os.listdir("/dev/shm"), before)

    def test_closed_streams_stay_closed(self):
        script = '"$0" run --stats sh -c "exec 3>$1; ls /proc/self/fd >&3; exit 7" <&- >&- 2>&-'
        listing = self.path("listing")
        result = subprocess.run(["sh", "-c", script.replace("$1", listing), self.program], timeout=60)
        self.assertEqual(result.returncode, 7)
        with open(listing, encoding="ascii") as file:
            self.assertEqual(file.read().split(), ["0", "1", "3"])  # ls itself opened 0, the folder


class Pipes(TestCase):
    """mete --stats keeps no end of the program's pipes open."""

    def test_stdout_ends_when_the_program_closes_it(self):
        process = start("run", "--stats", "sh", "-c", "echo out; exec >&-; exec sleep 60")
        self.assertEqual(process.stdout.read(), b"out\n")
        self.assertIsNone(process.poll())
        process.terminate()
        self.assertEqual(process.wait(60), -signal.SIGTERM)
        process.communicate()

    def test_stdin_breaks_when_the_program_closes_it(self):
        process = start("run", "--stats", "sh", "-c", "exec <&-; echo closed; exec sleep 60", bufsize=0)
        self.assertEqual(process.stdout.readline(), b"closed\n")
        with self.assertRaises(BrokenPipeError):
            for _ in range(1000):  # mete may let go a moment after the program
                process.stdin.write(b"x")
                time.sleep(0.01)
        process.terminate()
        process.wait(60)
        process.communicate()

    def test_other_descriptors(self):
        reading, writing = os.pipe()
        process = start("run", "--stats", "sh", "-c", f"exec {writing}>&-; echo closed; exec sleep 60",
                        pass_fds=[writing])
        os.close(writing)
        self.assertEqual(process.stdout.readline(), b"closed\n")
        self.assertEqual(os.read(reading, 1), b"")
        os.close(reading)
        process.terminate()
        process.wait(60)
        process.communicate()


class Measured(TestCase):
    """What the kernel counts is the program's."""

    def summary(self, code):
        result = mete("run", "--stats", PYTHON, "-c", code)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr.decode()

    def test_time(self):
        text = self.summary("import time; time.sleep(0.3)\nend = time.process_time() + 0.3\n"
                            "while time.process_time() < end: pass")
        wall, user, system = map(float, re.search(r"time +(\S+) s, (\S+) s user, (\S+) s system", text).groups())
        self.assertGreaterEqual(wall, 0.6)
        self.assertGreaterEqual(user + system, 0.3)
        self.assertLess(user + system, wall + 0.1)

    def test_peak_resident(self):
        text = self.summary("b = b'x' * (200 << 20)")
        size = float(re.search(r"peak resident +(\S+) MiB", text)[1])
        self.assertGreaterEqual(size, 200)
        self.assertLess(size, 260)


if __name__ == "__main__":
    unittest.main()
