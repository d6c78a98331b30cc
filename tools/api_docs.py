"""The reference of the public headers, docs/api: for tools/gen_docs.py.

The headers are read by rules of this house, and what does not follow them is an error:

- a comment stands right above what it is about; declarations without an empty line between them share it;
- a field or a value has its comment above it, or behind it on its line;
- `/* ---- title` begins a section, with a text behind an empty line, if there is any;
- in C++ comments are `///`, and `// ---- title` begins a section.

A declaration that nothing is said about is an error, too.
"""
import re


class Undocumented(Exception):
    """What is wrong with a header; the text has file and line."""


class Item:
    """A declaration: its name, kind, comment, text; its fields or values: (text, comment)."""

    def __init__(self, kind, name, line, text, doc, first=None, members=()):
        self.kind, self.name, self.line, self.text, self.doc = kind, name, line, text, doc
        self.first, self.members = first, list(members)
        self.behind = ""  # the comment behind it on its line, if that is not its only one


class Section:
    def __init__(self, title="", text=""):
        self.title, self.text, self.items = title, text, []


def plain(comment):
    """The words of a /* */ or /// comment; paragraphs stay."""
    text = re.sub(r"^/\*|\*/$", "", comment.strip())
    lines = [re.sub(r"^\s*(?:\*(?: |$)|///? ?)", "", line).strip() for line in text.splitlines()]
    return re.sub(r"[^\S\n]+", " ", re.sub(r"(?<!\n)\n(?!\n)", " ", "\n".join(lines).strip())).strip()


# ---- C headers

def pieces(text):
    """(line, kind, text): comments, # lines with what continues them, declarations up to their ;, empty lines."""
    at, line = 0, 1
    patterns = (("comment", r"/\*.*?\*/[^\S\n]*\n"), ("empty", r"[^\S\n]*\n"), ("directive", r"#(?:[^\n]*\\\n)*[^\n]*\n"),
                ("brace", r'extern "C" \{\n|\}\n'), ("declaration", r"[a-zA-Z].*?;[^\S\n]*(?:/\*.*?\*/)?[^\S\n]*\n"))
    while at < len(text):
        for kind, pattern in patterns:
            found = re.compile(pattern, re.DOTALL).match(text, at)
            if found and kind == "declaration" and "{" in found[0]:  # up to the end of its braces
                found = re.compile(r"[^{]*\{[^}]*\}[^\n;]*;[^\S\n]*(?:/\*.*?\*/)?[^\S\n]*\n", re.DOTALL).match(text, at)
            if found:
                break
        if not found:
            raise Undocumented(f"{line}: what is this? {text[at:at + 60]!r}")
        yield line, kind, found[0]
        line += found[0].count("\n")
        at = found.end()


def members_of(body, separator):
    """(text, comment) of fields (";") or values (",")."""
    members, code, doc, ended_at = [], "", "", -1
    for m in re.finditer(r"/\*.*?\*/|\n|[^/\n]+|/", body + "\n", re.DOTALL):
        token = m[0]
        if token.startswith("/*"):
            on_line = body.rfind("\n", 0, m.start()) < ended_at
            if code.strip():
                doc = plain(token)
            elif on_line and members:
                members[-1] = (members[-1][0], plain(token))
            else:
                doc = plain(token)
            continue
        code += token
        while separator in code:
            one, code = code.split(separator, 1)
            members.append((" ".join(one.split()), doc))
            doc, ended_at = "", m.end()
    if code.strip():
        members.append((" ".join(code.split()), doc))
    return members


def without_comments(text):
    return re.sub(r"\s*/\*.*?\*/", "", text, flags=re.DOTALL)


def declaration(line, text, doc, first):
    behind = re.search(r"/\*(.*?)\*/\s*$", text, re.DOTALL)
    body = re.match(r"(typedef )?(struct|enum) ?(\w*) \{(.*)\}\s*(\w*);", text, re.DOTALL)
    if body:
        members = members_of(body[4], ";" if body[2] == "struct" else ",")
        return Item(body[2], body[5] or body[3], line, text, doc, first, members)
    code = " ".join(without_comments(text).split())
    if ";" in code[:-1]:
        raise Undocumented(f"{line}: more than one declaration on a line: {code}")
    name = re.match(r"(?:typedef|extern) .*?\(\*(\w+)\)|typedef .*?(\w+)\(.*\);$|(?:typedef|extern) .*?(\w+)(?:\[.*\])?;$", code)
    if name:
        return Item("type", next(filter(None, name.groups())), line, code, doc, first)
    function = re.match(r"(?:\w+_API) (.*?)(\w+)\((.*)\);$", code)
    if not function:
        raise Undocumented(f"{line}: what is this? {code}")
    item = Item("function", function[2], line, code.split(" ", 1)[1], doc or (plain(behind[0]) if behind else ""), first)
    item.behind = plain(behind[0]) if behind else ""
    return item


def read_header(text):
    """The header's own comment and its sections."""
    head, sections, doc, first, nesting = None, [Section()], "", None, 0
    known = set()
    for line, kind, piece in pieces(text):
        if kind == "comment" and head is None:
            head = plain(piece)
        elif kind == "comment" and re.match(r"/\* ----", piece):
            title, *text = re.split(r"\n\n|[:.] ", plain(piece)[5:], maxsplit=1)
            sections.append(Section(title.rstrip("."), "".join(text)))
            doc, first = "", None
        elif kind == "comment":
            doc, first = plain(piece), None
        elif kind == "empty":
            doc, first = "", None
        elif kind == "directive":
            if re.match(r"#if", piece):
                nesting += 1
            elif piece.startswith("#endif"):
                nesting -= 1
            define = re.match(r"#define (\w+)(\(.*?\))?", piece)
            if not define or re.match(r"#define \w+_H$", piece) or define[1] in known:
                continue
            behind = re.search(r"/\*.*?\*/", piece, re.DOTALL)
            value = without_comments(piece)[define.end():].strip("\\ \n")
            short = " " + value if value.isalnum() else ""
            item = Item("macro", define[1], line, define[0][len("#define "):] + short, plain(behind[0]) if behind else doc,
                        None if behind else first)
            sections[-1].items.append(item)
            known.add(item.name)
            first = first or item
        elif kind == "declaration":
            item = declaration(line, piece, doc, first)
            sections[-1].items.append(item)
            known.add(item.name)
            first = first or item
    return head, [s for s in sections if s.items or s.text]


def check(name, sections):
    """Raises if nothing is said of something."""
    missing = []
    for item in (i for s in sections for i in s.items):
        if not item.doc:
            missing.append(f"{name}:{item.line}: {item.name} has no comment")
        missing += [f"{name}:{item.line}: {item.name}: {text} has no comment" for text, doc in item.members if not doc]
    if missing:
        raise Undocumented("\n".join(missing))


# ---- pages

def upper(text):
    return text[:1].upper() + text[1:]


class Page:
    """Markdown, with links between names."""

    def __init__(self, head):
        self.lines, self.links, self.slugs = [head], {}, {}

    def slug(self, heading):
        """As GitHub makes them."""
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = self.slugs.get(slug, 0)
        self.slugs[slug] = count + 1
        return f"{slug}-{count}" if count else slug

    def markdown(self, text, but=""):
        """Text of a comment: names become links, what Markdown would understand is escaped; `code` stays."""
        def word(m):
            name = m[0]
            if name in self.links and name != but:
                return f"[`{name}`]({self.links[name]})"
            if name.startswith("enif_"):
                return f"[`{name}`](erl_nif.md)"
            return f"`{name}`" if "_" in name and name.isascii() else name

        def piece(text):
            if text.startswith("`"):
                return word(re.match(r".*", text[1:-1])) if text[1:-1] in self.links else text
            escaped = re.sub(r"([*<|])", r"\\\1", text)
            escaped = re.sub(r"\bdocs/([\w/]+\.md)", r"[\1](../\1)", escaped)
            return re.sub(r"(?<![:\w])[A-Za-z]\w*(?:_\w+)+(?![\w…]|\(\d\))|\b(?:ErlNif\w+|ERL_NIF_TERM)\b", word, escaped)

        return "".join(piece(part) for part in re.split(r"(`[^`]*`)", text))


def tidy(lines):
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def lintel_page(head, name, text):
    """Everything of lintel.h, in its order."""
    about, sections = read_header(text)
    check(name, sections)
    page = Page(head)
    headings = []
    for section in sections:
        headings.append((section, None, page.slug(upper(section.title))))
        for item in section.items:
            headings.append((section, item, page.slug(item.name)))
            page.links[item.name] = "#" + headings[-1][2]
            if item.kind == "enum":
                page.links.update({re.match(r"\w+", t)[0]: "#" + headings[-1][2] for t, _ in item.members})
    out = page.lines
    out.append(f"# {name}\n\n{page.markdown(about)}\n\nThe guide is [embedding.md](../embedding.md).\n")
    for section, item, slug in headings:
        if item is None:
            names = [f"[`{i.name}`]({page.links[i.name]})" for i in section.items]
            out.append(f"- [{upper(section.title)}](#{slug}): " + ", ".join(names))
    for section, item, _ in headings:
        if item is None:
            out.append(f"\n## {upper(section.title)}\n")
            if section.text:
                out.append(page.markdown(upper(section.text)) + "\n")
            continue
        out.append(f"### {item.name}\n")
        if item.kind == "macro":
            out.append(f"```c\n#define {item.text}\n```\n")
        elif not item.members:
            out.append(f"```c\n{item.text}\n```\n")
        out.append((f"With [`{item.first.name}`]({page.links[item.first.name]})." if item.first else page.markdown(upper(item.doc), item.name)) + "\n")
        if item.members:
            out.append(f"| {'field' if item.kind == 'struct' else 'value'} | |\n|---|---|")
            out += [f"| `{text}` | {page.markdown(doc)} |" for text, doc in item.members]
            out.append("")
    return tidy(out)


def functions_page(head, name, headers, manual):
    """The functions of headers that are OTP's interface, by family: {name: text}."""
    page, count = Page(head), 0
    families = []
    for header, text in headers.items():
        sections = read_header(text)[1]
        for item in (i for s in sections for i in s.items):
            is_function = item.kind == "function" or (item.kind == "macro" and re.match(r"(enif|driver|erl_drv)_", item.name))
            if not is_function:
                continue
            if not item.doc:
                raise Undocumented(f"{header}:{item.line}: {item.name} is in no family that a comment names")
            if not families or families[-1][0] is not (item.first or item):
                families.append((item.first or item, []))
            text = "#define " + item.text if item.kind == "macro" else item.text
            families[-1][1].append(text + (f"  /* {item.behind} */" if item.behind else ""))
            count += item.kind == "function"
    about = read_header(headers[name])[0]
    page.lines.append(f"# {name}\n\n{page.markdown(about)}\n\n{count} functions. What each does is in OTP's manual, {manual}.")
    for first, functions in families:
        title, *rest = re.split(r"[.:;] ", first.doc, maxsplit=1)
        page.lines.append(f"\n## {title.rstrip('.')}\n")
        page.lines += [page.markdown(upper(text)) + "\n" for text in rest]
        page.lines.append("```c\n" + "\n".join(functions) + "\n```")
    return tidy(page.lines)


# ---- C++

def skip(text, at):
    """Behind the bracket that closes the one at `at`; strings and comments are passed over."""
    depth = 0
    while at < len(text):
        m = re.compile(r'//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'').match(text, at)
        if m:
            at = m.end()
            continue
        depth += (text[at] in "{(") - (text[at] in "})")
        at += 1
        if depth == 0:
            return at
    return at


def cpp_items(text, at, end):
    """(comment, declaration, where its body begins or None) of each declaration, `access:` too."""
    doc = ""
    while at < end:
        space = re.compile(r"\s*\n|[ \t]+").match(text, at)
        if space:
            if space[0].count("\n") > 1:
                doc = ""
            at = space.end()
            continue
        comment = re.compile(r"(?:[ \t]*//[^\n]*\n)+").match(text, at)
        if comment:
            if re.match(r"// ----", comment[0]):
                yield "", comment[0], None
            doc = plain(comment[0]) if comment[0].lstrip().startswith("///") else ""
            at = comment.end()
            continue
        other = re.compile(r"#[^\n]*\n|(?:public|private|protected):").match(text, at)
        if other:
            yield "", other[0], None
            at = other.end()
            continue
        start = at
        while at < end and text[at] not in ";{":
            at = skip(text, at) if text[at] == "(" else at + 1
        body = at if text[at] == "{" else None
        yield doc, " ".join(text[start:at].split()), body
        doc = ""
        if body is not None:
            at = skip(text, at)
            # A member that is initialised with braces, or a class, goes on to its semicolon.
            tail = re.compile(r"\s*;").match(text, at)
            at = tail.end() if tail else at
        else:
            at += 1


def signature(text):
    text = re.sub(r"^(template <[^>]*(?:<[^>]*>[^>]*)*>) ", r"\1 ", text)
    return re.sub(r"(\)(?: const)?(?: &&?)?) : .*$", r"\1", text)


def cpp_page(head, name, text):
    """Classes with their public members, and functions."""
    page, missing = Page(head), []
    about = re.sub(r"^/// ?", "", re.match(r"(?:///[^\n]*\n)+", text)[0], flags=re.MULTILINE)
    summary, example, rest = re.match(r"(.*?)((?:    [^\n]*\n)+)(.*)", about, re.DOTALL).groups()
    example = re.sub(r"^    ", "", example, flags=re.MULTILINE)
    page.lines.append(f"# {name}\n\n{page.markdown(plain(summary))}\n\n```cpp\n{example}```\n\n{page.markdown(plain(rest))}\n")
    begin = text.index("inline namespace host_api {")
    begin = text.index("{", begin) + 1
    end = text.index("}  // namespace host_api")
    for doc, code, body in cpp_items(text, begin, end):
        section = re.match(r"// ---- (.*)", code)
        if section:
            page.lines.append(f"\n## {upper(section[1])}\n")
            continue
        kind = re.search(r"(?:^|> )(class|struct)(?: \[\[\w+\]\])? (\w+)(<.*>)?(?: : .*)?$", code)
        specialised = kind and kind[3]
        line = text.count("\n", 0, text.index(code.split("(")[0].split(" ")[-1])) + 1
        if not doc and not specialised and re.search(rf"\b{re.escape(last_name(code))}\b", "\n".join(page.lines)):
            continue  # declared before
        if not doc and not specialised:
            missing.append(f"{name}:{line}: {code} has no comment")
            continue
        if specialised:
            page.lines.append(f"- `{kind[2]}{kind[3]}`" + (f": {page.markdown(doc)}" if doc else ""))
            continue
        if not kind:
            page.lines.append(f"\n```cpp\n{signature(code)};\n```\n\n{page.markdown(doc)}\n")
            continue
        page.lines.append(f"\n### {kind[2]}\n\n{page.markdown(doc)}\n")
        members, public = [], kind[1] == "struct"
        for inner, member, _ in cpp_items(text, body + 1, skip(text, body) - 1) if body else ():
            if member in ("public:", "private:", "protected:"):
                public = member == "public:"
            elif public and not re.match(r"#|friend |using ", member) and "= default" not in member:
                members += [f"/// {inner}"] * bool(inner) + [signature(member) + ";"]
        if members:
            page.lines.append("```cpp\n" + "\n".join(members) + "\n```\n")
    if missing:
        raise Undocumented("\n".join(missing))
    return tidy(page.lines)


def last_name(code):
    """What a declaration declares."""
    code = re.sub(r"=.*", "", code.split("(")[0]).strip()
    return re.findall(r"\w+", code)[-1]


def pages(root, head):
    """{path: text}; raises Undocumented."""
    folder = root / "include/lintel"
    text = {path.name: path.read_text() for path in folder.iterdir()}
    def head_of(*names):
        return head.format(" and ".join(f"include/lintel/{n}" for n in names))
    return {
        "docs/api/lintel.md": lintel_page(head_of("lintel.h"), "lintel.h", text["lintel.h"]),
        "docs/api/lintel_hpp.md": cpp_page(head_of("lintel.hpp"), "lintel.hpp", text["lintel.hpp"]),
        "docs/api/erl_nif.md": functions_page(head_of("erl_nif.h"), "erl_nif.h", {"erl_nif.h": text["erl_nif.h"]}, "erl_nif(3)"),
        "docs/api/erl_driver.md": functions_page(head_of("erl_driver.h", "erl_drv_nif.h"), "erl_driver.h",
                                                 {n: text[n] for n in ("erl_driver.h", "erl_drv_nif.h")}, "erl_driver(3)"),
    }


def anchors(text):
    page = Page("")
    return {page.slug(heading) for heading in re.findall(r"^#+ (.*)", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)}


def broken_links(root):
    """Links of docs, the guide and the reference among them, that lead nowhere."""
    for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        text = re.sub(r"^```.*?^```|`[^`]*`", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
        for link in re.findall(r"\]\(([^)\s]*)\)", text):
            file, _, place = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            if "://" in link:
                continue
            if not target.exists() or (place and place not in anchors(target.read_text())):
                yield f"{path.relative_to(root)}: {link}"
