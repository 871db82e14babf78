"""mete run: the program runs on libmete.so, and nothing else about it has changed."""

import json
import os
import shutil
import signal
import unittest

from support import (FAKE_LIBRARY, LIBRARY, METE, PYTHON, TestCase, mete, plain, stage, start,
                     write_executable)

SHOW_ARGUMENTS = "import json, sys; json.dump(sys.argv[1:], sys.stdout)"
MAPS = ["cat", "/proc/self/maps"]


class Run(TestCase):
    def assert_on_mete(self, result, library=LIBRARY):
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(library.encode(), result.stdout)

    def test_the_library_is_loaded(self):
        self.assert_on_mete(mete("run", "--", *MAPS))
        self.assert_on_mete(mete("run", *MAPS))
        self.assert_on_mete(mete("run", "--stats", "--", *MAPS))

    def test_exit_codes(self):
        for stats in ([], ["--stats"]):
            for code in (0, 1, 2, 77, 126, 127, 255):
                self.assertEqual(mete("run", *stats, "--", "sh", "-c", f"exit {code}").returncode, code)

    def test_killed_by_a_signal(self):
        for stats in ([], ["--stats"]):
            for number in (signal.SIGTERM, signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT,
                           signal.SIGINT, signal.SIGPIPE, signal.SIGRTMIN + 3):
                result = mete("run", *stats, "--", "sh", "-c", f"kill -{int(number)} $$", cwd=self.folder)
                self.assertEqual(result.returncode, -number)

    def test_streams_pass_byte_for_byte(self):
        data = os.urandom(1 << 20)
        result = mete("run", "--", "cat", input=data)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, data, b""))
        result = mete("run", "--", "sh", "-c", "cat >&2", input=data)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", data))
        result = mete("run", "--stats", "--", "sh", "-c", "cat; echo words >&2", input=data)
        self.assertEqual((result.returncode, result.stdout), (0, data))
        self.assertTrue(result.stderr.startswith(b"words\nmete: "))

    def test_arguments_pass_unchanged(self):
        hard = ["", " ", "a b", "--", "-x", "--stats", "--help", "--version", "-h", "run", "options",
                "--limit", "++", "/x", "'\"\\$*", "\n", "\u00e9\udcff", "--limit=2G", "-"]
        for before in (["run"], ["run", "--"], ["run", "--stats"], ["run", "--limit", "64G"],
                       ["run", "--limit=64G", "--stats", "--"]):
            result = mete(*before, PYTHON, "-c", SHOW_ARGUMENTS, *hard)
            self.assertEqual(json.loads(result.stdout), hard, result.stderr)

    def test_the_name_stays_as_typed(self):
        os.symlink("/bin/sh", self.path("ash"))
        environment = {"PATH": self.folder + ":" + os.environ["PATH"]}
        for stats in ([], ["--stats"]):
            result = mete("run", *stats, "ash", "-c", "tr '\\0' '\\n' </proc/$$/cmdline", env=environment)
            self.assertEqual(result.stdout.split(b"\n")[0], b"ash")

    def test_names_that_look_like_options_or_commands(self):
        for name in ("-x", "--stats", "--", "run", "options"):
            write_executable(self.path(name), "#!/bin/sh\necho ran \"$@\"\n")
            result = mete("run", "--", name, "1", env={"PATH": self.folder + ":" + os.environ["PATH"]})
            self.assertEqual((result.stdout, result.stderr), (b"ran 1\n", b""), name)

    def test_path_is_searched(self):
        os.makedirs(self.path("first/tool"))            # a directory is passed over
        os.makedirs(self.path("second"))
        os.makedirs(self.path("third"))
        write_executable(self.path("second/tool"), "#!/bin/sh\necho second\n", 0o644)  # and this
        write_executable(self.path("third/tool"), "#!/bin/sh\necho third\n")
        folders = ":".join(self.path(name) for name in ("missing", "first", "second", "third"))
        result = mete("run", "tool", env={"PATH": folders})
        self.assertEqual((result.stdout, result.stderr), (b"third\n", b""))
        # An empty entry is the current directory; a name with a slash is not searched.
        result = mete("run", "tool", env={"PATH": ":/nowhere"}, cwd=self.path("third"))
        self.assertEqual(result.stdout, b"third\n")
        result = mete("run", "./tool", env={"PATH": "/nowhere"}, cwd=self.path("third"))
        self.assertEqual(result.stdout, b"third\n")

    def test_the_environment_passes(self):
        before = dict(entry.split(b"=", 1) for entry in plain("env", "-0").stdout.split(b"\0")[:-1])
        before[b"LD_PRELOAD"] = LIBRARY.encode()
        for words, more in (([], {}),
                            (["--limit", "64G"], {b"METE_LIMIT_MIB": b"65536"}),
                            (["--huge-pages"], {b"METE_HUGE_PAGES": b"1"})):
            result = mete("run", *words, "env", "-0")
            after = dict(entry.split(b"=", 1) for entry in result.stdout.split(b"\0")[:-1])
            self.assertEqual(after, {**before, **more})

    def test_an_existing_preload_stays_behind_ours(self):
        other = shutil.copy(FAKE_LIBRARY, self.path("other.so"))
        result = mete("run", "sh", "-c", "echo $LD_PRELOAD; cat /proc/self/maps", env={"LD_PRELOAD": other})
        self.assertEqual(result.stdout.split(b"\n")[0].decode(), f"{LIBRARY}:{other}")
        self.assert_on_mete(result)
        self.assert_on_mete(result, other)

    def test_mete_may_run_mete(self):
        result = mete("run", METE, "run", "sh", "-c", "echo $LD_PRELOAD")
        self.assertEqual((result.stdout.decode(), result.stderr), (LIBRARY + "\n", b""))

    def test_scripts(self):
        scripts = {
            "plain": f"#!/bin/cat {'/proc/self/maps'}\n",
            "blank": "#! \t/bin/sh -e\ncat /proc/self/maps\n",
            "env": "#!/usr/bin/env sh\ncat /proc/self/maps\n",
            "split": "#!/usr/bin/env -S A=1 sh -e\ncat /proc/self/maps\n",
            "none": "cat /proc/self/maps\n",
            "nested": "#!" + self.path("blank") + "\n",
        }
        for name, text in scripts.items():
            for stats in ([], ["--stats"]):
                with self.subTest(script=name, stats=stats):
                    self.assert_on_mete(mete("run", *stats, write_executable(self.path(name), text)))

    def test_a_script_without_interpreter_gets_its_arguments(self):
        script = write_executable(self.path("none"), 'echo "$0" "$#" "$2"\n')
        result = mete("run", script, "a", "b c")
        self.assertEqual(result.stdout.decode(), f"{script} 2 b c\n")

    def test_without_stats_the_process_is_the_program(self):
        with start("run", "sh", "-c", "echo $$") as process:
            self.assertEqual(process.communicate(timeout=60)[0].decode(), f"{process.pid}\n")

    def test_nothing_else_is_inherited(self):
        """Descriptors, signal mask and dispositions are those that mete was given."""
        def odd_signals():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})

        look = ["sh", "-c", "ls /proc/self/fd; grep -E '^(Sig(Pnd|Blk|Ign|Cgt)|Shd)' /proc/self/status; ulimit -a"]
        expected = plain(*look, preexec_fn=odd_signals).stdout
        self.assertIn(b"SigIgn", expected)
        for stats in ([], ["--stats"]):
            result = mete("run", *stats, "--", *look, preexec_fn=odd_signals)
            self.assertEqual(result.stdout, expected, stats)
            self.assertEqual(result.returncode, 0)


class Place(TestCase):
    """Where libmete.so is found, and how LD_PRELOAD names it."""

    def test_installed(self):
        program = stage(self.path("usr"))
        result = mete("run", *MAPS, program=program)
        self.assertIn(self.path("usr/lib/libmete.so").encode(), result.stdout)

    def test_through_a_link(self):
        program = stage(self.path("opt"))
        os.symlink(program, self.path("m"))
        result = mete("run", *MAPS, program=self.path("m"))
        self.assertIn(self.path("opt/lib/libmete.so").encode(), result.stdout)

    def test_missing(self):
        program = stage(self.path("usr"), library=None)
        self.assert_refused(mete("run", "true", program=program), 126, "libmete.so: not found", self.path("usr/lib"))

    def test_not_a_library(self):
        program = stage(self.path("usr"))
        with open(self.path("usr/lib/libmete.so"), "w", encoding="utf-8") as file:
            file.write("INPUT(libother.so)\n")
        self.assert_refused(mete("run", "true", program=program), 126, "libmete.so: is not a library")

    def test_paths_that_the_variable_cannot_hold(self):
        runtime = self.path("runtime")
        os.mkdir(runtime, 0o700)
        for name in ("a b", "a:b", "a$ORIGIN"):
            program = stage(self.path(name))
            for _ in range(2):
                result = mete("run", "sh", "-c", "echo $LD_PRELOAD; cat /proc/self/maps", program=program,
                              env={"XDG_RUNTIME_DIR": runtime})
                self.assertEqual((result.returncode, result.stderr), (0, b""))
                link = result.stdout.decode().split("\n")[0]
                self.assertTrue(link.startswith(runtime + "/mete-"), link)
                self.assertIn(self.path(name + "/lib/libmete.so").encode(), result.stdout)
        self.assertEqual(len(os.listdir(os.path.dirname(link))), 3)

    def test_a_folder_that_others_can_write_is_not_trusted(self):
        program = stage(self.path("a b"))
        runtime, temporary = self.path("runtime"), self.path("temporary")
        os.makedirs(f"{runtime}/mete-{os.geteuid()}")
        os.chmod(f"{runtime}/mete-{os.geteuid()}", 0o777)
        os.mkdir(temporary)
        result = mete("run", "sh", "-c", "echo $LD_PRELOAD", program=program,
                      env={"XDG_RUNTIME_DIR": runtime, "TMPDIR": temporary})
        self.assertTrue(result.stdout.decode().startswith(temporary + "/"), result)


if __name__ == "__main__":
    unittest.main()
