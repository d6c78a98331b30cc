"""The man pages that `ninja man` has made: mandoc and groff find nothing wrong, and variables of the environment are those that the sources read.

    man_test.py FOLDER       which has man1/lintel.1 and man3/lintel.3
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def complaints(page):
    mandoc = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True, check=False).stdout
    if shutil.which("man") is None or shutil.which("groff") is None:
        return mandoc
    environment = dict(os.environ, LC_ALL="C.UTF-8", MANROFFSEQ="", MANWIDTH="100")
    return mandoc + subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], env=environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True, check=False).stderr


def variables_of_sources():
    """By getenv or a function for it with a literal name."""
    names = set()
    for folder in ("tools/lintel", "embed", "stdlib"):
        for path in [*(ROOT / folder).rglob("*.cpp"), *(ROOT / folder).rglob("*.h")]:
            names |= set(re.findall(r'(?:getenv|environment|environment\.get)\("(\w+)"', path.read_text()))
    return names


def main():
    folder = pathlib.Path(sys.argv[1])
    failed = False
    for page in ("man1/lintel.1", "man3/lintel.3"):
        said = complaints(folder / page)
        failed = failed or said != ""
        print(said, end="")
    text = (folder / "man1/lintel.1").read_text()
    listed = {name for line in re.findall(r"^\.It Ev (.*)$", text, re.MULTILINE) for name in re.findall(r"\w+", line)}
    for name in sorted(listed ^ variables_of_sources()):
        failed = True
        print(f"lintel.1: {name} is {'read by nobody' if name in listed else 'not told of'}")
    links = {p.name for p in (folder / "man3").iterdir()} - {"lintel.3"}
    header = (ROOT / "include/lintel/lintel.h").read_text()
    declared = {name + ".3" for name in re.findall(r"^LINTEL_API[^(]*?\b(lintel_\w+)\(", header, re.MULTILINE)}
    for name in sorted(links ^ declared):
        failed = True
        print(f"man3/{name}: {'of no function' if name in links else 'missing'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
