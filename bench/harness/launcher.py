"""Runs one command under one allocator and says what it cost."""

import dataclasses
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile

from harness.allocators import FLOOR_ENDED
from harness.errors import Refused

_SHELL = re.compile(r"[|&;<>()$`*?\[#~\n]")


@dataclasses.dataclass(frozen=True)
class Cost:
    wall: float  # seconds
    user: float
    system: float
    peak: int  # KiB resident, of the largest process
    faults: int
    foreign: float  # CPUs that others kept busy meanwhile: the noise
    failure: str  # empty, or why the numbers do not count
    output: bytes
    distance: float = 0.0  # of the cores before or after, whichever was more (cores.py)


def argument_vector(command):
    """`command` as the vector to execute: through a shell only if it uses one."""
    if not _SHELL.search(command):
        words = shlex.split(command)
        program = shutil.which(words[0]) if words and "=" not in words[0] else None
        if program:
            return [program] + words[1:]
    return ["/bin/sh", "-c", command]


def missing_program(command):
    """The name of the program that `command` starts, if it is not there; else None."""
    words = shlex.split(command, comments=True)
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words.pop(0)
    if not words:
        raise Refused("an empty command")
    return None if shutil.which(words[0]) else words[0]


def _busy_seconds():
    """CPU seconds that the machine has spent on anything since it started."""
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [int(field) for field in stat.readline().split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK")


class Launcher:
    def __init__(self, path, timeout):
        self._path = path
        self._timeout = timeout

    def run(self, vector, allocator, capture=False):
        """Runs `vector` with `allocator` preloaded; its output is kept only if `capture`."""
        busy = _busy_seconds()
        read_end, write_end = os.pipe()
        command = [self._path, str(write_end), *allocator.environment(), "--", *vector]
        with tempfile.TemporaryFile() as errors, os.fdopen(read_end, "rb") as report:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=errors, pass_fds=(write_end,),
                stdout=subprocess.PIPE if capture else subprocess.DEVNULL, start_new_session=True)
            os.close(write_end)
            failure = ""
            try:
                output, _ = process.communicate(timeout=self._timeout)
            except BaseException as error:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                failure = f"not done after {self._timeout:g} s"
            numbers = [int(word) for word in report.readline().split()]
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
            # Whatever became of the command when one of its processes was ended.
            ended = next((line for line in lines if line.startswith(FLOOR_ENDED)), "")
            if ended or (not failure and process.returncode != 0):
                failure = ended or _describe(process.returncode, lines)
        if len(numbers) != 6:
            numbers = [0] * 6
            failure = failure or "no report"
        wall, user, system = numbers[0] / 1e9, numbers[1] / 1e6, numbers[2] / 1e6
        foreign = max(0.0, _busy_seconds() - busy - user - system) / wall if wall else 0.0
        return Cost(wall, user, system, numbers[3], numbers[4] + numbers[5], foreign, failure,
                    output or b"")


def _describe(status, lines):
    what = f"exit status {status}"
    if status > 128:
        try:
            what = signal.Signals(status - 128).name
        except ValueError:
            pass
    return f"{what}: {lines[-1]}" if lines else what
