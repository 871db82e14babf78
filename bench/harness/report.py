"""Medians, ratios, geometric means and the tables that show them."""

import csv
import json
import math
import statistics

from harness.allocators import FLOOR, FLOOR_ENDED
from harness.errors import Refused


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values)) if values else math.nan


def render(header, rows):
    """Lines of a table: the first column to the left, the others to the right."""
    cells = [header] + rows
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    return [(row[0].ljust(widths[0]) + "".join("  " + cell.rjust(width) for cell, width in
                                               zip(row[1:], widths[1:]))).rstrip() for row in cells]


def _outgrew_floor(cost):
    return cost.failure.startswith(FLOOR_ENDED)


def _ratio(value, base):
    return value / base if base else math.nan


def _show(value, digits=3):
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


class Results:
    """The costs of every run, by program and allocator. Medians are over the runs that succeeded.

    The floor is an allocator in the table of a program and in that of times: in what it takes of memory
    it is no floor, and it is the best on nothing. What it is too small for is no failure.
    """

    QUANTITIES = {"wall": "time", "peak": "peak resident memory", "faults": "page faults"}

    def __init__(self, programs, allocators, baseline):
        self.programs = programs
        self.allocators = [allocator.name for allocator in allocators]
        self.baseline = baseline
        self.runs = []  # of (round, program name, allocator name, Cost), in the order they ran
        self._costs = {}

    def add(self, round_number, program, allocator, cost):
        self.runs.append((round_number, program.name, allocator.name, cost))
        self._costs.setdefault((program.name, allocator.name), []).append(cost)

    def costs(self, program, allocator):
        return self._costs.get((program.name, allocator), [])

    def failures(self):
        return [(program, allocator, cost.failure) for _, program, allocator, cost in self.runs
                if cost.failure and not _outgrew_floor(cost)]

    def outgrown(self):
        """The programs that the floor was too small for."""
        return [program.name for program in self.programs
                if any(_outgrew_floor(cost) for cost in self.costs(program, FLOOR))]

    def median(self, quantity, program, allocator):
        """NaN if any run failed: the rest would not be a fair sample."""
        costs = self.costs(program, allocator)
        if not costs or any(cost.failure for cost in costs):
            return math.nan
        return statistics.median(getattr(cost, quantity) for cost in costs)

    def ratio(self, quantity, program, allocator):
        return _ratio(self.median(quantity, program, allocator),
                      self.median(quantity, program, self.baseline))

    def mean_ratio(self, quantity, programs, allocator):
        """The geometric mean over the programs that ran, and how many those are."""
        ratios = [self.ratio(quantity, program, allocator) for program in programs]
        ratios = [ratio for ratio in ratios if ratio > 0]
        return geometric_mean(ratios), len(ratios)

    def program_table(self, program):
        header = [program.name, "wall s", "+-%", "ratio", "user s", "system s", "peak KiB", "ratio",
                  "faults"]
        rows = []
        for name in self.allocators:
            costs = self.costs(program, name)
            failure = next((cost.failure for cost in costs if cost.failure), "")
            if failure:
                outgrown = all(_outgrew_floor(cost) for cost in costs if cost.failure)
                rows.append(["  " + name, "-" if outgrown else "failed"] + [""] * 7)
                continue
            walls = [cost.wall for cost in costs]
            wall = statistics.median(walls)
            rows.append(["  " + name, f"{wall:.3f}", f"{50 * (max(walls) - min(walls)) / wall:.1f}",
                         _show(self.ratio("wall", program, name)),
                         f"{self.median('user', program, name):.3f}",
                         f"{self.median('system', program, name):.3f}",
                         f"{self.median('peak', program, name):.0f}",
                         _show(self.ratio("peak", program, name)),
                         f"{self.median('faults', program, name):.0f}"])
        return render(header, rows)

    def ratio_table(self, quantity):
        """Programs down, allocators across; below them the geometric means of every group and of all."""
        names = [name for name in self.allocators if name != FLOOR or quantity == "wall"]
        header = [f"{self.QUANTITIES[quantity]} / {self.baseline}"] + names
        rows = [[program.name] + [_show(self.ratio(quantity, program, name)) for name in names]
                for program in self.programs]
        groups = list(dict.fromkeys(program.group for program in self.programs))
        parts = [(group, [p for p in self.programs if p.group == group]) for group in groups]
        if len(parts) != 1:
            parts.append(("all", self.programs))
        for label, programs in parts:
            row = [f"geometric mean, {label}"]
            for name in names:
                mean, count = self.mean_ratio(quantity, programs, name)
                row.append(_show(mean) + ("" if count == len(programs) else f" (of {count})"))
            rows.append(row)
        within = [program for program in self.programs if program.name not in self.outgrown()]
        if FLOOR in names and 0 < len(within) < len(self.programs):
            rows.append(["geometric mean, those with a floor"]
                        + [_show(self.mean_ratio(quantity, within, name)[0]) for name in names])
        contenders = [name for name in names if name != FLOOR]
        best = dict.fromkeys(contenders, 0)
        for program in self.programs:
            values = [(self.median(quantity, program, name), name) for name in contenders]
            values = [value for value in values if not math.isnan(value[0])]
            if values:
                best[min(values)[1]] += 1
        rows.append(["best on"] + [str(best.get(name, "-")) for name in names])
        return render(header, rows)

    def noise(self, cores):
        """How many runs shared the machine with more than 0.15 of a CPU of something else, and how
        many suffered from cores that were far apart."""
        costs = [cost for *_, cost in self.runs]
        noisy = sum(cost.foreign > 0.15 for cost in costs)
        scattered = sum(cores.suffered(cost) for cost in costs)
        return (f"{noisy} of {len(costs)} runs had other work of over 0.15 CPUs beside them, "
                f"{scattered} had threads on cores that were far apart")


def write_json(path, results, allocators, rounds, seed):
    document = {
        "rounds": rounds, "seed": seed, "baseline": results.baseline,
        "allocators": {a.name: {"path": a.path, "settings": list(a.settings)} for a in allocators},
        "programs": {p.name: {"group": p.group, "command": p.command} for p in results.programs},
        "runs": [_row(run) for run in results.runs],
    }
    _write(path, lambda file: json.dump(document, file, indent=1))


def write_csv(path, results):
    def write(file):
        rows = [_row(run) for run in results.runs]
        writer = csv.DictWriter(file, fieldnames=rows[0].keys() if rows else ["round"])
        writer.writeheader()
        writer.writerows(rows)
    _write(path, write)


def write_table(path, header, rows):
    _write(path, lambda file: csv.writer(file).writerows([header] + rows))


def _row(run):
    round_number, program, allocator, cost = run
    return {"round": round_number, "program": program, "allocator": allocator, "wall_s": cost.wall,
            "user_s": cost.user, "system_s": cost.system, "peak_kib": cost.peak,
            "faults": cost.faults, "foreign_cpus": round(cost.foreign, 3),
            "core_distance_ns": cost.distance, "failure": cost.failure}


def _write(path, write):
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            write(file)
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror}") from None
