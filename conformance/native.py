"""Native parts of suites: their Makefile.src, a template of OTP's own test builds, filled in for gcc and an installed OTP's headers."""

import os
import pathlib
import re
import subprocess

# What OTP's configure finds on Linux, as far as their C files ask.
HAS = ["ISFINITE", "STRERROR", "VSNPRINTF", "UNISTD_H", "POLL_H", "RANDOM_R"]
FLAGS = "-O2 -g0 -fPIC -fno-common -w -D_GNU_SOURCE -D_REENTRANT " + " ".join(f"-DHAVE_{name}=1" for name in HAS)
# A shared library of the C file of its name.
SHARED = """
%.so: %.c
\tgcc {flags} $(SHLIB_EXTRA_CFLAGS) -I{include} -shared -o $@ $< $(SHLIB_EXTRA_LDLIBS) $(LIBS)
"""


def variables(release):
    usr = pathlib.Path(release.root) / "usr"
    include, libraries = usr / "include", "-lm -ldl -lpthread"
    return {
        "CC": "gcc", "LD": "gcc", "CFLAGS": FLAGS, "DEFS": "", "CROSSLDFLAGS": "", "LIBS": libraries, "SHLIB_CFLAGS": FLAGS, "EI_CFLAGS": FLAGS, "WSL": "",
        "dll": ".so", "obj": ".o", "exe": "", "EMULATOR": "beam", "erl_name": release.erl, "erl_include": str(include),
        "erl_interface_mk_include": os.devnull, "erl_interface_include": str(include), "erl_interface_eilib": str(usr / "lib/libei.a"),
        "erl_interface_threadlib": "-lpthread", "erl_interface_sock_libs": "", "ERTS_LIBS": libraries, "SHLIB_RULES": SHARED.format(flags=FLAGS, include=include),
    }


def expanded(template, release):
    """The Makefile; or None and a variable that is not known: a part of OTP's own build that is not installed."""
    known = variables(release)
    unknown = [name for name in re.findall(r"@(\w+)@", template) if name not in known]
    return (None, unknown[0]) if unknown else (re.sub(r"@(\w+)@", lambda m: known[m[1]], template), None)


def build(folder, suite, release):
    """Builds what the suite's data folder has, once. None, or what is wrong."""
    data = folder / f"{suite}_data"
    template, built = data / "Makefile.src", data / ".built"
    if not template.exists():
        return None
    if built.exists():
        return built.read_text() or None
    text, unknown = expanded(template.read_text(), release)
    if text is None:
        wrong = f"it wants @{unknown}@, which no installed OTP has"
    else:
        (data / "Makefile").write_text(text)
        done = subprocess.run(["make", "-kB"], cwd=data, capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8", **release.environment()))
        errors = [line for line in done.stderr.splitlines() if "rror" in line]
        wrong = "" if done.returncode == 0 else (errors or ["make has failed"])[0]
    built.write_text(wrong)
    return wrong or None
