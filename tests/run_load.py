#!/usr/bin/env python3
"""Many connections at once: a server on Lintel, its clients in another VM; nothing may fail, and nothing may be left afterwards.

    tests/run_load.py                                   # 500 connections to an echo server, 100 clients of httpd
    tests/run_load.py --connections 9900 --clients 1000 # about half a minute; needs `ulimit -n 10000`
    tests/run_load.py --vm erl                          # the same on another VM, to compare
"""

import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "load"


def start(vm, cwd, *arguments):
    return subprocess.Popen([*vm, "-noshell", "-pa", cwd, *arguments], cwd=cwd, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def tell(child, line="\n"):
    child.stdin.write(line)
    child.stdin.flush()
    return child.stdout.readline().split()


def holds(server):
    """(ports, processes, bytes) of the server's VM, and its resident kilobytes."""
    ports, processes, size = map(int, tell(server))
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return ports, processes, size, next(int(l.split()[1]) for l in status if l.startswith("VmRSS"))


def wait_until(server, ports):
    """What it holds when all but `ports` ports are gone, or after ten seconds."""
    for _ in range(100):
        now = holds(server)
        if now[0] <= ports:
            break
        subprocess.run(["sleep", "0.1"])
    return now


def load(kind, options, folder):
    """One round of connections after another, which may not leave anything behind."""
    count = options.connections if kind == "echo" else options.clients
    server = start(options.vm.split(), folder, "-s", "load_server", kind)
    words = server.stdout.readline().split()
    if words[:1] != ["port"]:
        return f"the server says {words}"
    before = holds(server)
    most, left = [], None
    for _ in range(options.repeat):
        client = start(options.client.split(), folder, "-run", "load_client", "main", kind, words[1], str(count), str(options.rounds))
        opened = client.stdout.readline().split()
        if opened != ["open", str(count)]:
            rest, _ = client.communicate("\n")
            return f"{opened}, not {count}: {rest}"
        during = holds(server)
        closed = tell(client)
        rest = client.stdout.read()
        client.wait()
        if closed[:2] != ["closed", str(count)]:
            return f"{closed}, not {count}: {rest}"
        left = wait_until(server, before[0])
        most.append(during[2])
        print(f"{kind}: {count} connections, {closed[3]} ms; {during[0]} ports, {during[2] // 1024} kB ({during[3]} kB resident), "
              f"then {left[0]} ports, {left[2] // 1024} kB ({left[3]} kB)", flush=True)
    server.stdin.close()
    status = server.wait(timeout=60)
    if status != 0:
        return f"the server ends with {status}"
    if left[0] > before[0] or left[1] > before[1] + 2:
        return f"{left[0]} ports and {left[1]} processes are left of {before[0]} and {before[1]}"
    # What is free goes back to the system by and by: what counts is that the next round finds it.
    if most[-1] > most[0] * 1.1 + (2 << 20):
        return f"{most[-1]} bytes in the last round, {most[0]} in the first"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "release" / "tools" / "lintel"))
    parser.add_argument("--vm", help="command of the server's VM (default: that lintel with `erl`)")
    parser.add_argument("--client", help="command of the clients' VM (default: the same)")
    parser.add_argument("--connections", type=int, default=500)
    parser.add_argument("--clients", type=int, default=100, help="of httpd")
    parser.add_argument("--rounds", type=int, default=3, help="requests of each client, and one more")
    parser.add_argument("--repeat", type=int, default=3, help="how often they come and go")
    options = parser.parse_args()
    options.vm = options.vm or f"{pathlib.Path(options.lintel).resolve()} erl"
    options.client = options.client or options.vm
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="lintel_load_") as folder:
        if subprocess.run(["erlc", "-o", folder, *map(str, SOURCES.glob("*.erl"))]).returncode != 0:
            return 1
        for kind in ("echo", "httpd"):
            why = load(kind, options, folder)
            if why is not None:
                failed += 1
                print(f"FAIL {kind}: {why}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
