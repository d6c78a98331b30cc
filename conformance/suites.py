"""The suites of a release: their sources, compiled, with their native parts and the harness; nothing of it is in this repository."""

import collections
import concurrent.futures
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

import elixir
import native

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = pathlib.Path(__file__).resolve().parent
# What runs if nothing is named. Other applications' suites are areas, too.
AREAS = ["emulator", "stdlib", "kernel", "compiler"]

Case = collections.namedtuple("Case", "area suite groups name")


class Broken(Exception):
    """What keeps everything from running: told in one line."""

    status = 2


class NotFetched(Broken):
    """What Debian's mirror does not give."""

    status = 3


def name_of(case):
    return "/".join([case.area, case.suite, *case.groups, case.name])


def build_folder():
    """Of a source tree its build folder, else the user's cache."""
    if (ROOT / "CMakeLists.txt").exists():
        return ROOT / "build"
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "lintel"


class Release:
    """An installed OTP: its programs, and where they are."""

    def __init__(self, otp, erl, build):
        """The one that `erl` starts, if that is of this release (None: whichever it is), else the one that tools/fetch_otp.sh unpacks."""
        self.erl, self.programs = erl, pathlib.Path(erl).resolve().parent if "/" in erl else None
        self.erlc = str(self.programs / "erlc") if self.programs else "erlc"
        self.root, self.version = self.ask()
        if otp is not None and not self.version.startswith(f"Erlang/OTP {otp} ") and erl == "erl":
            folder = build / f"otp{otp}"
            fetched = subprocess.run([str(ROOT / "tools" / "fetch_otp.sh"), otp, str(folder)], stdout=subprocess.DEVNULL) if otp != "25" else None
            if fetched is None or fetched.returncode != 0:
                raise NotFetched(f"the installed erl is {self.version or 'missing'}, and OTP {otp} could not be had")
            self.programs = folder / "programs"
            self.erl, self.erlc = str(self.programs / "erl"), str(self.programs / "erlc")
            self.root, self.version = self.ask()
        if self.version == "":
            raise Broken(f"{erl}: does not run: it is what compiles suites, and the reference")
        if otp is not None and not self.version.startswith(f"Erlang/OTP {otp} "):
            raise Broken(f"{erl}: is {self.version}, not OTP {otp}")
        self.otp = otp or self.version.split()[1]

    def ask(self):
        told = version_of([self.erl])
        return told if told is not None else ("", "")

    def environment(self):
        """Of programs that are to use this release: its own, and a Lintel that boots it."""
        if self.programs is None:
            return {}
        return {"PATH": f"{self.programs}:{os.environ['PATH']}", "LINTEL_OTP_ROOT": self.root}


def version_of(command, environment=None):
    """(root folder, name) of a VM, or None if it does not start."""
    ask = 'io:format("~ts~n~ts", [code:root_dir(), erlang:system_info(system_version)]), halt().'
    try:
        done = subprocess.run([*command, "-noshell", "-eval", ask], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, **(environment or {})))
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or len(lines) != 2:
        return None
    # Not how many schedulers and threads there are.
    return lines[0], " ".join(w for w in lines[1].split() if w.split(":")[0] not in ("[smp", "[ds", "[async-threads"))


class Suites:
    def __init__(self, release, build, jobs, own=None):
        """own: a folder of suites that stand in for OTP's: the one area, of that name."""
        self.release, self.jobs, self.own = release, jobs, own
        self.build = build / (f"otp{release.otp}" if own is None else f"own-{own.name}")
        self.source = self.build / "source" / "otp"
        if own is None:
            self.fetch("otp")
        self.harness = self.build / "harness"
        self.harness.mkdir(parents=True, exist_ok=True)
        sources = sorted((HERE / "harness").glob("*.erl"))
        self.harness_digest = hashlib.sha256(b"".join(s.read_bytes() for s in sources)).hexdigest()
        self.compile(self.harness, sources, [])
        self.named_in = {}

    def fetch(self, what):
        fetched = subprocess.run([str(HERE / "fetch_sources.sh"), self.release.otp, str(self.build / "source"), what])
        if fetched.returncode != 0:
            raise NotFetched(f"the sources of {what} could not be had, for OTP {self.release.otp}")

    def source_of(self, area):
        if self.own is not None:
            return self.own
        if area == elixir.AREA:
            return self.build / "source" / "elixir"
        return self.source / ("erts/emulator/test" if area == "emulator" else f"lib/{area}/test")

    def areas(self):
        """The default ones first."""
        if self.own is not None:
            return [self.own.name]
        others = sorted(f.parent.name for f in (self.source / "lib").glob("*/test") if any(f.glob("*_SUITE.erl")))
        return AREAS + [a for a in others if a not in AREAS] + [elixir.AREA]

    def default_areas(self):
        return AREAS if self.own is None else [self.own.name]

    def folder(self, area):
        """That is prepared."""
        return self.build / area

    def named(self, area):
        if area == elixir.AREA and self.own is None:
            return elixir.APPLICATIONS
        if area not in self.named_in:
            self.named_in[area] = sorted(f.stem for f in self.source_of(area).glob("*_SUITE.erl"))
        return self.named_in[area]

    def digest(self, area, suite):
        """Of what a suite's results depend on, beside the VM."""
        if area == elixir.AREA:
            return elixir.digest(self.source_of(area), suite)
        text = (self.source_of(area) / f"{suite}.erl").read_bytes()
        return hashlib.sha256(text + self.harness_digest.encode()).hexdigest()

    def compile(self, out, files, options):
        """What does not compile is missing, and told if it is a suite: some of what suites are tried on is not to compile."""
        stale = [f for f in files if not (out / (f.stem + ".beam")).exists() or (out / (f.stem + ".beam")).stat().st_mtime < f.stat().st_mtime]
        environment = dict(os.environ, **self.release.environment())

        def one(source):
            done = subprocess.run([self.release.erlc, "+nowarn_export_all", "+debug_info", *options, "-o", str(out), source.name], capture_output=True, text=True,
                                  cwd=source.parent, env=environment)
            if done.returncode != 0 and (source.stem.endswith("_SUITE") or out == self.harness):
                first = next((l for l in done.stdout.splitlines() if l.strip()), "")
                print(f"{source.name}: does not compile: {first}", file=sys.stderr)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            list(pool.map(one, stale))

    def prepare(self, area, suites):
        """A folder with the area's sources, data and compiled modules, which its suites expect to be in. Of suites only those that are wanted are compiled, and the
        native parts of these alone are built."""
        source, folder = self.source_of(area), self.folder(area)
        if area == elixir.AREA:
            installed = elixir.root_of(self.release)
            if installed is None:
                raise Broken("there is no Elixir whose tests could run")
            self.fetch("elixir")
            elixir.prepare(source, installed)
            return
        if self.own is not None:
            shutil.copytree(source, folder, dirs_exist_ok=True)
        elif not folder.exists():
            shutil.copytree(source, folder.with_suffix(".part"), symlinks=True)
            folder.with_suffix(".part").rename(folder)
        application = source.parent
        options = [f"-I{folder}"]
        if self.own is None:
            options = [f"-I{self.source / 'lib'}", f"-I{application / 'src'}", f"-I{application / 'include'}", *options, f"-I{self.source / 'lib/kernel/src'}",
                       f"-I{self.source / 'lib/stdlib/src'}"]
        self.compile(folder, [f for f in sorted(folder.glob("*.erl")) if not f.stem.endswith("_SUITE") or f.stem in suites], options)
        for suite in suites:
            wrong = native.build(folder, suite, self.release)
            if wrong is not None:
                print(f"{suite}: its native part cannot be built: {wrong}", file=sys.stderr)
