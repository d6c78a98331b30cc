"""Runs cases in parallel, again what is worse than the reference, and keeps the reference's results."""

import collections
import concurrent.futures
import json
import shutil
import sys
import threading
import time

import results
from suites import Case

# With more than these that are worse, and more than this part of all, there is something else the matter than unsteady cases.
MANY, PART = 20, 0.25
# A line as often as this where there is no terminal to show progress on.
TELL_EVERY = 60


class Progress:
    """A line that is renewed on a terminal, and a line a minute elsewhere."""

    def __init__(self, title, of, is_worse):
        self.title, self.of, self.is_worse = title, of, is_worse
        self.counts, self.worse, self.lock = collections.Counter(), 0, threading.Lock()
        self.is_terminal, self.told = sys.stderr.isatty(), time.monotonic()

    def add(self, case, run):
        with self.lock:
            self.counts[run["verdict"]] += 1
            self.worse += self.is_worse(case, run)
            self.tell(f"{case.suite}:{case.name}")

    def tell(self, last):
        done = ", ".join(f"{self.counts[v]} {v}" for v in results.VERDICTS if self.counts[v])
        worse = f", {self.worse} worse" if self.worse else ""
        text = f"{self.title}: {sum(self.counts.values())} of {self.of}: {done}{worse}"
        if self.is_terminal:
            columns = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{f'{text}  {last}'[:columns]}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self.told > TELL_EVERY:
            self.told = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    def end(self):
        if self.is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class Judge:
    def __init__(self, limit, jobs, retries, skips):
        self.limit, self.jobs, self.retries, self.skips = limit, jobs, retries, skips

    def once(self, vm, case):
        # What is known not to apply is not waited for as long.
        limit = min(self.limit, 30) if (case.suite, case.name) in self.skips else self.limit
        return vm.run(case, limit)._asdict()

    def run(self, vm, cases, title, reference, tell=lambda case, run: None):
        """{case: RUN} of all of them; `reference`: {case: RUN} or None. tell(case, run): as each is known."""
        found = {}
        progress = Progress(title, len(cases), lambda case, run: reference is not None and self.is_suspect(case, run, reference))

        def one(case):
            found[case] = self.once(vm, case)
            progress.add(case, found[case])
            tell(case, found[case])
        pool = concurrent.futures.ThreadPoolExecutor(self.jobs)
        try:
            for done in [pool.submit(one, case) for case in cases]:
                done.result()
        finally:  # of an interrupt, too: what runs is ended, and not waited for
            pool.shutdown(wait=False, cancel_futures=True)
            vm.surroundings.end_all()
            pool.shutdown()
            progress.end()
        self.again(vm, found, title, reference, tell)
        return found

    def is_suspect(self, case, run, reference):
        if (case.suite, case.name) in self.skips:
            return False
        return results.is_worse_than(run, None if reference is None else reference[case])

    def again(self, vm, found, title, reference, tell):
        """What is worse runs again, alone: it may have been the machine, or the others."""
        suspects = [c for c, run in found.items() if self.is_suspect(c, run, reference) and not run["reason"].startswith(results.ERRORS)]
        if len(suspects) > max(MANY, PART * len(found)):
            return
        for at, case in enumerate(suspects):
            first = found[case]
            # Waiting for the end of time once more is enough.
            for _ in range(min(self.retries, 1) if first["verdict"] == "timeout" else self.retries):
                if sys.stderr.isatty():
                    print(f"\r\x1b[K{title}: again, alone: {at + 1} of {len(suspects)}  {case.suite}:{case.name}"[:shutil.get_terminal_size().columns + 3], end="",
                          file=sys.stderr, flush=True)
                if self.once(vm, case)["verdict"] == "pass":
                    found[case] = dict(first, verdict="unsteady", reason=f"{first['verdict']} at first, then pass: {first['reason']}")
                    tell(case, found[case])
                    break
        if suspects and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class Kept:
    """The reference's lists and results, kept in the build folder for as long as the suite, the harness and the reference are the same."""

    def __init__(self, suites, version, limit, fresh):
        self.suites, self.version, self.limit, self.fresh = suites, version, limit, fresh
        self.tables, self.lock = {}, threading.Lock()

    def path(self, area, suite):
        return self.suites.build / "reference" / area / f"{suite}.json"

    def table(self, area, suite):
        if (area, suite) not in self.tables:
            key = f"{self.version} {self.suites.digest(area, suite)}"
            table = {"key": key, "cases": None, "runs": {}}
            path = self.path(area, suite)
            if path.exists():
                kept = json.loads(path.read_text())
                if kept["key"] == key:
                    table = dict(kept, runs={} if self.fresh else kept["runs"])
            self.tables[area, suite] = table
        return self.tables[area, suite]

    def cases(self, vm, area, suite):
        table = self.table(area, suite)
        if table["cases"] is None:
            table["cases"] = vm.cases(area, suite)
            self.write(area, suite)
        return [Case(area, suite, tuple(groups), name) for groups, name in table["cases"]]

    @staticmethod
    def name(case):
        return "/".join([*case.groups, case.name])

    def run_of(self, case):
        """RUN of the reference, or None: not known. That it took too long says nothing of a longer limit."""
        run = self.table(case.area, case.suite)["runs"].get(self.name(case))
        return None if run is not None and run["verdict"] == "timeout" and run["limit"] < self.limit else run

    def keep(self, case, run):
        with self.lock:
            self.table(case.area, case.suite)["runs"][self.name(case)] = dict(run, limit=self.limit) if run["verdict"] == "timeout" else run
            self.write(case.area, case.suite)

    def write(self, area, suite):
        path = self.path(area, suite)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".part").write_text(json.dumps(self.table(area, suite)))
        path.with_suffix(".part").rename(path)

    def run(self, judge, vm, cases):
        """{case: RUN}; only what is not known runs."""
        missing = [c for c in cases if self.run_of(c) is None]
        if missing:
            judge.run(vm, missing, "reference", None, self.keep)
        return {case: self.run_of(case) for case in cases}
