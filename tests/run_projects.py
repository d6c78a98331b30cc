#!/usr/bin/env python3
"""What people do with OTP's and Elixir's own tools: each script of tests/projects runs with the programs of `lintel link-otp` first on PATH, and with the real
ones. Output and exit status must be the same.

    tests/run_projects.py                            # tests/projects
    tests/run_projects.py --packages build/packages  # tests/packages: servers, tools and libraries that Debian has, fetched by tools/fetch_packages.sh

A script runs in an empty folder, with HOME, epmd and its port of its own, and with LINTEL set to the program if it is on Lintel (for the releases it makes).
The last line is 'N passed, N failed'.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

from comparison import ROOT, difference, run_all
from run_dist import free_port

FETCHED = "rabbitmq-server ejabberd yaws tsung " \
          "erlang-asciideck erlang-base64url erlang-bbmustache erlang-bear erlang-bitcask erlang-cf erlang-cowlib erlang-cuttlefish erlang-erlware-commons " \
          "erlang-folsom erlang-getopt erlang-goldrush erlang-horse erlang-idna erlang-jiffy erlang-jose erlang-lager erlang-luerl erlang-meck erlang-metrics " \
          "erlang-mimerl erlang-mochiweb erlang-neotoma erlang-poolboy erlang-proper erlang-proper-dev erlang-uuid " \
          "erlang-cl erlang-esdl erlang-megaco erlang-p1-cache-tab erlang-p1-eimp erlang-p1-iconv erlang-p1-mqtree erlang-p1-sip erlang-p1-sqlite3 " \
          "erlang-p1-stringprep erlang-p1-stun erlang-p1-tls erlang-p1-xml erlang-p1-xmpp erlang-p1-yaml erlang-p1-zlib"


def run(script, program, packages, timeout):
    """What it writes and how it ends; the same folder name for both."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        work = pathlib.Path(place) / "home" / "work"  # reports name two folders
        work.mkdir(parents=True)
        variables = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=str(work.parent), ERL_EPMD_PORT=str(free_port()), ERL_EPMD_ADDRESS="127.0.0.1",
                         LINTEL=program or "")
        if packages is not None:
            variables |= {"PACKAGES": str(packages), "PORT": str(free_port()), "LD_LIBRARY_PATH": f"{packages}/usr/lib/x86_64-linux-gnu"}
        if program is not None:
            subprocess.run([program, "link-otp", f"{place}/bin"], check=True, capture_output=True)
            variables["PATH"] = f"{place}/bin:{variables['PATH']}"
        # To a file: what a script leaves running would keep a pipe open.
        with open(f"{place}/output", "w+b") as output:
            command = ["timeout", "-s", "KILL", str(timeout), "sh", str(script)]
            status = subprocess.run(command, cwd=work, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT).returncode
            subprocess.run(["epmd", "-kill"], env=variables, capture_output=True)
            output.seek(0)
            text = output.read().decode("utf-8", "backslashreplace")
        return f"{text}status {status}".replace(place, "FOLDER").replace(variables.get("PORT", place), "PORT")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lintel", default=str(ROOT / "build" / "release" / "tools" / "lintel"), help="the program")
    parser.add_argument("--filter", default="", help="only scripts whose name contains this")
    parser.add_argument("--packages", type=pathlib.Path, help="folder of Debian packages; they are fetched if it is not there")
    parser.add_argument("--timeout", type=int, default=120, help="seconds for each")
    arguments = parser.parse_args()
    lintel = str(pathlib.Path(arguments.lintel).resolve())
    packages = arguments.packages and arguments.packages.resolve()
    if packages and not packages.exists():
        subprocess.run([ROOT / "tools" / "fetch_packages.sh", packages, *FETCHED.split()], check=True)
    scripts = ROOT / "tests" / ("packages" if packages else "projects")

    def test(script):
        expected = run(script, None, packages, arguments.timeout)
        if expected.endswith("status -9"):
            return f"erl has not ended after {arguments.timeout} s"
        return difference(expected, run(script, lintel, packages, arguments.timeout))

    return run_all([(s.stem, test, s) for s in sorted(scripts.glob("*.sh")) if arguments.filter in s.stem], workers=1)


if __name__ == "__main__":
    sys.exit(main())
