"""The C program of the README as a file: the first block that begins with an include."""
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
block = re.search(r"^    #include.*\n(?:(?:    .*)?\n)*", text, re.MULTILINE).group(0)
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("".join(line[4:] if line.strip() else "\n" for line in block.splitlines(True)))
