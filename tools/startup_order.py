#!/usr/bin/env python3
"""Writes cmake/startup.ld: the functions that a small program's run enters, which the linker then puts next to each other. The system
brings code into memory in blocks of 64 KiB, so functions that lie apart cost a block each.

    cmake --preset release -B build/unordered -DLINTEL_ORDER_FUNCTIONS=OFF && ninja -C build/unordered lintel
    tools/startup_order.py [--lintel build/unordered/tools/lintel]

Needs valgrind (which finds functions in .text only, hence a program without an order) and erlc. Names that no longer exist do no harm, new
ones cost a little memory: run it again when start-up has changed."""
import argparse
import bisect
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(TOP, 'cmake', 'startup.ld')
RUNS = 3
PROGRAM = '-module(hello).\n-export([main/0]).\nmain() -> io:format("hello ~p~n", [world]), L = lists:seq(1, 20000), ' \
          'erlang:garbage_collect(self(), [{type, minor}]), receive after 2 -> L end, erlang:garbage_collect().\n'


# What no function section names: main, constructors of static objects, and zlib's part that unpacks.
ZLIB = ('adler32', 'crc32', 'inffast', 'inflate', 'inftrees', 'zutil')
START = '*crt1.o(.text)\n*(.text.startup .text.startup.*)\n' + ''.join(f'*libz.a:{name}.o(.text .text.*)\n' for name in ZLIB)


def entered(lintel):
    """Addresses of the program's instructions that a run executed. No two runs are the same: threads share the work differently."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'hello.erl'), 'w') as f:
            f.write(PROGRAM)
        subprocess.run(['erlc', 'hello.erl'], cwd=folder, check=True)
        subprocess.run(['valgrind', '--tool=callgrind', '--dump-instr=yes', '--callgrind-out-file=calls', lintel, 'run', 'hello.beam'],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        with open(os.path.join(folder, 'calls'), errors='replace') as f:
            lines = f.read().split('\n')
    objects, here, at, addresses = {}, None, 0, set()
    for line in lines:
        named = re.match(r'ob=\((\d+)\)(?: (.*))?$', line)
        if named:
            if named[2]:
                objects[named[1]] = named[2]
            here = objects[named[1]]
            continue
        cob = re.match(r'cob=\((\d+)\) (.*)$', line)
        if cob:
            objects[cob[1]] = cob[2]
            continue
        # Positions are relative to the one before: a number, +n, -n or *.
        cost = re.match(r'(0x[0-9a-f]+|\+\d+|-\d+|\*) \S+ \d+', line)
        if not cost or line.startswith('calls='):
            continue
        position = cost[1]
        if position.startswith('0x'):
            at = int(position, 16)
        elif position != '*':
            at += int(position)
        if here and os.path.realpath(here) == os.path.realpath(lintel):
            addresses.add(at)
    return addresses


def functions(lintel, addresses):
    """Names of the functions at these addresses, all aliases of each."""
    symbols = []
    for line in subprocess.run(['nm', '-S', lintel], capture_output=True, text=True, check=True).stdout.split('\n'):
        fields = line.split()
        if len(fields) == 4 and fields[2] in 'tTwW':
            symbols.append((int(fields[0], 16), int(fields[1], 16), fields[3]))
    symbols.sort()
    starts = sorted({s[0] for s in symbols})
    by_start = {}
    for s in symbols:
        by_start.setdefault(s[0], []).append(s)
    hit = set()
    for a in addresses:
        i = bisect.bisect(starts, a) - 1
        if i >= 0:
            hit.update(name for start, size, name in by_start[starts[i]] if a < start + size)
    # main and start-up code of the C library have sections of their own already.
    return sorted(name for name in hit if name not in ('main', '_start', '_init', '_fini') and not name.startswith('_GLOBAL__'))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--lintel', default=os.path.join(TOP, 'build', 'unordered', 'tools', 'lintel'))
    args = parser.parse_args()
    lintel = os.path.abspath(args.lintel)
    names = functions(lintel, set().union(*(entered(lintel) for _ in range(RUNS))))
    if len(names) < 500:
        sys.exit(f'startup_order: only {len(names)} functions found in {args.lintel}: was it made with LINTEL_ORDER_FUNCTIONS=OFF?')
    with open(OUT, 'w') as f:
        f.write('/* Functions that the run of a small program enters, by tools/startup_order.py. */\n'
                'SECTIONS { .text.start : {\n' + START + ''.join(f'*(.text.{name})\n' for name in names) + '} } INSERT BEFORE .text;\n')
    print(f'{len(names)} functions in {os.path.relpath(OUT, TOP)}')


if __name__ == '__main__':
    main()
