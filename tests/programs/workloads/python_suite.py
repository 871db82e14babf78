"""Runs modules of Python's own test suite and prints how every single test ended, sorted."""

import faulthandler
import importlib
import os
import sys
import unittest


class Outcomes(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.ends = {}

    def end(self, test, how):
        # A test that fails in parts fails.
        self.ends[test.id()] = max(how, self.ends.get(test.id(), how), key=("ok", "skipped", "failed").index)

    def addSuccess(self, test):
        self.end(test, "ok")

    def addSkip(self, test, reason):
        self.end(test, "skipped")

    def addExpectedFailure(self, test, err):
        self.end(test, "ok")

    def addUnexpectedSuccess(self, test):
        self.end(test, "failed")

    def addFailure(self, test, err):
        self.end(test, "failed")
        print(test.id(), self._exc_info_to_string(err, test), file=sys.stderr)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(test, err)


def run_module(name):
    module = importlib.import_module("test." + name)
    outcomes = Outcomes()
    if hasattr(module, "test_main"):
        # Prepares its tests by itself and raises if one of them fails.
        module.test_main()
        return {f"{name}.test_main": "ok"}
    unittest.defaultTestLoader.loadTestsFromModule(module).run(outcomes)
    return outcomes.ends


def main():
    faulthandler.enable()
    # What the tests themselves print is no concern of ours.
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for name in sys.argv[1:]:
        ends = run_module(name)
        for test, how in sorted(ends.items()):
            print(how, test, file=report)
        print(name, len(ends), file=report, flush=True)
        if not ends:
            return f"no tests in {name}"


if __name__ == "__main__":
    sys.exit(main())
