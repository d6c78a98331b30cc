"""Both libraries offer exactly the functions that the public headers declare.

In the static one nm also shows some inline constants of templates as "u" (unique): objcopy cannot make those local. They are not
counted; their names are C++'s own or begin with lintel::.
"""
import re
import subprocess
import sys

header, natives, shared, static = sys.argv[1:]
declared = set(re.findall(r"^LINTEL_API[^(]*?\b(lintel_\w+)\(", open(header).read(), re.MULTILINE))
declared |= set(re.findall(r"^ENIF_API[^(]*?\b((?:enif|erl)_\w+)\(", open(natives).read(), re.MULTILINE))
failed = not declared
for library, option in ((shared, "-D"), (static, "-g")):
    lines = subprocess.run(["nm", option, "--defined-only", library], check=True, capture_output=True, text=True).stdout
    offered = {line.split()[-1] for line in lines.splitlines() if re.match(r"[0-9a-f]+ [^u] ", line)}
    for name in sorted(offered ^ declared):
        failed = True
        print(f"{library}: {name} is {'not declared' if name in offered else 'missing'}")
sys.exit(1 if failed else 0)
