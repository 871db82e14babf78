"""Signals under mete run --stats: what the program sees, and how the shell sees the two as one job."""

import os
import pty
import signal
import time
import unittest

from support import ENVIRONMENT, METE, PYTHON, TestCase, start

# Says "ready", then one line for each signal it gets; ends at the signal numbered 15. A signal may come while it
# writes, which print() does not survive, or before it waits, so it waits in short pieces.
COUNTER = """
import os, signal, sys, time
def say(word): os.write(1, b"%s\\n" % str(word).encode())
def got(number, frame):
    say(number)
    if number == signal.SIGTERM: sys.exit(9)
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2,
               signal.SIGALRM, signal.SIGWINCH, signal.SIGCONT, signal.SIGRTMIN + 1):
    signal.signal(number, got)
say("ready")
while True: time.sleep(0.01)
"""


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def child_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return int(file.read().split()[0])


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited 30 s in vain")
        time.sleep(0.01)


class Sent(TestCase):
    """Signals that another process sends to mete alone."""

    def counter(self, **keywords):
        process = start("run", "--stats", PYTHON, "-c", COUNTER, bufsize=0, **keywords)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def test_each_is_passed_on_once(self):
        process = self.counter()
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
                       signal.SIGWINCH, signal.SIGRTMIN + 1, signal.SIGTERM):
            process.send_signal(number)
            self.assertEqual(int(process.stdout.readline()), number)
        self.assertEqual(process.wait(60), 9)
        self.assertEqual(process.stdout.read(), b"")
        self.assertIn(b"mete: time", process.stderr.read())

    def test_a_program_that_dies_of_it(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1):
            process = start("run", "--stats", "sh", "-c", "echo ready; exec sleep 60", bufsize=0)
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(number)
            _, summary = process.communicate(timeout=60)
            self.assertEqual(process.returncode, -number)
            self.assertIn(b"mete: time", summary)

    def test_kill_takes_the_program_along(self):
        process = self.counter()
        child = child_of(process.pid)
        process.kill()
        self.assertEqual(process.wait(60), -signal.SIGKILL)
        self.assertEqual(process.stdout.read(), b"")  # the last holder of the pipe is gone
        wait_until(lambda: not os.path.exists(f"/proc/{child}") or state_of(child) == "Z")

    def test_a_program_that_signals_its_own_group(self):
        code = COUNTER.replace('say("ready")', 'os.killpg(0, signal.SIGUSR1); time.sleep(0.2); say("ready")')
        process = start("run", "--stats", PYTHON, "-c", code, bufsize=0, start_new_session=True)
        self.assertEqual(process.stdout.readline(), b"10\n")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.terminate()
        out, _ = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (9, b"15\n"))

    def test_an_alarm_set_before(self):
        process = start("run", "--stats", "sleep", "60", preexec_fn=lambda: signal.setitimer(signal.ITIMER_REAL, 0.3))
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGALRM)

    def test_an_ignored_signal_stays_ignored(self):
        process = start("run", "--stats", "sh", "-c", "echo ready; exec sleep 0.5", bufsize=0,
                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_no_core_of_mete(self):
        import resource
        limit = resource.getrlimit(resource.RLIMIT_CORE)[1]
        process = start("run", "--stats", "sh", "-c", "kill -ABRT $$", cwd=self.folder,
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (limit, limit)))
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGABRT)
        self.assertLessEqual(len([name for name in os.listdir(self.folder) if "core" in name]), 1)

    def test_stop_and_continue(self):
        """A program that stops itself stops mete too; waking mete wakes it."""
        process = start("run", "--stats", "sh", "-c", "kill -STOP $$; exit 3")
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status))
        child = child_of(process.pid)
        self.assertEqual(state_of(child), "T")
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3)


class Terminal(TestCase):
    """mete as the foreground job of a shell on a terminal."""

    def job(self, *command):
        """Starts a session whose leader plays the shell; returns the terminal and a pipe of what the leader sees."""
        seen, say = os.pipe()
        leader, terminal = pty.fork()
        if leader == 0:
            try:
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                job = os.fork()
                if job == 0:
                    os.setpgid(0, 0)
                    os.tcsetpgrp(0, os.getpid())
                    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
                    os.execve(METE, [METE, "run", "--stats", "--", *command], ENVIRONMENT)
                while True:
                    _, status = os.waitpid(job, os.WUNTRACED)
                    if os.WIFSTOPPED(status):
                        os.write(say, b"stopped\n")
                        time.sleep(0.1)
                        os.killpg(job, signal.SIGCONT)
                        continue
                    os.write(say, b"%d\n" % os.waitstatus_to_exitcode(status))
                    break
            finally:
                os._exit(0)
        os.close(say)
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.waitpid, leader, 0)
        shell = os.fdopen(seen, "rb", buffering=0)
        self.addCleanup(shell.close)
        return terminal, shell

    def read_until(self, terminal, part):
        text = b""
        while part not in text:
            text += os.read(terminal, 1000)
        return text

    def test_interrupt_reaches_the_program_once(self):
        terminal, shell = self.job(PYTHON, "-c", COUNTER)
        self.read_until(terminal, b"ready\r\n")
        os.write(terminal, b"\x03")
        self.read_until(terminal, b"2\r\n")
        os.write(terminal, b"\x1c")
        text = self.read_until(terminal, b"3\r\n")
        self.assertNotIn(b"2\r\n", text)
        time.sleep(0.2)
        self.end_by_term(terminal)
        self.assertEqual(shell.readline(), b"9\n")

    def end_by_term(self, terminal):
        group = os.tcgetpgrp(terminal)
        os.kill(group, signal.SIGTERM)  # the leader of the group is mete
        text = self.read_until(terminal, b"mete: time")
        self.assertEqual(text.count(b"15\r\n"), 1)
        self.assertNotIn(b"2\r\n", text.replace(b"15\r\n", b"").split(b"mete:")[0])

    def test_interrupt_kills_both(self):
        terminal, shell = self.job("sh", "-c", "echo ready; exec sleep 60")
        self.read_until(terminal, b"ready\r\n")
        os.write(terminal, b"\x03")
        self.read_until(terminal, b"mete: time")
        self.assertEqual(shell.readline(), b"-2\n")

    def test_suspend_and_resume(self):
        terminal, shell = self.job("sh", "-c", "echo ready; read line; exit 8")
        self.read_until(terminal, b"ready\r\n")
        for _ in range(3):
            os.write(terminal, b"\x1a")
            self.assertEqual(shell.readline(), b"stopped\n")
            time.sleep(0.3)
        os.write(terminal, b"go\n")
        self.read_until(terminal, b"mete: time")
        self.assertEqual(shell.readline(), b"8\n")


if __name__ == "__main__":
    unittest.main()
