"""How many tests ran, from what the test tools print."""

from __future__ import annotations

import re

SUMMARY = re.compile(r"Test run with (\d+) tests?\b.* (?:passed|failed) after", re.MULTILINE)
FAILED = re.compile(r"^\S+ Test (?!run with |case passing ).* failed after ", re.MULTILINE)
SKIPPED = re.compile(r"^\S+ Test (?!run with ).* skipped(?::|\.|$)", re.MULTILINE)
CHECKS = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


def swift_tests(output: str, exit_code: int) -> tuple[int, int]:
    """Passed and failed of a `swift test`. A run that broke off counts one failure at least."""
    # The summary counts tests that were skipped; they have not passed.
    total = sum(int(n) for n in SUMMARY.findall(output)) - len(SKIPPED.findall(output))
    failed = len(FAILED.findall(output))
    if exit_code and not failed:
        return max(total - 1, 0), 1
    return total - failed, failed


def checks(output: str, exit_code: int) -> tuple[int, int]:
    """Passed and failed of a script that ends in `N passed, N failed`."""
    found = CHECKS.findall(output)
    passed, failed = (int(found[-1][0]), int(found[-1][1])) if found else (0, 0)
    return passed, failed or (1 if exit_code or not found else 0)


def databases(log: str) -> tuple[str, list[str]]:
    """From the lines that tests write (`kind<TAB>test`, and a third field for what the database lacks): how many tests
    ran on each database, and which could not."""
    ran: dict[str, set[str]] = {}
    lacking: set[tuple[str, str, str]] = set()
    for line in log.splitlines():
        kind, test, *capability = line.split("\t")
        if capability:
            lacking.add((kind, capability[0], test))
        else:
            ran.setdefault(kind, set()).add(test)
    for kind, _, test in lacking:
        ran.get(kind, set()).discard(test)
    order = ["sqlite", "postgresql", "mysql"]
    counts = ", ".join(f"{kind} {len(ran[kind])}" for kind in sorted(ran, key=lambda k: (order + [k]).index(k)))
    missing = [f"left out on {kind}, which has no {capability}: {test}" for kind, capability, test in sorted(lacking)]
    return counts, missing
