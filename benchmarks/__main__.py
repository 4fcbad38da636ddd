"""Prints every ratio and fails when one misses its goal."""

from __future__ import annotations

import sys
from itertools import chain

from benchmarks import carriers, credit, decision, doors, leases, pools, snippet


def main() -> int:
    """Run all benchmarks; 1 when a goal is missed."""
    missed = 0
    print("Rates as ratios to a bare handler, judged by CPU time; wall time, which waits for the disk, beside it.")
    print(
        f"{'':34} {'ratio':>6} {'goal':>6}   {'by wall':>7}   ours / bare, µs of CPU   ours / bare, requests per second"
    )
    for result in chain(doors.run(), carriers.run()):
        missed += result.ratio < result.goal
        print(result, flush=True)
    print("The snippet in a real browser, against a bare walk over the same page:")
    for measured in snippet.run():
        missed += measured.missed
        print(measured, flush=True)
    print("Scenarios by the thousand, by CPU time: 10,000 of them on 2,000 sites; goals are the most a value may be.")
    for line in decision.run():
        missed += line.missed
        print(line, flush=True)
    print("The credit of a call, by CPU time apart from the database's.")
    for taken in credit.run():
        missed += taken.missed
        print(taken, flush=True)
    print("The pool's brain, by CPU time.")
    for figure in pools.run():
        missed += figure.missed
        print(figure, flush=True)
    print("Leases, by CPU time.")
    for taken_and_held in leases.run():
        missed += taken_and_held.missed
        print(taken_and_held, flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
