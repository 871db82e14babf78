"""mete run --stats with the library of this build: it fills the page, and the numbers can be true."""

import re
import signal
import unittest

from support import PYTHON, TestCase, mete


DID_NOT_EXIT = "the program did not end by exit"


class Report(TestCase):
    def numbers(self, code, *program, status=0):
        result = mete("run", "--stats", *(program or [PYTHON, "-c"]), code)
        text = result.stderr.decode()
        self.assertEqual(result.returncode, status, text)
        self.assertEqual(DID_NOT_EXIT in text, bool(status), text)
        self.assertNotIn("did not report", text)
        units = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
        found = {}
        for line in text.splitlines():
            if DID_NOT_EXIT in line:
                continue
            label, values = re.match(r"mete: (.{14}) (.*)", line).groups()
            found[label.strip()] = [float(number) * units.get(unit, 1)
                                    for number, unit in re.findall(r"([\d.]+) ?([KMG]?i?B?)", values)]
        return found

    def test_blocks(self):
        found = self.numbers("a = [b'x' * 1000000 for _ in range(100)]; del a")
        peak, mapped = found["peak in use"]
        self.assertGreaterEqual(peak, 90e6)
        self.assertLess(peak, 200e6)
        self.assertGreaterEqual(mapped, peak)
        in_use, active, at_end, _ = found["at the end"]
        self.assertLess(in_use, 60e6)
        self.assertLessEqual(in_use, active)
        self.assertLessEqual(active, at_end)
        self.assertGreaterEqual(found["large blocks"][0], 100)
        self.assertGreaterEqual(found["slabs"][0], 1)
        self.assertGreaterEqual(found["ranges"][0], 1)

    def test_threads(self):
        found = self.numbers("import threading\nready = threading.Barrier(8)\n"
                             "t = [threading.Thread(target=ready.wait) for _ in range(7)]\n"
                             "[x.start() for x in t]; ready.wait(); [x.join() for x in t]")
        started, peak, heaps = found["threads"]
        self.assertEqual((started, peak), (8, 8))
        self.assertLessEqual(heaps, 8)

    def test_a_killed_program_leaves_its_last_numbers(self):
        code = ("import os, time\nend = time.monotonic() + 1\n"
                "while time.monotonic() < end: a = [b'x' * 50000 for _ in range(400)]; del a\n"
                "os.kill(os.getpid(), 9)")
        self.assertGreaterEqual(self.numbers(code, status=-signal.SIGKILL)["peak in use"][0], 400 * 50000)

    def test_a_short_program_that_ends_by_underscore_exit(self):
        """Nothing is lost but what the last slow paths took: of 100 blocks, four."""
        for make in ("b'x' * 1000000", "bytes(1000000)"):  # malloc, calloc
            found = self.numbers(f"import os; a = [{make} for _ in range(100)]; os._exit(3)", status=3)
            self.assertGreaterEqual(found["peak in use"][0], 90e6)
            self.assertGreaterEqual(found["at the end"][0], 90e6)
            self.assertGreaterEqual(found["large blocks"][0], 90)

    def test_the_shortest_programs(self):
        """dash ends by _exit and allocates next to nothing."""
        for code, status in (("exit 3", 3), ("kill -9 $$", -signal.SIGKILL)):
            found = self.numbers(code, "dash", "-c", status=status)
            self.assertEqual(found["threads"], [1, 1, 1])
            self.assertGreaterEqual(found["slabs"][0], 1)
            self.assertGreater(found["peak in use"][0], 0)

    def test_the_program_that_another_became_starts_from_zero(self):
        code = "import os; a = [b'x' * 1000000 for _ in range(100)]; os.execvp('true', ['true'])"
        self.assertLess(self.numbers(code)["peak in use"][1], 90e6)


if __name__ == "__main__":
    unittest.main()
