"""The rounds: A B C, A B C, …, so that what the machine does meanwhile meets everyone alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from running.build import clock

from . import answers, loads, suite
from .contenders import Contender
from .stage import Stage


@dataclass
class Cell:
    """The measurements of one contender in one test with so many connections."""

    samples: list[loads.Sample] = field(default_factory=list)
    refusal: str = ""

    def of(self, value: Callable[[loads.Sample], float]) -> float:
        return statistics.median(value(sample) for sample in self.samples)

    def spread(self, value: Callable[[loads.Sample], float]) -> float:
        """Half of the distance between the least and the greatest, as a part of the median."""
        values = [value(sample) for sample in self.samples]
        middle = statistics.median(values)
        return (max(values) - min(values)) / 2 / middle if middle else 0

    @property
    def is_good(self) -> bool:
        return bool(self.samples) and not self.refusal

    @property
    def rate(self) -> float:
        return self.of(lambda s: s.rate)

    @property
    def text(self) -> str:
        return (
            f"{self.rate:10,.0f}/s ±{self.spread(lambda s: s.rate):4.0%}"
            f"  {self.of(lambda s: s.server):8,.0f} + {self.of(lambda s: s.database):6,.0f} µs"
            f"  p50 {self.of(lambda s: s.p50) / 1000:8.2f}  p99 {self.of(lambda s: s.p99) / 1000:8.2f} ms"
            f"  {self.of(lambda s: s.memory) / 1e6:6.0f} MB"
        )

    @property
    def work(self) -> float:
        """Microseconds of processor for a request, server and database."""
        return self.of(lambda s: s.server + s.database)


@dataclass(frozen=True)
class Plan:
    """How long, how often, with how many connections."""

    seconds: int = 2
    rounds: int = 3
    warm_up: int = 1
    concurrencies: tuple[int, ...] = (16, 64)
    rate_seconds: int = 4

    def connections(self, test: suite.Test) -> list[int]:
        """Without repeating itself where a test has a limit."""
        return sorted({min(count, test.most) for count in self.concurrencies})


Key = tuple[str, str, int]


class Comparison:
    """All that was measured, by test, contender and number of connections."""

    def __init__(self, stage: Stage, tests: list[suite.Test], plan: Plan, left_out: list[str]) -> None:
        self.stage, self.tests, self.plan, self.left_out = stage, tests, plan, left_out
        self.cells: dict[Key, Cell] = {}
        self.fixed: dict[tuple[str, str], dict] = {}
        self.starts: dict[str, list[float]] = {}
        self.began = time.monotonic()

    def contenders(self, test: suite.Test) -> list[Contender]:
        return [c for c in self.stage.contenders if test.name in c.tests]

    def cell(self, test: str, contender: str, connections: int) -> Cell:
        return self.cells.setdefault((test, contender, connections), Cell())

    def busiest(self, test: str, contender: str) -> Cell | None:
        """With the number of connections at which it answered most."""
        cells = [cell for (t, c, _), cell in self.cells.items() if (t, c) == (test, contender)]
        if not cells or any(cell.refusal for cell in cells):
            return None
        return max(cells, key=lambda cell: cell.rate)

    def has(self, test: str, contender: str) -> bool:
        """Whether it took part."""
        return any((t, c) == (test, contender) for t, c, _ in self.cells)

    def memory(self, contender: str) -> float:
        """The most that it held under any load, in bytes; but for logins, where Argon2 takes 100 MiB for each."""
        good = (cell for (t, c, _), cell in self.cells.items() if c == contender and cell.is_good and t != "conduit-login")
        return max((cell.of(lambda s: s.memory) for cell in good), default=0)

    @property
    def others(self) -> float:
        """Cores that programs beside the contenders used, as a median: the figures are as good as this is small."""
        return statistics.median([s.others for cell in self.cells.values() for s in cell.samples] or [0])

    @property
    def refusals(self) -> list[str]:
        refused = ((key, cell.refusal) for key, cell in self.cells.items() if cell.refusal)
        return [f"{test}, {contender}, {n} connections: {reason}" for (test, contender, n), reason in refused]

    def run(self, with_starts: bool = True, with_fixed_rate: bool = True) -> None:
        for contender in list(self.stage.contenders):
            self._start(contender, with_starts)
        for test in self.tests:
            self._check(test, "before")
            for round in range(self.plan.rounds):
                for contender in self.contenders(test):
                    self._round(test, contender, round)
            self._check(test, "after")
            self._print(test)
        if with_fixed_rate:
            self._fixed_rates()

    def _start(self, contender: Contender, is_timed: bool) -> None:
        """One that does not start is refused everywhere, and the others go on without it."""
        try:
            if is_timed:
                self.starts[contender.name] = self.stage.start_times(contender)
                self._say(f"{contender.title}: first answer after {statistics.median(self.starts[contender.name]):.3f} s")
            self.stage.start(contender)
        except (SystemExit, OSError) as error:
            print(f"  {error}", flush=True)
            for test in self.tests:
                if contender.name in [c.name for c in self.contenders(test)]:
                    self._refuse(test, contender, f"it did not start (.build/logs/bench/{contender.name}.log)")

    def _check(self, test: suite.Test, when: str) -> None:
        for contender in self.contenders(test):
            if contender.name not in self.stage.started:
                continue
            try:
                self.stage.check(contender, test)
            except (answers.Wrong, OSError, ValueError, KeyError, TypeError) as error:
                self._refuse(test, contender, f"a wrong answer {when} the load: {error}")

    def _refuse(self, test: suite.Test, contender: Contender, reason: str) -> None:
        for connections in self.plan.connections(test):
            self.cell(test.name, contender.name, connections).refusal = reason
        self._say(f"REFUSED {test.title}, {contender.title}: {reason}")

    def _round(self, test: suite.Test, contender: Contender, round: int) -> None:
        if contender.name not in self.stage.started:
            return
        process, database = self.stage.start(contender), self.stage.database_of(contender)
        for connections in self.plan.connections(test):
            cell = self.cell(test.name, contender.name, connections)
            if cell.refusal:
                continue
            try:
                target = test.target(process.base, contender.prefix)
                stamp = f"{contender.name}-{round}-{connections}"
                # The servers stay, so they are warm from then on.
                if round == 0:
                    loads.wrk(process.base, target, self.plan.warm_up, connections, stamp + "-warm")
                cell.samples.append(loads.measure(process, database, target, self.plan.seconds, connections, stamp))
            except (loads.Refused, answers.Wrong, OSError) as error:
                self._refuse(test, contender, str(error))
            self.stage.settle(contender, test)

    def _fixed_rates(self) -> None:
        """At 70 % of the most that was measured, so that waiting does not come from overload."""
        for test in self.tests:
            if test.script != "report.lua":
                continue
            for contender in self.contenders(test):
                if not (peak := self.busiest(test.name, contender.name)):
                    continue
                process = self.stage.start(contender)
                target = test.target(process.base, contender.prefix)
                try:
                    self.fixed[test.name, contender.name] = loads.fixed_rate(
                        process.base, target, 0.7 * peak.rate, self.plan.rate_seconds, max(self.plan.connections(test)))
                except loads.Refused as error:
                    self._refuse(test, contender, str(error))
                self.stage.settle(contender, test)
        self._say("latencies at 70 % of the peak: done")

    def _say(self, text: str) -> None:
        print(f"  {clock(time.monotonic() - self.began)}  {text}", flush=True)

    def _print(self, test: suite.Test) -> None:
        """The short form, while it runs."""
        self._say(test.title)
        for contender in self.contenders(test):
            for connections in self.plan.connections(test):
                cell = self.cell(test.name, contender.name, connections)
                if cell.is_good:
                    print(f"          {contender.title:34} {connections:5}  {cell.text}", flush=True)
