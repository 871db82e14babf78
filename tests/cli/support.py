"""What the tests of the command-line program share: where things are, and how to start mete."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

METE = os.environ["METE_CLI"]
LIBRARY = os.path.realpath(os.environ["METE_LIBRARY"])
FAKE_LIBRARY = os.environ["METE_FAKE_LIBRARY"]
STATIC_PROGRAM = os.environ["METE_STATIC_PROGRAM"]
OWN_MALLOC = os.environ["METE_OWN_MALLOC"]
PYTHON = os.path.realpath(sys.executable)

# Every test starts from an environment without options of mete and without preloaded libraries.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("METE_") and name != "LD_PRELOAD"
}


def start(*words, program=METE, env=None, **keywords):
    """A process of mete with pipes for its three streams."""
    for stream in ("stdin", "stdout", "stderr"):
        keywords.setdefault(stream, subprocess.PIPE)
    return subprocess.Popen([program, *words], env={**ENVIRONMENT, **(env or {})}, **keywords)


def mete(*words, input=b"", **keywords):
    """Runs mete to its end; returns a CompletedProcess with bytes."""
    with start(*words, **keywords) as process:
        out, err = process.communicate(input, timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def plain(*words, input=b"", env=None, **keywords):
    """The same program without mete."""
    return subprocess.run(words, input=input, capture_output=True, timeout=60,
                          env={**ENVIRONMENT, **(env or {})}, **keywords)


def write_executable(path, text, mode=0o755):
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)
    return path


def stage(root, library=LIBRARY):
    """Copies mete, and `library` as libmete.so, as they would be installed below `root`; returns mete's path."""
    os.makedirs(os.path.join(root, "bin"))
    if library is not None:
        os.makedirs(os.path.join(root, "lib"))
        shutil.copy(library, os.path.join(root, "lib", "libmete.so"))
    return shutil.copy(METE, os.path.join(root, "bin", "mete"))


class TestCase(unittest.TestCase):
    """A test with a folder of its own that any user may enter."""

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="mete-cli-"))
        os.chmod(self.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def assert_refused(self, result, status, *parts):
        """One line on stderr that starts with "mete: " and holds the parts; nothing on stdout."""
        line = result.stderr.decode()
        self.assertEqual(result.returncode, status, line)
        self.assertEqual(result.stdout, b"")
        self.assertTrue(line.startswith("mete: ") and line.count("\n") == 1 and line.endswith("\n"), line)
        for part in parts:
            self.assertIn(part, line)
