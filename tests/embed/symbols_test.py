"""Both libraries offer exactly the functions that the public headers declare."""
import pathlib
import re
import subprocess
import sys

folder, shared, static = sys.argv[1:]
folder = pathlib.Path(folder)
declared = set(re.findall(r"^LINTEL_API[^(]*?\b(lintel_\w+)\(", (folder / "lintel.h").read_text(), re.MULTILINE))
for name in ("erl_drv_nif.h", "erl_driver.h", "erl_nif.h"):
    text = (folder / name).read_text()
    declared |= set(re.findall(r"^ENIF_API[^(;]*?\b(\w+)\(", text, re.MULTILINE))
    declared |= set(re.findall(r"^extern ENIF_API [\w ]*?(\w+);", text, re.MULTILINE))
failed = not declared
for library, option in ((shared, "-D"), (static, "-g")):
    lines = subprocess.run(["nm", option, "--defined-only", library], check=True, capture_output=True, text=True).stdout
    offered = {line.split()[-1] for line in lines.splitlines() if re.match(r"[0-9a-f]+ \w ", line)}
    for name in sorted(offered ^ declared):
        failed = True
        print(f"{library}: {name} is {'not declared' if name in offered else 'missing'}")
sys.exit(1 if failed else 0)
