#!/usr/bin/env python3
"""A man page from its template in docs/man: what the command says of itself, and what the header says, is not written again.

    tools/make_man.py docs/man/lintel.1.in -o lintel.1 --lintel build/release/tools/lintel
    tools/make_man.py docs/man/lintel.3.in -o man3/lintel.3 --links      and man3/NAME.3 for each function

A template is mdoc(7). Lines that begin with @ are replaced:

    @synopsis CMD   the command with its arguments
    @about CMD      what `lintel help` says of the command
    @options CMD    the arguments and options that `lintel help CMD` lists; without CMD those of `lintel` itself
    @names          the functions of lintel.h, for the section NAME
    @reference      lintel.h: sections, functions, types
    @file PATH      the file's text

A command without @synopsis or @about, one with options of its own but without @options, and an option in the text between an @about and the next that the
command does not have, are errors.
"""
import argparse
import pathlib
import re
import subprocess
import sys

import api_docs

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACES = {"UINT": "number", "TEXT": "text"}
HELP = {"-h", "--help"}


def fail(text):
    sys.exit(f"make_man: {text}")


# ---- mdoc

def escaped(text):
    """As text of a line."""
    text = text.replace("\\", "\\e").replace("…", "...")
    return "\\&" + text if re.match(r"[.']", text) else text


def sentences(text):
    """Lines: mdoc wants each sentence to begin one. Paragraphs are apart by .Pp."""
    lines = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append(".Pp")
        lines += [escaped(s) for s in re.split(r"(?<=[.:;]) (?=[A-Z*`'\"])", " ".join(paragraph.split()))]
    return lines


def literal(text):
    return [".Bd -literal", *(escaped(line) for line in text.rstrip("\n").split("\n")), ".Ed"]


# ---- what the command says

class Help:
    """`lintel help CMD`: arguments and options as (names, value or "", text), commands as (name, text)."""

    def __init__(self, lintel, command=None):
        done = subprocess.run([lintel, "help", *([command] if command else [])], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            fail(f"lintel help {command or ''}: status {done.returncode}: {done.stderr}")
        self.arguments, self.options, self.commands, self.usage = [], [], [], ""
        lists = {"Positionals:": self.arguments, "Options:": self.options, "Subcommands:": self.commands}
        current, entry = None, None
        for line in done.stdout.splitlines():
            if line in lists:
                current = lists[line]
            elif line.startswith("Usage: lintel"):
                self.usage = line[len("Usage: lintel"):].strip()
            elif not line.strip():
                current = None
            elif current is not None and re.match(r"  \S", line):
                head, _, text = line[2:].partition("  ")
                entry = [head, text.strip()]
                current.append(entry)
            elif current is not None and line.startswith("   "):
                entry[1] = (entry[1] + " " + line.strip()).strip()
            elif current is not None:
                fail(f"lintel help {command}: what is this? {line}")
        self.arguments = [self.parsed(*e) for e in self.arguments]
        self.options = [self.parsed(*e) for e in self.options]

    @staticmethod
    def parsed(head, text):
        names, _, value = head.partition(" ")
        value = value.removesuffix(" ...")
        kind, _, what = value.partition(":")
        span = re.match(r"\w+ in \[(\d+) - (\d+)\]$", what)
        if span:
            text += f"; from {span[1]} to {span[2]}"
        if what.startswith("SIZE"):
            kind = "SIZE"
        return names.split(","), PLACES.get(kind, kind).lower(), text

    def names(self):
        return {name for names, _, _ in self.options for name in names}


def flag(name):
    return "Fl Fl " + name[2:] if name.startswith("--") else "Fl " + name[1:]


def options_list(help_of, is_command):
    items = []
    for (name,), value, text in help_of.arguments:
        items += [f".It Ar {name}", *sentences(text + ".")]
    for names, value, text in help_of.options:
        if is_command and HELP & set(names):
            continue
        items += [".It " + " , ".join(flag(n) for n in names) + (f" Ar {value}" if value else ""), *sentences(text + ".")]
    return [".Bl -tag -width Ds", *items, ".El"] if items else []


def synopsis(name, help_of):
    words = [word.strip("[]").lower().replace("...", " ...") for word in help_of.usage.split()[1:]]
    return [".Nm", f".Cm {name}", *(f".Op Ar {word}" for word in words)]


class CommandPage:
    def __init__(self, lintel):
        self.top = Help(lintel)
        self.commands = {name: Help(lintel, name) for name, _ in self.top.commands}
        self.about = dict(self.top.commands)
        self.shown, self.told, self.listed, self.current = set(), set(), set(), None

    def expand(self, word, argument):
        if word == "synopsis":
            self.shown.add(argument)
            return synopsis(argument, self.commands.get(argument) or fail(f"lintel help has no command {argument}"))
        if word == "about":
            self.current = argument
            self.told.add(argument)
            return sentences((self.about.get(argument) or fail(f"lintel help has no command {argument}")) + ".")
        if word == "options":
            self.listed.add(argument)
            return options_list(self.commands[argument] if argument else self.top, bool(argument))
        return None

    def check_line(self, line):
        if line.startswith(".S"):
            self.current = None
        if self.current is None or not self.commands[self.current].names() - HELP:
            return
        for name in re.findall(r"\bFl ((?:Fl )?[\w-]+)", line):
            name = "--" + name[3:] if name.startswith("Fl ") else "-" + name
            if name not in self.commands[self.current].names() | {"-pa", "-Fl"}:
                fail(f"lintel {self.current} has no option {name}")

    def finish(self):
        for name, help_of in self.commands.items():
            if name not in self.told & self.shown:
                fail(f"nothing is said about lintel {name}")
            if help_of.names() - HELP and name not in self.listed:
                fail(f"the options of lintel {name} are not listed")
        if "" not in self.listed:
            fail("the options of lintel itself are not listed")


# ---- what the header says

def arguments_of(function):
    """The declarations between its brackets."""
    inside, depth, parts = function[function.index("(") + 1:function.rindex(")")], 0, [""]
    for c in inside:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts]


def prototype(item):
    """As .Ft, .Fo, .Fa, .Fc."""
    before = item.text[:item.text.index(item.name + "(")].replace("LINTEL_OWNED ", "").strip()
    lines = [f".Ft {before}", f".Fo {item.name}"]
    lines += [f'.Fa "{a.replace("LINTEL_OWNED ", "")}"' for a in arguments_of(item.text)]
    return [*lines, ".Fc"]


class LibraryPage:
    def __init__(self):
        self.sections = api_docs.read_header((ROOT / "include/lintel/lintel.h").read_text())[1]
        self.functions = [i for s in self.sections for i in s.items if i.kind == "function"]

    def expand(self, word, _):
        if word == "names":
            return [f".Nm {f.name} ,".removesuffix(" ,") + (" ," if f is not self.functions[-1] else "") for f in self.functions]
        if word == "reference":
            return [line for section in self.sections for line in self.section(section)]
        return None

    def section(self, section):
        lines = [f".Ss {api_docs.upper(section.title)}", *(sentences(api_docs.upper(section.text)) if section.text else [])]
        for item in section.items:
            if item.first is not None:
                continue
            lines += [".Pp"] if len(lines) > 1 else []
            for one in [i for i in section.items if i is item or i.first is item]:
                lines += prototype(one) if one.kind == "function" else [f".{'Dv' if one.kind == 'macro' else 'Vt'} {one.name}"]
            lines += [".Bd -filled -offset indent", *sentences(api_docs.upper(item.doc))]
            if item.members:
                lines.append(".Bl -tag -width Ds")
                for text, doc in item.members:
                    lines += [f".It Li \"{escaped(text)}\"", *sentences(doc)]
                lines.append(".El")
            lines.append(".Ed")
        return lines

    def finish(self):
        pass

    def check_line(self, line):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("template", type=pathlib.Path)
    parser.add_argument("-o", dest="output", type=pathlib.Path, required=True)
    parser.add_argument("--lintel", type=pathlib.Path)
    parser.add_argument("--links", action="store_true")
    options = parser.parse_args()
    page = CommandPage(options.lintel.resolve()) if options.lintel else LibraryPage()
    out = ['.\\" Written by tools/make_man.py from ' + options.template.name + ". Do not edit."]
    for line in options.template.read_text().splitlines():
        if not line.startswith("@"):
            page.check_line(line)
            out.append(line)
            continue
        word, _, argument = line[1:].partition(" ")
        text = literal((ROOT / argument).read_text()) if word == "file" else page.expand(word, argument)
        if text is None:
            fail(f"{options.template.name}: what is {line}?")
        out += text
    page.finish()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    if options.links:
        for old in options.output.parent.iterdir():
            old.unlink()
        for function in page.functions:
            (options.output.parent / f"{function.name}.3").write_text(".so man3/lintel.3\n")
    options.output.write_text("\n".join(out) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
