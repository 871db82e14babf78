"""What mete run refuses: one clear line and 126 or 127, never a run on another allocator."""

import os
import shutil
import struct
import unittest

from support import (OWN_MALLOC, STATIC_PROGRAM, TestCase, mete, plain, stage, write_executable)

TRUE = shutil.which("true")
NOBODY = 65534


class Refuse(TestCase):
    def assert_run_refused(self, program, status, *parts, **keywords):
        for stats in ([], ["--stats"]):
            self.assert_refused(mete("run", *stats, "--", program, **keywords), status, *parts)

    def patched(self, name, change):
        """A copy of `true` whose bytes went through `change`."""
        with open(TRUE, "rb") as file:
            data = bytearray(file.read())
        return write_executable(self.path(name), bytes(change(data) or data))

    def test_missing(self):
        self.assert_run_refused("no-such-program", 127, "mete: no-such-program: not found\n")
        self.assert_run_refused("./no-such-program", 127, "mete: ./no-such-program: not found\n")
        self.assert_run_refused("/etc/passwd/x", 127, "not found")
        self.assert_run_refused("", 127, "not found")

    def test_directory(self):
        self.assert_run_refused(self.folder, 126, "is a directory")

    def test_not_executable(self):
        path = write_executable(self.path("data"), "#!/bin/sh\n", 0o644)
        self.assert_run_refused(path, 126, "is not executable")
        self.assert_run_refused("data", 126, "is not executable", env={"PATH": self.folder})

    def test_not_a_program(self):
        self.assert_run_refused("/dev/null", 126, "is not a program")
        self.assert_run_refused(write_executable(self.path("bytes"), b"\x01\x00\x02"), 126, "is not a program")

    def test_static(self):
        self.assert_run_refused(STATIC_PROGRAM, 126, "static", "libmete_override.a")

    def test_own_malloc(self):
        self.assertEqual(plain(OWN_MALLOC).returncode, 0)
        self.assert_run_refused(OWN_MALLOC, 126, "brings its own malloc")

    def test_other_machine(self):
        path = self.patched("foreign", lambda data: struct.pack_into("<H", data, 18, 0x1234))
        self.assert_run_refused(path, 126, "another architecture")

    def test_other_width(self):
        def other_class(data):
            data[4] ^= 3
        self.assert_run_refused(self.patched("narrow", other_class), 126, "another architecture")

    def test_other_byte_order(self):
        def other_order(data):
            data[5] ^= 3
        self.assert_run_refused(self.patched("swapped", other_order), 126, "another architecture")

    def test_musl(self):
        def other_loader(data):
            start = data.index(b"/ld-linux")
            start = data.rindex(b"\0", 0, start) + 1
            end = data.index(b"\0", start)
            data[start:end] = b"/lib/ld-musl-x86_64.so.1".ljust(end - start, b"\0")
        self.assert_run_refused(self.patched("musl", other_loader), 126, "musl", "libmete_override.a")

    def test_missing_loader(self):
        def other_loader(data):
            start = data.index(b"/ld-linux")
            data[start:start + 9] = b"/ld-nowhr"
        self.assert_run_refused(self.patched("orphan", other_loader), 126, "its loader ", "No such file")

    def test_damaged(self):
        for size in (4, 17, 40, 100, 300):
            path = self.patched(f"cut-{size}", lambda data, size=size: data[:size])
            self.assert_run_refused(path, 126, "is damaged")

        def far_headers(data):
            struct.pack_into("<Q", data, 32, 2**64 - 8)
        self.assert_run_refused(self.patched("far", far_headers), 126, "is damaged")

        def far_loader(data):
            start = struct.unpack_from("<Q", data, 32)[0]
            for header in range(start, start + 56 * struct.unpack_from("<H", data, 56)[0], 56):
                if struct.unpack_from("<I", data, header)[0] == 3:
                    struct.pack_into("<Q", data, header + 8, 2**63)
        self.assert_run_refused(self.patched("lost", far_loader), 126, "is damaged")

    def test_object_file(self):
        path = self.patched("object", lambda data: struct.pack_into("<H", data, 16, 1))
        self.assert_run_refused(path, 126, "is not a program")

    def test_what_only_the_kernel_refuses(self):
        def unterminated_loader(data):
            start = struct.unpack_from("<Q", data, 32)[0]
            for header in range(start, start + 56 * struct.unpack_from("<H", data, 56)[0], 56):
                if struct.unpack_from("<I", data, header)[0] == 3:
                    size, = struct.unpack_from("<Q", data, header + 32)
                    struct.pack_into("<Q", data, header + 32, size - 1)
        path = self.patched("odd", unterminated_loader)
        self.assert_run_refused(path, 126, f"mete: {path}: Exec format error")

    def test_any_byte_of_the_headers_may_be_wrong(self):
        """Damaged headers never crash mete: it refuses, or the kernel or the loader does."""
        for offset in range(16, 64):
            def damage(data, offset=offset):
                data[offset] ^= 0xFF
            result = mete("run", "--stats", self.patched("damaged", damage))
            self.assertIn(result.returncode, (0, 1, 126, 127, -11, -7, -9), (offset, result))
            self.assertTrue(result.stderr, offset)


class RefuseScripts(TestCase):
    def script(self, first_line):
        return write_executable(self.path("script"), first_line + "\necho ran\n")

    def test_missing_interpreter(self):
        path = self.script("#!/no/such/interpreter")
        self.assert_refused(mete("run", path), 126, path, "its interpreter /no/such/interpreter: not found")

    def test_no_interpreter(self):
        for line in ("#!", "#! \t"):
            self.assert_refused(mete("run", self.script(line)), 126, "names no interpreter")

    def test_static_interpreter(self):
        path = self.script("#!" + STATIC_PROGRAM)
        self.assert_refused(mete("run", path), 126, path, "its interpreter", STATIC_PROGRAM, "static")

    def test_static_interpreter_through_env(self):
        os.symlink(STATIC_PROGRAM, self.path("fixed"))
        environment = {"PATH": self.folder + ":" + os.environ["PATH"]}
        for line in ("#!/usr/bin/env fixed", "#!/usr/bin/env -S A=1 fixed -x", "#! /usr/bin/env   fixed"):
            self.assert_refused(mete("run", self.script(line), env=environment), 126, "interpreter fixed", "static")

    def test_env_itself_says_what_it_does_not_find(self):
        path = self.script("#!/usr/bin/env no-such-program")
        result, expected = mete("run", path), plain(path)
        self.assertEqual((result.returncode, result.stderr), (expected.returncode, expected.stderr))
        self.assertEqual(result.returncode, 127)

    def test_directory_as_interpreter(self):
        self.assert_refused(mete("run", self.script("#!" + self.folder)), 126, "is a directory")

    def test_a_script_of_itself(self):
        path = self.path("script")
        self.script("#!" + path)
        self.assert_refused(mete("run", path), 126, "too many scripts")


class RefuseSecure(TestCase):
    """Programs for which the loader ignores LD_PRELOAD."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root can make such programs")
        if os.statvfs(self.folder).f_flag & os.ST_NOSUID:
            self.skipTest("the temporary folder is mounted nosuid, where the bits mean nothing")
        self.program = shutil.copy(TRUE, self.path("program"))

    def test_setuid(self):
        os.chown(self.program, NOBODY, 0)
        os.chmod(self.program, 0o4755)
        self.assert_refused(mete("run", self.program), 126, "is setuid", "libmete.so")

    def test_setgid(self):
        os.chown(self.program, 0, NOBODY)
        os.chmod(self.program, 0o2755)
        self.assert_refused(mete("run", self.program), 126, "is setgid")

    def test_setuid_to_the_same_user_is_nothing(self):
        os.chmod(self.program, 0o6755)
        result = mete("run", self.program)
        self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_the_bits_of_a_script_are_nothing(self):
        script = write_executable(self.path("script"), "#!/bin/sh\n")
        os.chown(script, NOBODY, 0)
        os.chmod(script, 0o4755)
        self.assertEqual(mete("run", script).returncode, 0)

    def test_a_setuid_interpreter(self):
        os.chown(self.program, NOBODY, 0)
        os.chmod(self.program, 0o4755)
        script = write_executable(self.path("script"), f"#!{self.program}\n")
        self.assert_refused(mete("run", script), 126, "its interpreter", "is setuid")

    def test_without_new_privileges_setuid_is_nothing(self):
        os.chown(self.program, NOBODY, 0)
        os.chmod(self.program, 0o4755)
        if not shutil.which("setpriv"):
            self.skipTest("setpriv is missing")
        result = mete("--no-new-privs", os.environ["METE_CLI"], "run", self.program, program="setpriv")
        self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_file_capabilities(self):
        # struct vfs_ns_cap_data: revision 2 with the effective bit; CAP_NET_RAW permitted.
        os.setxattr(self.program, "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))
        program = stage(self.path("usr"))
        result = mete("run", self.program, program=program, user=NOBODY, group=NOBODY, extra_groups=[])
        self.assert_refused(result, 126, "has file capabilities")
        self.assertEqual(mete("run", self.program, program=program).returncode, 0)  # root gains nothing

    def test_unreadable(self):
        os.chmod(self.program, 0o711)
        program = stage(self.path("usr"))
        result = mete("run", self.program, program=program, user=NOBODY, group=NOBODY, extra_groups=[])
        self.assert_refused(result, 126, "cannot be read: Permission denied")


if __name__ == "__main__":
    unittest.main()
