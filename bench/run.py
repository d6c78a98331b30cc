#!/usr/bin/env python3
"""Runs the programs of bench/erl on Lintel and on `erl`, in turns, and compares them.

    bench/run.py                              # everything; about ten minutes
    bench/run.py --only maps --only calls/fib --runs 5
    bench/run.py --write                      # also writes docs/performance.md
    bench/run.py --beside build/otp27/programs/erl --beside build/otp29/programs/erl   # other releases as well (tools/fetch_otp.sh)

A program calls bench:cpu/2, wall/2 or memory/2 (bench/erl/bench.erl) and stops before and after each round until this script has read
the process's CPU time (user and system, all threads, in nanoseconds) or resident memory. So the figures hold on a busy
machine better than elapsed time does. Programs of one thread run with one scheduler on both sides and count CPU time; those of
the group `parallel` have two and count elapsed time, as do those of `io` (sockets, files, programs), which run under `lintel erl`.
A figure is that of the best round of all runs: what else happens on the machine only ever adds. The spread is that of the ratio between runs. A wrong answer is an error, here and there.

Lintel runs as it does by default, or as LINTEL_JIT says. What is aimed at is a factor to OTP's JIT (TARGETS), and to the fastest of all releases beside it.
"""

import argparse
import collections
import datetime
import math
import os
import pathlib
import platform
import shutil
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

# What each group must reach beside OTP's JIT: no group may be slower. Spawning: half. Start-up: a fifteenth of the CPU time and an eighth of
# the memory, as their mean.
TARGETS = {
    "calls": 0.7, "arithmetic": 0.7, "floats": 0.4, "bignums": 0.4, "spawn": 0.5, "startup": 0.09,
}
OTHER_TARGET = 1.0
# All programs together, and any one of them.
MEAN_TARGET = 0.75
FASTEST_TARGET = 0.85
MOST = 1.25

# beside: figures of the other releases. ratio: to erl; fastest: to the best of all; spread: of the ratio between runs.
Row = collections.namedtuple("Row", "group name unit erl beside lintel ratio fastest spread")


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


def compile_all(erl, erlc, out, wanted):
    """The programs as the release's own compiler makes them: newer releases refuse some of what older ones make."""
    out.mkdir(parents=True, exist_ok=True)
    files = [SOURCES / "bench.erl", SOURCES / "bench_nif.erl"] + [SOURCES / g / (n + ".erl") for g, n in wanted]
    stale = [f for f in files
             if not (out / (f.stem + ".beam")).exists() or (out / (f.stem + ".beam")).stat().st_mtime <= f.stat().st_mtime]
    if stale and subprocess.run([erlc, "-o", str(out)] + [str(f) for f in stale], env=ENVIRONMENT).returncode != 0:
        sys.exit("erlc failed")
    if any(group == "natives" for group, _ in wanted):
        compile_library(erl, out)


def compile_library(erl, out):
    """What the programs of natives/ call: with OTP's header, so that both VMs run the same machine code."""
    ask = "io:put_chars(code:root_dir()), halt()."
    root = subprocess.run([erl, "-noshell", "-eval", ask], capture_output=True, text=True, env=ENVIRONMENT).stdout
    made = subprocess.run(["cc", "-O2", "-shared", "-fPIC", f"-I{root}/usr/include", "-o", str(out / "bench_nif.so"), str(SOURCES / "bench_nif.c")])
    if made.returncode != 0:
        sys.exit("cc failed")


def floors(out):
    """{program: milliseconds} of those that bench/floors.c has in C, the best of several runs."""
    made = subprocess.run(["cc", "-O2", "-o", str(out / "floors"), str(ROOT / "bench" / "floors.c"), "-lm"])
    if made.returncode != 0:
        sys.exit("cc failed")
    best = {}
    for _ in range(3):
        told = subprocess.run([str(out / "floors")], capture_output=True, text=True)
        if told.returncode != 0:
            sys.exit(f"floors: {told.stderr}")
        for line in told.stdout.splitlines():
            name, milliseconds = line.split()
            best[name] = min(float(milliseconds), best.get(name, math.inf))
    return best


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


def outs_of_beside(options, out):
    return [out / name.replace(" ", "") for name in options.beside_names]


def compare(options, out, group, name):
    """The rows of one program."""
    schedulers = "2" if group == "parallel" else "1"
    vms = [(options.erl, out), *zip(options.beside, outs_of_beside(options, out))]

    def program(folder):
        return ["-pa", str(folder), "-s", name, "main", "-s", "init", "stop"]
    if group == "startup":
        # As a user starts them: nothing about schedulers.
        commands = [[erl, "-noshell", *program(folder)] for erl, folder in vms]
        commands += [[options.lintel, "run", str(out / (name + ".beam"))]]
        runs = [[whole(c) for c in commands] for _ in range(max(5, options.runs))]
        return [row(group, name + suffix, unit, [[figures[i] for figures in r] for r in runs])
                for i, (suffix, unit) in enumerate([(" (CPU)", "ms"), (" (memory)", "kB")])]
    if group == "io":
        # OTP's own code and its boot on both sides, as a user starts them.
        commands = [[erl, "-noshell", *program(folder)] for erl, folder in vms] + [[options.lintel, "erl", "-noshell", *program(out)]]
    else:
        commands = [[erl, "+S", f"{schedulers}:{schedulers}", *ERL_FLAGS, *program(folder)] for erl, folder in vms]
        commands += [[options.lintel, "run", "-S", schedulers, "-pa", str(out), str(out / (name + ".beam"))]]
    runs = []
    for _ in range(options.runs):
        measured = [measure(c, options.rounds) for c in commands]
        unit = measured[0][1]
        runs.append([m[0] for m in measured])
    return [row(group, name, unit, runs)]


def row(group, name, unit, runs):
    """Of [[erl, the other releases, lintel]]."""
    ratios = sorted(r[-1] / max(r[0], 1e-9) for r in runs)
    best = [min(column) for column in zip(*runs)]
    ratio = best[-1] / max(best[0], 1e-9)
    return Row(group, name, unit, best[0], best[1:-1], best[-1], ratio, best[-1] / max(min(best[:-1]), 1e-9),
               (ratios[-1] - ratios[0]) / max(ratio, 1e-9))


def geometric_mean(values):
    return math.exp(sum(math.log(max(v, 1e-6)) for v in values) / len(values))


def figure(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def columns(r):
    """A row's figures: erl, the other releases, Lintel, unit, ratio, ratio to the fastest if there are others, spread."""
    return [figure(r.erl), *map(figure, r.beside), figure(r.lintel), r.unit, f"{r.ratio:.2f}", *([f"{r.fastest:.2f}"] if r.beside else []),
            f"{100 * r.spread:.0f} %"]


def headings(options):
    return ["erl", *options.beside_names, "Lintel", "unit", "ratio", *(["to fastest"] if options.beside else []), "spread"]


def summary(rows):
    """[(group, mean, mean to the fastest release, target)] in order of the rows."""
    groups = collections.OrderedDict()
    for r in rows:
        groups.setdefault(r.group, []).append(r)
    found = []
    for g, of_group in groups.items():
        found.append((g, geometric_mean([r.ratio for r in of_group]), geometric_mean([r.fastest for r in of_group]), TARGETS.get(g, OTHER_TARGET)))
    return found


def overall(rows):
    """What all programs of a whole run come to."""
    slow = [f"{r.group}/{r.name} ({r.ratio:.2f})" for r in rows if r.ratio > MOST]
    fastest = f", beside the fastest release {geometric_mean([r.fastest for r in rows]):.2f} (target {FASTEST_TARGET})" if rows[0].beside else ""
    return (f"All programs: {geometric_mean([r.ratio for r in rows]):.2f} (target {MEAN_TARGET}){fastest}. "
            + (f"Above {MOST}: {', '.join(slow)}." if slow else f"None is above {MOST}."))


def floor_table(rows, floor):
    """Lines about what C needs for some programs; empty without any."""
    known = [(r, floor[r.name]) for r in rows if r.name in floor]
    if not known:
        return []
    return ["", "## The floor", "",
            "The same algorithm in C (`bench/floors.c`, `cc -O2`): integers and floats of the machine without tests, memory that is never collected, nothing that counts",
            "calls or could be traced. In milliseconds; behind the times, how many times the floor that is.", "",
            "| program | C | Lintel | | erl | |", "|---|" + "---:|" * 5] + [
            f"| {r.group}/{r.name} | {c:.1f} | {figure(r.lintel)} | {r.lintel / c:.1f} | {figure(r.erl)} | {r.erl / c:.1f} |" for r, c in known]


def notes():
    """What bench/notes.md says of each group, which the figures do not tell."""
    return ["", (ROOT / "bench" / "notes.md").read_text().rstrip()]


def report(options, rows, failures, about, floor):
    """docs/performance.md."""
    def table(titles, lines):
        return ["| " + " | ".join(titles) + " |", "|---|" + "---:|" * (len(titles) - 1)] + ["| " + " | ".join(l) + " |" for l in lines]
    lines = [
        "# Performance beside `erl`", "",
        f"Made by `bench/run.py --write` on {datetime.date.today()}; do not edit. The programs are in `bench/erl`.", "",
        f"{about} {options.runs} runs of each program on each VM, in turns; {options.rounds} rounds in each; the best counts. CPU time (user and",
        "system, all threads), except `parallel`: elapsed time with two schedulers, and `io`: elapsed time under `lintel erl` and `erl` as they start.",
        "Other programs have one scheduler. A ratio below 1 means that Lintel is faster, or smaller.",
        "", overall(rows), ""]
    lines += table(["group", "Lintel / erl (geometric mean)", *(["Lintel / fastest release"] if options.beside else []), "target", "met"],
                   [[g, f"{mean:.2f}", *([f"{fastest:.2f}"] if options.beside else []), f"{target:.2f}", "yes" if mean <= target else "no"]
                    for g, mean, fastest, target in summary(rows)])
    lines += [""] + table(["program", *headings(options)], [[f"{r.group}/{r.name}", *columns(r)] for r in rows])
    lines += floor_table(rows, floor) + notes()
    if failures:
        lines += ["", "Did not run:", ""] + [f"- {name}: {why}" for name, why in failures]
    (ROOT / "docs" / "performance.md").write_text("\n".join(lines) + "\n")


def release_of(erl):
    """[release, version of the emulator, jit or emu]."""
    ask = 'io:format("~s ~s ~s", [erlang:system_info(otp_release), erlang:system_info(version), erlang:system_info(emu_flavor)]), halt().'
    told = subprocess.run([erl, "-noshell", "-eval", ask], capture_output=True, text=True, env=ENVIRONMENT).stdout.split()
    if len(told) != 3:
        sys.exit(f"{erl}: is no `erl`")
    return told


def describe(options):
    """What ran where, in one sentence."""
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    model = next((l.split(":")[1].strip() for l in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if l.startswith("model name")),
                 platform.processor())
    def told(name, erl):
        release, version, flavor = release_of(erl)
        return f"{name}: OTP {release} (ERTS {version}, {'JIT' if flavor == 'jit' else 'interpreter'})"
    return (f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}; Lintel {commit}; "
            + "; ".join(told(*vm) for vm in zip(["erl", *options.beside_names], [options.erl, *options.beside])) + ".")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "release" / "tools" / "lintel"))
    parser.add_argument("--erl", default="erl", help="the other VM")
    parser.add_argument("--beside", action="append", default=[], metavar="ERL", help="an `erl` of another release to compare with as well; its erlc is beside it")
    parser.add_argument("--erlc", default="erlc")
    parser.add_argument("--build", default=str(ROOT / "build" / "bench"), help="where compiled programs go")
    parser.add_argument("--only", action="append", default=[], metavar="GROUP|NAME|GROUP/NAME")
    parser.add_argument("--runs", type=int, default=3, help="processes per program and VM (default 3)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in each process, the best counts (default 3)")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    options.beside = [str(pathlib.Path(shutil.which(erl) or erl).absolute()) for erl in options.beside]
    options.beside_names = ["erl " + release_of(erl)[0] for erl in options.beside]

    wanted = programs(options.only)
    out = pathlib.Path(options.build).resolve()
    if "/" in options.lintel:
        options.lintel = str(pathlib.Path(options.lintel).resolve())
    compile_all(options.erl, options.erlc, out, wanted)
    for erl, folder in zip(options.beside, outs_of_beside(options, out)):
        compile_all(erl, str(pathlib.Path(erl).parent / "erlc"), folder, wanted)
    about = describe(options)
    print(about)
    def show(name, values):
        print(f"{name:34}" + "".join(f" {v:>{max(9, len(h))}}" for v, h in zip(values, headings(options))), flush=True)
    show("program", headings(options))
    rows, failures = [], []
    for group, name in wanted:
        try:
            for r in compare(options, out, group, name):
                rows.append(r)
                show(f"{r.group}/{r.name}", columns(r))
        except Failed as why:
            failures.append((f"{group}/{name}", str(why)))
            print(f"{group + '/' + name:34} {why}", flush=True)
    print(f"\n{'group':34} {'mean':>6} {'to fastest' if options.beside else ''} {'target':>7}")
    for group, mean, fastest, target in summary(rows):
        print(f"{group:34} {mean:6.2f} {f'{fastest:10.2f}' if options.beside else ''} {target:7.2f}: {'met' if mean <= target else 'NOT met'}")
    if rows:
        print(overall(rows))
    if options.write:
        report(options, rows, failures, about, floors(out))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
