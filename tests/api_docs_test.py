"""tools/api_docs.py on a small header: what the page has, and that it refuses what nothing is said about."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
import api_docs  # noqa: E402

HEADER = """/* A library. */
#ifndef SMALL_H
#define SMALL_H

/* ---- things: each is one */

/* A thing, of small_make. */
typedef struct small_thing small_thing;

/* What it may be. */
typedef enum small_kind {
    SMALL_RED = 0, /* like *blood */
    SMALL_BLUE =
        1 /* as the sky */
} small_kind;

/* Its looks. */
typedef struct small_looks {
    small_kind kind; /* a colour */
    /* Called when somebody looks, with `context`. */
    int (*look)(void* context, int how);
} small_looks;

#define SMALL_MOST 4 /* of all */

/* Makes one; it may be SMALL_RED. */
SMALL_API small_thing* small_make(const small_looks* looks,
                                  int count);
SMALL_API void small_free(small_thing* thing);

#endif
"""
WANTED = [
    "## Things\n\nEach is one\n", "### small_make\n\n```c\nsmall_thing* small_make(const small_looks* looks, int count);\n```\n\nMakes one; it may be [`SMALL_RED`](#small_kind).",
    "With [`small_make`](#small_make).", "| `SMALL_RED = 0` | like \\*blood |\n| `SMALL_BLUE = 1` | as the sky |", "#define SMALL_MOST 4\n```\n\nOf all",
    "| `int (*look)(void* context, int how)` | Called when somebody looks, with `context`. |"]
# What is taken away, and what is complained of.
GAPS = [("/* A thing, of small_make. */\n", "small_thing has no comment"), ("/* What it may be. */\n", "small_kind has no comment"),
        (" /* like *blood */", "SMALL_RED = 0 has no comment"), (" /* a colour */", "kind has no comment"), (" /* of all */", "SMALL_MOST has no comment"),
        ("    /* Called when somebody looks, with `context`. */\n", "how) has no comment"),
        ("/* Makes one; it may be SMALL_RED. */\n", "small_free has no comment"), ("SMALL_API void", "what is this?")]


def main():
    failed = 0
    page = api_docs.lintel_page("", "small.h", HEADER)
    for text in WANTED:
        if text not in page:
            failed += 1
            print(f"not in the page: {text}\n{page}")
    for gap, complaint in GAPS:
        assert gap in HEADER
        try:
            api_docs.lintel_page("", "small.h", HEADER.replace(gap, ""))
            said = "nothing"
        except api_docs.Undocumented as error:
            said = str(error)
        if complaint not in said:
            failed += 1
            print(f"without {gap!r}: {said}")
    print(f"api_docs_test: {len(WANTED)} places, {len(GAPS)} gaps, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
