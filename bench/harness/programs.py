"""The commands to measure: sections of `name = shell command` lines in .ini files.

In a command {bin} stands for the directory of the built benchmark programs, {inputs} for that of the
generated inputs, {bench} for the folder bench, {here} for that of the file itself.
"""

import configparser
import dataclasses
import fnmatch
import os
import subprocess
import sys

from harness import launcher
from harness.allocators import BENCH
from harness.errors import Refused

DEFAULT_LIST = os.path.join(BENCH, "programs.ini")


@dataclasses.dataclass(frozen=True)
class Program:
    name: str
    group: str
    command: str


def read_lists(paths):
    """The programs of all these files together; a name is there once."""
    programs = [program for path in paths for program in _read_list(path)]
    first = {}
    for program in programs:
        if first.setdefault(program.name, program) is not program:
            raise Refused(f"{' and '.join(paths)}: '{program.name}' is there twice")
    return programs


def _read_list(path):
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    parser.optionxform = str
    try:
        with open(path, encoding="utf-8") as lines:
            parser.read_file(lines)
    except OSError as error:
        raise Refused(f"cannot read the list of programs {path}: {error.strerror}") from None
    except configparser.Error as error:
        raise Refused(f"{path}: {' '.join(str(error).split())}") from None
    here = os.path.dirname(os.path.abspath(path))
    programs = [Program(name, group, command.replace("{here}", here))
                for group in parser.sections() for name, command in parser[group].items()]
    if not programs:
        raise Refused(f"{path}: no program in it (a line [GROUP], then lines NAME = COMMAND)")
    for program in programs:
        if not program.command:
            raise Refused(f"{path}: '{program.name}' has no command")
    return programs


def choose(programs, patterns):
    """The programs whose name or group matches one of the shell `patterns`; all if there is none."""
    if not patterns:
        return programs
    for pattern in patterns:
        if not any(_matches(program, pattern) for program in programs):
            raise Refused(f"no program or group matches '{pattern}' (compare --list shows them)")
    return [program for program in programs if any(_matches(program, p) for p in patterns)]


def _matches(program, pattern):
    return fnmatch.fnmatchcase(program.name, pattern) or fnmatch.fnmatchcase(program.group, pattern)


def prepare(programs, build):
    """`programs` with their places filled in and inputs made; a note for each that cannot run."""
    inputs = os.path.abspath(os.path.join(build, "bench", "inputs"))
    places = {"{bin}": os.path.abspath(os.path.join(build, "bench")), "{inputs}": inputs,
              "{bench}": BENCH}
    if any("{inputs}" in program.command for program in programs):
        made = subprocess.run([os.path.join(BENCH, "inputs"), inputs], check=False)
        if made.returncode != 0:
            raise Refused("bench/inputs could not make the inputs")
    ready = []
    for program in programs:
        command = program.command
        for place, path in places.items():
            command = command.replace(place, path)
        missing = launcher.missing_program(command)
        if missing:
            print(f"note: {program.name} is left out: there is no {missing}", file=sys.stderr)
        else:
            ready.append(Program(program.name, program.group, command))
    if not ready:
        raise Refused("no program is left to run")
    return ready
