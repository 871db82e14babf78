"""The allocators under test: glibc's own, mete, Debian's packages, and any other that can be preloaded.

An allocator is written `name=/path/to.so`, followed, if it needs that, by settings for its
environment: `name=/path/to.so VARIABLE=value ...`.
"""

import dataclasses
import glob
import os
import subprocess
import sys

from harness.errors import Refused

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEFAULT_BUILD = os.path.join(os.path.dirname(BENCH), "build", "release")

# Packages of Debian: libjemalloc2, libmimalloc2.0, libtcmalloc-minimal4.
DEBIAN = (
    ("jemalloc-debian", "libjemalloc.so.2"),
    ("mimalloc-debian", "libmimalloc.so.2"),
    ("tcmalloc-debian", "libtcmalloc_minimal.so.4"),
)


@dataclasses.dataclass(frozen=True)
class Allocator:
    name: str
    path: str  # empty: nothing is preloaded
    settings: tuple = ()  # of "VARIABLE=value"

    def environment(self):
        """The settings to start a program with, LD_PRELOAD among them (empty for glibc)."""
        return ("LD_PRELOAD=" + self.path,) + self.settings


GLIBC = Allocator("glibc", "")

# bench/floor.cpp, which is measured with the others and compared with none of them.
FLOOR = "floor"
# The begin of the line with which it ends a program that needs too much.
FLOOR_ENDED = "floor: more than"


def parse(text):
    """`name=path [VARIABLE=value ...]` as an Allocator."""
    words = text.split()
    name, equals, path = (words[0] if words else "").partition("=")
    if not name or not equals or not path:
        raise Refused(f"'{text}' is not an allocator; expected name=/path/to.so")
    for setting in words[1:]:
        if "=" not in setting:
            raise Refused(f"allocator {name}: '{setting}' is not VARIABLE=value")
    if name == FLOOR:
        raise Refused(f"an allocator called '{FLOOR}': that one is bench/floor.cpp (--floor)")
    path = os.path.abspath(os.path.expanduser(path))
    if not os.path.isfile(path):
        raise Refused(f"allocator {name}: no file {path}")
    if any(character in path for character in " :"):
        raise Refused(f"allocator {name}: LD_PRELOAD cannot name a path with a blank or colon: {path}")
    return Allocator(name, path, tuple(words[1:]))


def read_list(path):
    """The allocators of a file: one a line; empty lines and those after # do not count."""
    try:
        with open(path, encoding="utf-8") as lines:
            stripped = [line.strip() for line in lines]
    except OSError as error:
        raise Refused(f"cannot read the list of allocators {path}: {error.strerror}") from None
    return [parse(line) for line in stripped if line and not line.startswith("#")]


def find_installed(build):
    """glibc, mete if `build` has it, and Debian's packages as far as they are installed."""
    found = [GLIBC]
    library = os.path.join(build, "lib", "libmete.so")
    if os.path.isfile(library):
        found.append(Allocator("mete", os.path.abspath(library)))
    for name, file in DEBIAN:
        paths = sorted(glob.glob(f"/usr/lib/{os.uname().machine}-*/{file}"))
        if paths:
            found.append(Allocator(name, paths[0]))
    return found


def check_preload(allocator):
    """The dynamic loader only warns about a library it cannot preload; here that is an error."""
    if not allocator.path:
        return
    environment = dict(os.environ)
    environment.update(setting.split("=", 1) for setting in allocator.environment())
    done = subprocess.run(["/bin/true"], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "cannot be preloaded" in done.stderr:
        reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[0]
        raise Refused(f"allocator {allocator.name} cannot be preloaded: {reason}")


def add_options(parser):
    group = parser.add_argument_group("allocators")
    group.add_argument("--build", metavar="DIR", default=DEFAULT_BUILD,
                       help="build directory with lib/libmete.so and bench/ (default: build/release)")
    group.add_argument("--allocator", metavar="NAME=PATH", action="append", default=[],
                       help="one more; 'NAME=PATH VARIABLE=value' sets its environment, too")
    group.add_argument("--allocators", metavar="FILE", action="append", default=[],
                       help="a file with one such line for each")
    group.add_argument("--only", metavar="NAMES", help="just these, separated by commas")
    group.add_argument("--without", metavar="NAMES", help="all but these")


def selected(arguments, preload_check=check_preload):
    """The allocators that the options ask for, each tried once. A later one replaces its namesake."""
    by_name = {allocator.name: allocator for allocator in find_installed(arguments.build)}
    for path in arguments.allocators:
        by_name.update((allocator.name, allocator) for allocator in read_list(path))
    for text in arguments.allocator:
        allocator = parse(text)
        by_name[allocator.name] = allocator
    if "mete" not in by_name and not arguments.only:
        print(f"note: no mete: {arguments.build}/lib/libmete.so is not built", file=sys.stderr)
    for option in ("only", "without"):
        names = [name for name in (getattr(arguments, option) or "").split(",") if name]
        for name in names:
            if name not in by_name:
                raise Refused(f"--{option}: no allocator '{name}'; there are {', '.join(by_name)}")
        if option == "only" and names:
            by_name = {name: by_name[name] for name in names}
        elif option == "without":
            by_name = {name: a for name, a in by_name.items() if name not in names}
    if not by_name:
        raise Refused("no allocator is left")
    for allocator in by_name.values():
        preload_check(allocator)
    return list(by_name.values())


def floor(arguments):
    """The allocator of bench/floor.cpp."""
    found = Allocator(FLOOR, os.path.abspath(built_program(arguments, "libfloor.so")))
    check_preload(found)
    return found


def built_program(arguments, name):
    """The path of a program that bench/CMakeLists.txt builds."""
    path = os.path.join(arguments.build, "bench", name)
    if not os.path.isfile(path):
        raise Refused(f"{path} is not built (cmake --preset release && cmake --build --preset release)")
    return path
