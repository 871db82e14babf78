"""Runs bench/latency under every allocator and shows medians of what it prints.

Its lines read `malloc requests_per_second=1.2e+07 p50_ns=12 ...`; a table is made for each operation.
"""

import statistics

from harness import report
from harness.errors import Refused


def parse(output):
    """The program's output as {operation: {column: number}}."""
    operations = {}
    for line in output.decode().splitlines():
        name, *fields = line.split()
        if fields and all("=" in field for field in fields):
            operations[name] = {key: float(value)
                                for key, value in (field.split("=", 1) for field in fields)}
    return operations


def tables(runs):
    """`runs`: {allocator name: [parsed output of every round]}. The tables, one for each operation."""
    first = next(iter(runs.values()))[0]
    lines = []
    for operation, columns in first.items():
        rows = []
        for name, outputs in runs.items():
            medians = [statistics.median(output[operation][column] for output in outputs)
                       for column in columns]
            rows.append(["  " + name] + [f"{median:,.0f}" for median in medians])
        lines += report.render([operation] + [c.replace("_", " ") for c in columns], rows) + [""]
    return lines


def measure(launcher, cores, vector, allocators, rounds, order):
    """Runs `vector` `rounds` times under each allocator, in a new random order in every round."""
    runs = {allocator.name: [] for allocator in allocators}
    for _ in range(rounds):
        for allocator in order(allocators):
            cost = cores.run(launcher, vector, allocator, capture=True)
            if cost.failure:
                raise Refused(f"latency under {allocator.name}: {cost.failure}")
            runs[allocator.name].append(parse(cost.output))
    return runs
