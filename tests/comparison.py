"""What the test runners share: folder names, cases run two at a time, what differs from `erl` printed, a count in the last line."""

import concurrent.futures
import difflib
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent

# How often a case that has differed must agree, alone, to be called unsteady and not wrong.
AGAIN = 3
# That never is: the program, or one that a script has run, was ended by a signal of the kind that errors of the VM raise.
CRASH = re.compile(r"CRASH|^\+.*\b(status:? ?(-\d+|13[2-69])|Segmentation fault|Aborted)", re.MULTILINE)


def difference(expected, actual, of="erl", to="lintel"):
    """None, or the lines that differ."""
    if expected == actual:
        return None
    return "\n".join(list(difflib.unified_diff(expected.splitlines(), actual.splitlines(), of, to, lineterm="", n=1))[:60])


def run_all(jobs, skips=None, failed=0, workers=2):
    """Runs the jobs, (name, function, its arguments…), prints what went wrong, and counts; the exit status.

    A function returns None or what is wrong. `failed`: how many tests have failed before they could run. Programs that meet in real
    time may differ on a busy machine, on erl as well as here: what has failed runs again when all the others have ended, and fails
    unless it then agrees each time. What agrees is told with what was different.
    """
    passed = skipped = unsteady = 0
    suspects = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        running = []
        for job in jobs:
            if skips and job[0] in skips:
                print(f"skip {job[0]}: {skips[job[0]]}")
                skipped += 1
            else:
                running.append((job, pool.submit(job[1], *job[2:])))
        for job, result in running:
            wrong = result.result()
            if wrong is None:
                passed += 1
            else:
                suspects.append((job, wrong))
                # Printed as soon as known: a run that is cut short still tells something.
                print(f"differs: {job[0]}\n{wrong}\n", flush=True)
    # With many there is something else the matter, and a crash is a crash.
    for job, wrong in suspects:
        if len(suspects) <= 5 and not CRASH.search(wrong) and all(job[1](*job[2:]) is None for _ in range(AGAIN)):
            print(f"UNSTEADY {job[0]}: {AGAIN} times right afterwards", flush=True)
            unsteady += 1
        else:
            print(f"FAIL {job[0]}\n{wrong}\n", flush=True)
            failed += 1
    print(f"{passed + unsteady} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "") + (f", {unsteady} unsteady" if unsteady else ""))
    return 1 if failed or not passed + unsteady else 0
