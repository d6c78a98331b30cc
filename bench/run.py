#!/usr/bin/env python3
"""Runs the programs of bench/erl on Lintel and on `erl`, in turns, and compares them.

    bench/run.py                              # everything; about ten minutes
    bench/run.py --only maps --only calls/fib --runs 5
    bench/run.py --write                      # also writes docs/performance.md

A program calls bench:cpu/2, wall/2 or memory/2 (bench/erl/bench.erl) and stops before and after each round until this script has read
the process's CPU time (user and system, all threads, in nanoseconds) or resident memory. So the figures hold on a busy
machine better than elapsed time does. Programs of one thread run with one scheduler on both sides and count CPU time; those of
the group `parallel` have two and count elapsed time. A figure is that of the best round of all runs: what else
happens on the machine only ever adds. The spread is that of the ratio between runs. A wrong answer is an error, here and there.

What is aimed at: 1.2 times the time of OTP's own interpreter. Where only OTP with its JIT is at hand, that is the
factor JIT_TARGETS below.
"""

import argparse
import collections
import datetime
import math
import os
import pathlib
import platform
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "bench" / "erl"
TIMEOUT = 120
ENVIRONMENT = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")
ERL_FLAGS = ["+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "-noshell"]

# What each group must reach beside OTP 25's JIT. Where the interpreter does the work: 1.2 x what OTP's own interpreter needs beside the
# JIT (measured with OTP 25's, or else with OTP 27's). Where C++ does it, in either VM: parity. Messages and collection: 1.5. Spawn: half.
# Start-up: a fifteenth of the CPU time and an eighth of the memory. timers, parallel, apps, memory: as OTP 27's interpreter x 1.2.
JIT_TARGETS = {
    "calls": 2.04, "arithmetic": 1.8, "floats": 1.68, "lists": 1.44, "matching": 3.12, "tuples": 2.04, "binaries": 2.16,
    "strings": 1.6, "exceptions": 1.3, "maps": 1.0, "bignums": 1.0, "ets": 1.0, "re": 1.0, "etf": 1.0, "messages": 1.5, "gc": 1.5,
    "spawn": 0.5, "startup": 0.09, "timers": 0.94, "parallel": 2.3, "apps": 1.9, "memory": 1.2,
}
INTERPRETER_TARGET = 1.2

Row = collections.namedtuple("Row", "group name unit erl lintel ratio spread")


class Failed(Exception):
    pass


def programs(only):
    """(group, name) of the programs asked for."""
    found = [(f.parent.name, f.stem) for f in sorted(SOURCES.glob("*/*.erl"))]
    names = [name for _, name in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"two programs with one name: {', '.join(sorted(twice))}")
    wanted = [(g, n) for g, n in found if not only or g in only or n in only or f"{g}/{n}" in only]
    if not wanted:
        sys.exit("no such program")
    return wanted


def compile_all(erlc, out, wanted):
    out.mkdir(parents=True, exist_ok=True)
    files = [SOURCES / "bench.erl"] + [SOURCES / g / (n + ".erl") for g, n in wanted]
    stale = [f for f in files
             if not (out / (f.stem + ".beam")).exists() or (out / (f.stem + ".beam")).stat().st_mtime <= f.stat().st_mtime]
    if stale and subprocess.run([erlc, "-o", str(out)] + [str(f) for f in stale], env=ENVIRONMENT).returncode != 0:
        sys.exit("erlc failed")


def cpu_ms(pid):
    """CPU time of a process, all of its threads: its clock's id is made of its pid (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2) * 1000


def status_kb(pid, field):
    """VmRSS, resident memory now, or VmHWM, at its peak."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return float(line.split()[1])
    raise Failed("no " + field)


def measure(command, rounds):
    """The best round of one run, and its unit."""
    child = subprocess.Popen(command, env=dict(ENVIRONMENT, LINTEL_BENCH=str(rounds)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, cwd=SOURCES)
    timer = threading.Timer(TIMEOUT, child.kill)
    timer.start()
    try:
        said, metric, things, figures, before = [], None, 1, [], 0.0
        for line in child.stdout:
            words = line.split()
            if words[:1] == ["bench"]:
                metric, things = words[1], int(words[2])
            elif words[:1] == ["ready"]:
                before = status_kb(child.pid, "VmRSS") if metric == "memory" else cpu_ms(child.pid)
                child.stdin.write("\n")
                child.stdin.flush()
            elif words[:1] == ["done"]:
                if metric == "cpu":
                    figures.append(cpu_ms(child.pid) - before)
                elif metric == "wall":
                    figures.append(int(words[1]) / 1000)
                else:
                    figures.append((status_kb(child.pid, "VmRSS") - before) * 1024 / things)
                child.stdin.write("\n")
                child.stdin.flush()
            else:
                said.append(line)
        status = child.wait(timeout=TIMEOUT)
        if status == -signal.SIGKILL:
            raise Failed(f"no end after {TIMEOUT} s")
        if status != 0 or not figures:
            raise Failed(f"exit status {status}: {' '.join(''.join(said).split())[:300]}")
        return min(figures), "bytes" if metric == "memory" else "ms"
    except (BrokenPipeError, ProcessLookupError, subprocess.TimeoutExpired) as e:
        raise Failed(str(e))
    finally:
        timer.cancel()
        if child.poll() is None:
            child.kill()
            child.wait()


def whole(command):
    """CPU milliseconds and peak resident kilobytes of a process, each from a run of its own."""
    pid = os.posix_spawnp(command[0], command, ENVIRONMENT, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise Failed(f"status {status}")
    # ru_maxrss would be this script's own memory, which the child had before exec.
    with subprocess.Popen(command, env=dict(ENVIRONMENT, LINTEL_BENCH="1"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as child:
        child.stdout.readline()
        peak = status_kb(child.pid, "VmHWM")
        child.communicate("\n", timeout=TIMEOUT)
    return (usage.ru_utime + usage.ru_stime) * 1000, peak


def compare(options, out, group, name):
    """The rows of one program."""
    schedulers = "2" if group == "parallel" else "1"
    lintel = [options.lintel, "run", "-S", schedulers, "-pa", str(out), str(out / (name + ".beam"))]
    erl = [options.erl, "+S", f"{schedulers}:{schedulers}"] + ERL_FLAGS + ["-pa", str(out), "-s", name, "main", "-s", "init", "stop"]
    if group == "startup":
        # As a user starts them: nothing about schedulers.
        lintel = [options.lintel, "run", str(out / (name + ".beam"))]
        erl = [options.erl, "-noshell", "-pa", str(out), "-s", name, "main", "-s", "init", "stop"]
        runs = [(whole(erl), whole(lintel)) for _ in range(max(5, options.runs))]
        return [row(group, name + suffix, unit, [(e[i], l[i]) for e, l in runs])
                for i, (suffix, unit) in enumerate([(" (CPU)", "ms"), (" (memory)", "kB")])]
    pairs = []
    for _ in range(options.runs):
        (e, unit), (l, _) = measure(erl, options.rounds), measure(lintel, options.rounds)
        pairs.append((e, l))
    return [row(group, name, unit, pairs)]


def row(group, name, unit, pairs):
    ratios = sorted(l / max(e, 1e-9) for e, l in pairs)
    erl, lintel = (min(p[i] for p in pairs) for i in (0, 1))
    ratio = lintel / max(erl, 1e-9)
    return Row(group, name, unit, erl, lintel, ratio, (ratios[-1] - ratios[0]) / max(ratio, 1e-9))


def geometric_mean(values):
    return math.exp(sum(math.log(max(v, 1e-6)) for v in values) / len(values))


def figure(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def summary(rows, emulator):
    """[(group, mean, target)] in order of the rows."""
    groups = collections.OrderedDict()
    for r in rows:
        groups.setdefault(r.group, []).append(r.ratio)
    return [(g, geometric_mean(v), INTERPRETER_TARGET if emulator == "emu" else JIT_TARGETS[g]) for g, v in groups.items()]


def report(options, rows, failures, about):
    """docs/performance.md."""
    lines = [
        "# Performance beside `erl`", "",
        f"Made by `bench/run.py --write` on {datetime.date.today()}; do not edit. The programs are in `bench/erl`.", "",
        f"{about} {options.runs} runs of each program on each VM, in turns; {options.rounds} rounds in each; the best counts. CPU time (user and",
        "system, all threads), except `parallel`: elapsed time with two schedulers; other programs have one. A ratio below 1 means that",
        "Lintel is faster, or smaller.",
        "What is aimed at is 1.2 times the time of OTP's interpreter, given here as a multiple of OTP's JIT where that was compared.", "",
        "| group | Lintel / erl (geometric mean) | target | met |", "|---|---:|---:|---|"]
    lines += [f"| {g} | {m:.2f} | {t:.2f} | {'yes' if m <= t else 'no'} |" for g, m, t in summary(rows, options.emulator)]
    lines += ["", "| program | erl | Lintel | unit | ratio | spread |", "|---|---:|---:|---|---:|---:|"]
    lines += [f"| {r.group}/{r.name} | {figure(r.erl)} | {figure(r.lintel)} | {r.unit} | {r.ratio:.2f} | {100 * r.spread:.0f} % |" for r in rows]
    if failures:
        lines += ["", "Did not run:", ""] + [f"- {name}: {why}" for name, why in failures]
    (ROOT / "docs" / "performance.md").write_text("\n".join(lines) + "\n")


def describe(options):
    """What ran where, in one sentence; sets options.emulator to jit or emu."""
    ask = 'io:format("~s ~s ~s", [erlang:system_info(otp_release), erlang:system_info(version), erlang:system_info(emu_flavor)]), halt().'
    told = subprocess.run([options.erl, "-noshell", "-eval", ask], capture_output=True, text=True, env=ENVIRONMENT).stdout.split()
    options.emulator = told[2] if len(told) == 3 else "jit"
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    model = next((l.split(":")[1].strip() for l in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if l.startswith("model name")),
                 platform.processor())
    return (f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}; Lintel {commit}; "
            f"OTP {told[0]} (ERTS {told[1]}, {'JIT' if options.emulator == 'jit' else 'interpreter'}).")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "release" / "tools" / "lintel"))
    parser.add_argument("--erl", default="erl", help="the other VM (an OTP built with its interpreter, say)")
    parser.add_argument("--erlc", default="erlc")
    parser.add_argument("--build", default=str(ROOT / "build" / "bench"), help="where compiled programs go")
    parser.add_argument("--only", action="append", default=[], metavar="GROUP|NAME|GROUP/NAME")
    parser.add_argument("--runs", type=int, default=3, help="processes per program and VM (default 3)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in each process, the best counts (default 3)")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()

    wanted = programs(options.only)
    out = pathlib.Path(options.build).resolve()
    if "/" in options.lintel:
        options.lintel = str(pathlib.Path(options.lintel).resolve())
    compile_all(options.erlc, out, wanted)
    about = describe(options)
    print(about)
    print(f"{'program':34} {'erl':>9} {'lintel':>9}       {'ratio':>6} {'spread':>7}")
    rows, failures = [], []
    for group, name in wanted:
        try:
            for r in compare(options, out, group, name):
                rows.append(r)
                print(f"{r.group + '/' + r.name:34} {figure(r.erl):>9} {figure(r.lintel):>9} {r.unit:5} {r.ratio:6.2f} {100 * r.spread:5.0f} %", flush=True)
        except Failed as why:
            failures.append((f"{group}/{name}", str(why)))
            print(f"{group + '/' + name:34} {why}", flush=True)
    print(f"\n{'group':34} {'mean':>6} {'target':>7}")
    for group, mean, target in summary(rows, options.emulator):
        print(f"{group:34} {mean:6.2f} {target:7.2f}  {'met' if mean <= target else 'NOT met'}")
    if rows:
        print(f"{'all':34} {geometric_mean([r.ratio for r in rows]):6.2f}")
    if options.write:
        report(options, rows, failures, about)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
