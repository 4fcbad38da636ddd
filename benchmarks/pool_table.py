"""The table of docs/pools.md: every policy, pools of several sizes, traffic of several shapes.

    python -m benchmarks.pool_table [--peak 200] [--days 20] [--seeds 1,2] [--traffic NAME=FOLDER[,FOLDER…] …]

`--traffic` adds folders with visits.csv and calls.csv; seeds and folders of one name are summed up.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import repeat
from math import ceil
from pathlib import Path

from benchmarks.pool_traffic import SHAPES, traffic
from callspring.pools.policies import NAMES
from callspring.pools.recorded import read_calls, read_visits
from callspring.pools.replay import CallRow, Figures, VisitRow, replay

SHARES = (0.05, 0.10, 0.25, 0.50, 1.00)
LEAST_NUMBERS = 8

Traffic = tuple[list[VisitRow], list[CallRow]]
Origin = tuple[str, float, float, int] | Path
Job = tuple[float, str, Origin]
Found = dict[tuple[float, str], list[Figures]]


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peak", type=float, default=200)
    parser.add_argument("--days", type=float, default=20)
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--traffic", nargs="*", default=[])
    options = parser.parse_args()
    with ProcessPoolExecutor(2) as workers:
        for name, origins in _origins(options):
            _print(name, options.peak, _figures(workers, origins, options.peak))


def _origins(options: argparse.Namespace) -> Iterator[tuple[str, list[Origin]]]:
    for given in options.traffic:
        name, _, folders = given.partition("=")
        yield name, [Path(folder) for folder in folders.split(",")]
    for shape in SHAPES:
        yield shape, [(shape, options.peak, options.days, int(seed)) for seed in options.seeds.split(",")]


def _figures(workers: ProcessPoolExecutor, origins: Sequence[Origin], peak: float) -> Found:
    jobs: list[Job] = [(share, policy, origin) for origin in origins for share in SHARES for policy in NAMES]
    done = workers.map(_play, jobs, repeat(peak))
    found: Found = {}
    for (share, policy, _), figures in zip(jobs, done, strict=True):
        found.setdefault((share, policy), []).append(figures)
    return found


def _size(share: float, peak: float) -> int:
    return max(LEAST_NUMBERS, ceil(share * peak))


def _play(job: Job, peak: float) -> Figures:
    share, policy, origin = job
    visits, calls = _load(origin)
    return replay(visits, calls, numbers=_size(share, peak), policy=policy)


@lru_cache(maxsize=2)
def _load(origin: Origin) -> Traffic:
    if isinstance(origin, Path):
        with (origin / "visits.csv").open(newline="") as visits, (origin / "calls.csv").open(newline="") as calls:
            return list(read_visits(visits, "visits.csv")), read_calls(calls, "calls.csv")
    shape, peak, days, seed = origin
    made, called = traffic(SHAPES[shape], peak, days, seed)
    return [VisitRow(*visit) for visit in made], [CallRow(*call) for call in called]


def _print(name: str, peak: float, found: Found) -> None:
    calls = sum(figures.calls for figures in found[SHARES[0], "callspring"])
    print(f"\n**{name}** ({calls:,} calls)\n")
    print("| numbers | next-in-line | least-recently-used | callspring | oracle | wrong sources | calibration |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for share in SHARES:
        cells = [_cell(found[share, policy]) for policy in NAMES]
        ours, plain = found[share, "callspring"], found[share, "least-recently-used"]
        ratio = _wrong(ours) / max(1, _wrong(plain))
        print(
            f"| {_size(share, peak)} ({share:.0%}) | {' | '.join(cells)} | {ratio:.2f} | {_calibration(ours):.3f} |",
            flush=True,
        )


def _cell(found: Sequence[Figures]) -> str:
    calls = sum(figures.calls for figures in found)
    source = sum(figures.right_source for figures in found) / calls
    visitor = sum(figures.right_visitor for figures in found) / calls
    return f"{source:.1%} · {visitor:.1%}"


def _wrong(found: Sequence[Figures]) -> int:
    return sum(figures.calls - figures.right_source for figures in found)


def _calibration(found: Sequence[Figures]) -> float:
    """The mean over the replays: each has a model of its own."""
    errors = [figures.calibration.error() or 0.0 for figures in found if figures.calibration is not None]
    return sum(errors) / len(errors)


if __name__ == "__main__":
    main()
