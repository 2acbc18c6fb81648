#!/usr/bin/env python3
"""Drives a running Conduit over HTTP and holds every answer against openapi.yml.

    python3 Tests/RealWorld/run.py --base http://127.0.0.1:8000/api
    python3 Tests/RealWorld/run.py --base … --only comment     checks whose name contains a text

One line for each check, at the end `N passed, N failed`. openapi.yml is the RealWorld project's (MIT, see LICENSE).
Needs the packages of scripts/requirements.txt.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True

import realworld  # noqa: E402, F401
from realworld.checks import CHECKS, Check  # noqa: E402
from realworld.client import API, Wrong  # noqa: E402
from realworld.document import Document  # noqa: E402

# Documented answers that no request can get, and why.
NO_INPUT = "the request has nothing in it that could be invalid"
UNREACHABLE = {
    ("GET", "/user", 422): NO_INPUT,
    ("GET", "/profiles/{username}", 422): NO_INPUT,
    ("POST", "/profiles/{username}/follow", 422): NO_INPUT,
    ("DELETE", "/profiles/{username}/follow", 422): NO_INPUT,
    ("GET", "/articles/{slug}", 422): NO_INPUT,
    ("DELETE", "/articles/{slug}", 422): NO_INPUT,
    ("GET", "/articles/{slug}/comments", 422): NO_INPUT,
    ("DELETE", "/articles/{slug}/comments/{id}", 422): "an id that is no integer is an id that is not found",
    ("POST", "/articles/{slug}/favorite", 422): NO_INPUT,
    ("DELETE", "/articles/{slug}/favorite", 422): NO_INPUT,
    ("GET", "/tags", 422): NO_INPUT,
    ("POST", "/articles", 409): "equal titles get distinct slugs, so that nothing can conflict",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, help="where the API is: http://127.0.0.1:8000/api")
    parser.add_argument("--only", default="", help="only checks whose name contains this")
    parser.add_argument("--repeat", type=int, default=1, help="run all of it so many times")
    options = parser.parse_args()
    document = Document(Path(__file__).with_name("openapi.yml"))
    passed = failed = 0
    for _ in range(options.repeat):
        api = API(options.base, document)
        chosen = [(name, check) for name, check in CHECKS if options.only in name]
        if not options.only:
            chosen += [("every documented answer of every operation was seen", lambda api: covered(api, document))]
        for name, check in chosen:
            if run(name, check, api):
                passed += 1
            else:
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def run(name: str, check: Check, api: API) -> bool:
    began = time.monotonic()
    try:
        check(api)
        wrong = ""
    except Wrong as error:
        wrong = str(error)
    except Exception:  # An answer of another shape than the check took for granted.
        wrong = traceback.format_exc(limit=-3)
    milliseconds = (time.monotonic() - began) * 1000
    print(f"{'FAILED' if wrong else 'passed'}  {name} ({milliseconds:.0f} ms)" + (f"\n        {wrong}" if wrong else ""), flush=True)
    return not wrong


def covered(api: API, document: Document) -> None:
    operations = set(document.operations())
    stale = set(UNREACHABLE) - operations
    missing = operations - api.seen - set(UNREACHABLE)
    wrong = set(UNREACHABLE) & api.seen
    for what, which in (("never seen", missing), ("listed as unreachable but seen", wrong), ("not in the document", stale)):
        if which:
            raise Wrong(f"{what}: " + ", ".join(f"{m} {p} {s}" for m, p, s in sorted(which)))


if __name__ == "__main__":
    sys.exit(main())
