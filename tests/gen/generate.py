"""Random Erlang programs. `module(family, name, seed)` is the text of a module whose main/0 prints what many small functions do
with many arguments. The same seed makes the same program. Arguments reach the functions at run time, so that the compiler
cannot work anything out before."""

import random

HEADER = """-module({name}).
-compile([nowarn_unused_vars, nowarn_unused_function, nowarn_shadow_vars, nowarn_export_all, nowarn_nomatch, nowarn_failed]).
-export([main/0]).

main() ->
    _ = [call(N, F, As) || {{N, F, Argss}} <- calls(), As <- Argss],
    ok.

call(N, F, As) ->
    try show(erlang:apply(F, As)) of
        V -> io:format("~w ~tw: ~tw~n", [N, show(As), V])
    catch
        C:R:S -> io:format("~w ~tw: ~w ~tw ~tw~n", [N, show(As), C, show(R), trace(S)])
    end.

%% Two entries of a stack trace.
trace(S) -> [{{M, F, show(A), info(M, Is)}} || {{M, F, A, Is}} <- lists:sublist(S, 2)].

%% erl loads what is built into it without lines.
info(erlang, Is) -> [I || I = {{K, _}} <- Is, K =/= file, K =/= line];
info(_, Is) -> [I || I = {{K, _}} <- Is, K =/= file].

%% Functions and references do not look the same twice.
show(M) when is_map(M), map_size(M) > 32 -> {{large_map, [{{show(K), show(V)}} || {{K, V}} <- pairs(M)]}};
show(M) when is_map(M) -> maps:from_list([{{show(K), show(V)}} || {{K, V}} <- maps:to_list(M)]);
show(T) when is_tuple(T) -> list_to_tuple(show(tuple_to_list(T)));
show([H | T]) -> [show(H) | show(T)];
show(F) when is_function(F) -> a_fun;
show(R) when is_reference(R) -> a_reference;
show(P) when is_pid(P) -> a_pid;
show(T) -> T.

%% The pairs of a map in its order, if two VMs agree upon it: where keys of OTP's large maps have atoms in them, it follows from numbers that
%% these have in the VM.
pairs(M) ->
    case lists:any(fun is_numbered/1, maps:keys(M)) of
        true -> lists:sort(maps:to_list(M));
        false -> maps:to_list(M)
    end.

is_numbered([H | T]) -> is_numbered(H) orelse is_numbered(T);
is_numbered(T) when is_tuple(T) -> is_numbered(tuple_to_list(T));
is_numbered(M) when is_map(M) -> is_numbered(maps:to_list(M));
is_numbered(T) -> is_atom(T) orelse is_function(T) orelse is_reference(T) orelse is_pid(T) orelse is_port(T).

"""


class Gen:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def pick(self, *items):
        return self.r.choice(items)

    def some(self, low, high, make):
        return [make() for _ in range(self.r.randint(low, high))]

    # ---- values, as source text

    def small(self):
        return str(self.r.randint(-20, 20))

    def integer(self):
        r = self.r
        kind = r.randrange(8)
        if kind < 2:
            return self.small()
        if kind == 2:
            return str(r.randint(-(1 << 31), 1 << 31))
        if kind == 3:
            return str(self.pick(1, -1) * ((1 << r.choice((59, 60, 61, 62, 63, 64, 127, 128, 192))) + r.randint(-2, 2)))
        if kind == 4:
            return str(r.randint(-(1 << 64), 1 << 64))
        if kind == 5:
            return str(r.randint(-(1 << 200), 1 << 200))
        if kind == 6:
            return str(self.pick(1, -1) * r.getrandbits(r.randint(1, 700)))
        return str(r.randint(0, 300))

    def float(self):
        r = self.r
        kind = r.randrange(7)
        if kind == 0:
            return repr(float(r.randint(-10, 10)))
        if kind == 1:
            return repr(r.uniform(-1000, 1000))
        if kind == 2:
            return self.exact(r.uniform(-1, 1) * 10.0 ** r.randint(-300, 300))
        if kind == 3:
            return self.pick("0.0", "-0.0", "1.0e308", "-1.7976931348623157e308", "5.0e-324", "2.2250738585072014e-308", "0.1")
        if kind == 4:
            return self.exact(float(1 << r.choice((52, 53, 54, 59, 60, 63, 64, 100))) + r.randint(-3, 3))
        if kind == 5:
            return repr(r.randint(-100, 100) / 8)
        return self.exact(r.uniform(-1, 1) * 10.0 ** r.randint(-12, 20))

    @staticmethod
    def exact(x):
        text = repr(x)
        if "e" in text and "." not in text.split("e")[0]:
            text = text.replace("e", ".0e")
        return text.replace("e+", "e")

    def number(self):
        return self.integer() if self.r.random() < 0.7 else self.float()

    def atom(self):
        return self.pick("a", "b", "ok", "error", "true", "false", "undefined", "''", "'A b'", "'\\x{e4}\\x{3b1}'", "nonode@nohost", "infinity")

    def binary(self):
        r = self.r
        kind = r.randrange(6)
        if kind == 0:
            return "<<>>"
        if kind == 1:
            return '<<"%s">>' % self.word()
        if kind == 2:
            return "<<%s>>" % ",".join(str(r.randrange(256)) for _ in range(r.randint(1, 20)))
        if kind == 3:
            return "<<%d:%d>>" % (r.getrandbits(40), r.randint(1, 70))
        if kind == 4:
            return "<<%s>>" % ",".join(str(r.randrange(256)) for _ in range(r.randint(60, 80)))
        return '<<"%s"/utf8>>' % self.text()

    def word(self):
        return "".join(self.r.choice("abcxyzABC019 .-+e_") for _ in range(self.r.randint(0, 12)))

    def text(self):
        return "".join(self.r.choice("abc \\x{e4}|\\x{3b1}|\\x{4e2d}|\\x{1f600}|z".split("|")) for _ in range(self.r.randint(0, 6)))

    def leaf(self):
        return self.pick(self.small, self.integer, self.integer, self.float, self.atom, self.atom, self.binary, lambda: "[]")()

    def term(self, depth=3):
        r = self.r
        if depth == 0 or r.random() < 0.45:
            return self.leaf()
        kind = r.randrange(6)
        if kind == 0:
            return "{%s}" % ",".join(self.some(0, 4, lambda: self.term(depth - 1)))
        if kind == 1:
            return "[%s]" % ",".join(self.some(0, 4, lambda: self.term(depth - 1)))
        if kind == 2:
            return "[%s|%s]" % (self.term(depth - 1), self.leaf())
        if kind == 3:
            return "#{%s}" % ",".join(self.some(0, 4, lambda: "%s => %s" % (self.term(depth - 1), self.term(depth - 1))))
        if kind == 4:
            return '"%s"' % self.word()
        return "fun lists:%s/%d" % (self.pick("map", "foldl", "sort"), r.randint(1, 3))

    def related(self):
        """Two terms that are often nearly the same."""
        a = self.term()
        if self.r.random() < 0.6:
            b = a
            for old, new in (("1", "1.0"), ("a", "b"), ("0", "1"), ("2", "3")):
                if self.r.random() < 0.3:
                    b = self.swap(b, old, new)
            return a, b
        return a, self.term()

    def swap(self, text, old, new):
        at = [i for i in range(len(text)) if text[i] == old and not (text[i - 1:i].isalnum() or text[i + 1:i + 2].isalnum()
              or text[i - 1:i] in "._\\{/" or text[i + 1:i + 2] in ".:(/}")]
        if not at:
            return text
        i = self.r.choice(at)
        return text[:i] + new + text[i + 1:]


class Module:
    """Functions and the arguments that they are called with."""

    def __init__(self, name, gen):
        self.name, self.g = name, gen
        self.functions, self.calls = [], []

    def add(self, params, body, argument_lists):
        n = len(self.functions)
        self.functions.append("f%d(%s) ->\n    %s.\n" % (n, ", ".join(params), body))
        self.register(n, len(params), argument_lists)

    def add_clauses(self, arity, clauses, argument_lists):
        n = len(self.functions)
        self.functions.append(";\n".join("f%d(%s)%s ->\n    %s" % (n, ", ".join(ps), guard, body)
                                         for ps, guard, body in clauses) + ".\n")
        self.register(n, arity, argument_lists)

    def register(self, n, arity, argument_lists):
        self.calls.append("{%d, fun f%d/%d, [%s]}" % (n, n, arity, ",\n  ".join("[%s]" % ", ".join(a) for a in argument_lists)))

    def text(self):
        return HEADER.format(name=self.name) + "calls() -> [\n%s].\n\n" % ",\n".join(self.calls) + "\n".join(self.functions)


# ---- families

def arithmetic(m, g):
    def expression(depth, floats):
        if depth == 0 or g.r.random() < 0.2:
            return g.pick("A", "B", "C", g.number() if floats else g.integer())
        a, b = expression(depth - 1, floats), expression(depth - 1, floats)
        kind = g.r.random()
        if kind < 0.15:
            return "%s(%s)" % (g.pick("abs", "-", "+", "bnot", "float", "trunc", "round", "ceil", "floor", "-"), a)
        if kind < 0.22:
            return "%s(%s, %s)" % (g.pick("min", "max"), a, b)
        if kind < 0.3:
            return "(%s %s %d)" % (a, g.pick("bsl", "bsr"), g.pick(0, 1, 3, 4, 31, 59, 60, 63, 64, 65, 130, -1, -5, -64))
        op = g.pick("+", "-", "*", "div", "rem", "band", "bor", "bxor", "+", "-", "*") if not floats else g.pick("+", "-", "*", "/", "div", "rem")
        return "(%s %s %s)" % (a, op, b)

    for _ in range(12):
        floats = g.r.random() < 0.4
        argument = g.number if floats else g.integer
        arguments = [[argument(), argument(), argument()] for _ in range(8)]
        arguments.append([g.term(1), g.number(), g.integer()])
        kind = g.r.randrange(3)
        e = expression(3, floats)
        in_guard = lambda x: x.replace("min(", "(").replace("max(", "(").replace(", ", " + ")
        if kind == 0:
            m.add(["A", "B", "C"], e, arguments)
        elif kind == 1:
            m.add_clauses(3, [(["A", "B", "C"], " when %s %s %s" % (in_guard(e), g.pick(">", "=<", "=:=", "==", "/="), in_guard(expression(2, floats))), "{yes, A}"),
                              (["A", "B", "C"], " when is_integer(A), A > 0; is_float(B)", "{other, B}"),
                              (["A", "B", "C"], "", "no")], arguments)
        else:
            m.add(["A", "B", "C"], "X = %s, Y = X %s B, {X, Y, X < Y, X == Y, trunc(Y) =:= X}" % (e, g.pick("+", "-", "*")), arguments)


def comparison(m, g):
    for _ in range(6):
        pairs = [list(g.related()) for _ in range(14)]
        m.add(["A", "B"], "{A < B, A =< B, A == B, A =:= B, A > B, A >= B, A /= B, A =/= B, min(A, B), max(A, B)}", pairs)
        m.add(["A", "B"], "{erlang:phash2(A) =:= erlang:phash2(B), erlang:phash2(A), erlang:phash2(B, 1000), erlang:phash(A, 1 bsl 32)}", pairs[:8])
    for _ in range(4):
        lists = [["[%s]" % ", ".join(g.some(0, 14, g.term))] for _ in range(4)]
        m.add(["L"], "{lists:sort(L), lists:usort(L), lists:max(L), lists:min(L)}", lists)
        m.add(["L"], "M = maps:from_list([{K, 1} || K <- L]), {[K || {K, _} <- pairs(M)], map_size(M), [maps:is_key(K, M) || K <- L]}", lists)
        m.add(["L"], "lists:keysort(1, [{K, V} || K <- L, V <- [1, 2]])", lists)


def segment_types(g):
    kind = g.r.randrange(8)
    endian = g.pick("", "-big", "-little", "-native")
    sign = g.pick("", "-signed", "-unsigned")
    if kind < 4:
        return "integer" + endian + sign
    if kind == 4:
        return "float" + endian
    if kind == 5:
        return "binary"
    if kind == 6:
        return "bits"
    return g.pick("utf8", "utf16", "utf16-little", "utf32", "utf32-little")


def binaries(m, g):
    def build(variable):
        t = segment_types(g)
        if t.startswith("utf"):
            return "%s/%s" % (variable, t)
        if t.startswith("integer"):
            size = g.pick("N", "8", "16", "3", "5", "13", "32", "64", "65", "7", "128", "1", "0")
            unit = g.pick("", "", "", "-unit:2", "-unit:8", "-unit:3")
            return "%s:%s/%s%s" % (variable, size, t, unit)
        if t.startswith("float"):
            return "%s:%s/%s" % (variable, g.pick("64", "32", "16", "N"), t)
        return "%s/%s" % (variable, t) if g.r.random() < 0.5 else "%s:%s/%s" % (variable, g.pick("N", "1", "2", "7"), t)

    def value(segment):
        t = segment.split("/")[1]
        if g.r.random() < 0.08:
            return g.term(1)
        if t.startswith("utf"):
            return str(g.pick(97, 228, 0x20ac, 0x1f600, 0xd800, 0x10ffff, 0x110000, -1, 0, 127, 128, 2047, 2048, 65535, 65536))
        if t.startswith("integer"):
            return g.integer()
        if t.startswith("float"):
            return g.number()
        return g.binary()

    for _ in range(10):
        n = g.r.randint(1, 5)
        names = ["A", "B", "C", "D", "E"][:n]
        segments = [build(v) for v in names]
        arguments = [[value(s) for s in segments] + [g.pick("0", "1", "2", "7", "8", "9", "16", "33", "64", "-1", "a")] for _ in range(8)]
        m.add(names + ["N"], "<<%s>>" % ", ".join(segments), arguments)
        m.add(names + ["N"], "X = <<%d:%d, (<<%s>>)/bits>>, Y = <<X/bits, %s>>, {X, Y, bit_size(Y), <<X/bits, Y/bits>>}" %
              (g.r.getrandbits(9), g.r.randint(0, 9), ", ".join(segments), segments[0]), arguments[:4])
    for _ in range(14):
        clauses = []
        for _ in range(g.r.randint(1, 3)):
            parts, used = [], []
            for i in range(g.r.randint(1, 4)):
                v = "V%d" % i
                t = segment_types(g)
                used.append(v)
                if t.startswith("utf"):
                    parts.append("%s/%s" % (v, t))
                elif t.startswith("integer"):
                    if g.r.random() < 0.2:
                        parts.append(str(g.r.randrange(256)))
                        used.pop()
                    else:
                        parts.append("%s:%s/%s%s" % (v, g.pick("N", "8", "4", "1", "12", "16", "24", "31", "33", "64", "70", "100"), t, g.pick("", "", "-unit:2", "-unit:3")))
                elif t.startswith("float"):
                    parts.append("%s:%s/%s" % (v, g.pick("64", "32", "16"), t))
                else:
                    parts.append("%s:%s/%s" % (v, g.pick("N", "1", "3", "2"), t))
            if g.r.random() < 0.75:
                parts.append("Rest/%s" % g.pick("bits", "binary", "binary-unit:4"))
                used.append("Rest")
            guard = g.pick("", "", " when N > 3", " when bit_size(Bin) > 20", " when %s > 5" % (used[0] if used else "N"))
            clauses.append("<<%s>>%s -> {%d, %s}" % (", ".join(parts), guard, len(clauses), ", ".join(used + ["Bin"])))
        clauses.append("_ -> none")
        bins = [[g.pick(g.binary(), "<<%d:%d>>" % (g.r.getrandbits(260), g.r.randint(0, 260)), "<<1.5/float, 2:3>>", "<<3.25:32/float-little, 1>>"),
                 g.pick("0", "1", "2", "3", "8", "11", "-1", "x", "1267650600228229401496703205376")] for _ in range(14)]
        m.add(["Bin", "N"], "case Bin of %s end" % ";\n        ".join(clauses), bins)
    for _ in range(4):
        size, rest = g.pick("8", "4", "5", "16", "3"), g.pick("bits", "bits")
        m.add(["B", "N"], "[X || <<X:%s/%s>> <= B]" % (size, g.pick("integer", "integer-little", "integer-signed", "bits")),
              [[g.binary(), g.small()] for _ in range(5)])
        m.add(["B", "N"], "<< <<(X + N):%s, %d:3>> || <<X:%s>> <= B, X rem 3 =/= 0 >>" % (g.pick("8", "7", "13"), g.r.randrange(8), size),
              [[g.binary(), g.small()] for _ in range(5)])


def fields(m, g):
    """Headers of protocols: fields of sizes that the compiler knows, in rows, from any bit on."""
    r = g.r

    def size():
        return g.pick(8, 8, 16, 32, 4, 4, 1, 3, 5, 7, 12, 13, 24, 40, 48, 56, 59, 60, 61, 64, r.randint(1, 64))

    def field(names):
        n = size()
        kind = r.randrange(10)
        if kind == 0:
            return "_:%d" % n, n, r.getrandbits(n)
        if kind == 1:
            n = min(n, 60)
            value = r.getrandbits(n)
            return "%d:%d" % (value, n), n, value
        if kind == 2:
            text = "".join(r.choice("HTP/1.ab") for _ in range(r.randint(1, 9)))
            return '"%s"' % text, 8 * len(text), int.from_bytes(text.encode(), "big")
        names.append("V%d" % len(names))
        if kind == 3 and n % 8 == 0:
            return "%s:%d/binary" % (names[-1], n // 8), n, r.getrandbits(n)
        if kind == 4:
            return "%s:%d/bits" % (names[-1], n), n, r.getrandbits(n)
        if kind == 5 and n in (32, 64):
            return "%s:%d/float" % (names[-1], n), n, r.getrandbits(n)
        return "%s:%d%s" % (names[-1], n, g.pick("", "", "", "", "/little", "/signed", "/signed-little")), n, r.getrandbits(n)

    def header(most):
        names, parts, bits, value = [], [], 0, 0
        for _ in range(r.randint(1, most)):
            part, n, v = field(names)
            parts.append(part)
            bits, value = bits + n, value << n | v
        return names, parts, bits, value

    def some(bits, value):
        """A bit string that the header matches, or nearly."""
        kind = r.randrange(6)
        if kind < 3:
            return "<<%d:%d, %d:%d>>" % (value, bits, r.getrandbits(70), r.choice((0, 0, 1, 8, 24, 70)))
        if kind == 3:
            return "<<%d:%d, 255>>" % (value ^ 1 << r.randrange(bits), bits)
        if kind == 4:
            return "<<%d:%d>>" % (value, r.randrange(bits + 1))
        return g.binary()

    for _ in range(12):
        headers = [header(9) for _ in range(r.randint(1, 3))]
        before = r.choice((0, 0, 0, 0, 1, 4, 8, 13))
        clauses = []
        for names, parts, _, _ in headers:
            rest = g.pick([], [], ["R/bits"], ["R/binary"], ["_/bits"], ["_/binary"])
            used = names + (["R"] if rest and rest[0].startswith("R") else [])
            clauses.append("<<%s>> -> {%d, %s}" % (", ".join(["_:%d" % before] * (before > 0) + parts + rest), len(clauses), "[%s]" % ", ".join(used)))
        clauses.append("_ -> none")
        arguments = []
        for _ in range(12):
            _, _, bits, value = r.choice(headers)
            arguments.append(["<<%d:%d, (%s)/bits>>" % (r.getrandbits(before), before, some(bits, value))])
        m.add(["Bin"], "case Bin of %s end" % ";\n        ".join(clauses), arguments)
    for _ in range(5):
        names, parts, bits, value = header(4)
        m.add(["Bin"], "[{%s} || <<%s>> <= Bin]" % (", ".join(names), ", ".join(parts)), [["<<%s>>" % ", ".join("(%s)/bits" % some(bits, value) for _ in range(4))] for _ in range(6)])
    for _ in range(12):
        names = ["A", "B", "C", "D", "E", "F"][: r.randint(1, 6)]
        segments = []
        for v in names:
            segments.append(g.pick("%s:%d%s" % (v, size(), g.pick("", "", "", "", "/little", "/signed")), "%s:64/float" % v, '"%s"' % g.word(), "%d:%d" % (r.getrandbits(12), r.randint(1, 80)), "%s/utf8" % v,
                                   *["%s:%d" % (v, size()) for _ in range(6)]))
        head = g.pick("", "", "(<<%d:%d>>)/bits, " % (r.getrandbits(300), r.choice((8, 72, 299, 600))), "(binary:copy(<<7>>, %d))/binary, " % r.choice((0, 3, 70, 300)))
        m.add(names, "{%s, <<%s%s>>}" % (", ".join(names), head, ", ".join(segments)), [[g.pick(g.small(), g.small(), g.integer(), str(r.randrange(256)), g.pick("a", "1.5", "97")) for _ in names] for _ in range(8)])


def patterns(m, g):
    def pattern(depth, names):
        kind = g.r.randrange(9)
        if depth == 0 or kind == 0:
            if g.r.random() < 0.6:
                if names and g.r.random() < 0.15:
                    return g.r.choice(names)
                names.append("V%d" % len(names))
                return names[-1]
            return g.pick(g.small(), g.atom(), "_", g.integer(), "[]", g.float())
        if kind in (1, 2, 3):
            return "{%s}" % ", ".join(g.some(0, 3, lambda: pattern(depth - 1, names)))
        if kind in (4, 5):
            return "[%s]" % ", ".join(g.some(0, 3, lambda: pattern(depth - 1, names)))
        if kind == 6:
            return "[%s | %s]" % (pattern(depth - 1, names), pattern(depth - 1, names))
        if kind == 7:
            return "#{%s}" % ", ".join(g.some(0, 2, lambda: "%s := %s" % (g.pick(g.atom(), g.small(), "{a, 1}"), pattern(depth - 1, names))))
        return "<<%s, %s/bits>>" % (g.pick("1", "97:8", "0:1"), pattern(0, names) if False else "_")

    def value_for(depth):
        return g.term(3)

    def instance(p):
        """A value that is likely to match pattern text `p`: variables and _ replaced."""
        out, i = [], 0
        while i < len(p):
            if p[i] == "V" and p[i + 1:i + 2].isdigit():
                j = i + 1
                while p[j:j + 1].isdigit():
                    j += 1
                out.append(g.term(1))
                i = j
            elif p[i] == "_" and not p[i - 1:i].isalnum():
                out.append(g.term(1) if "<<" not in p[max(0, i - 10):i] else "<<1,2>>")
                i += 1
            else:
                out.append(p[i])
                i += 1
        return "".join(out).replace(":=", "=>")

    tests = ["is_atom", "is_integer", "is_float", "is_number", "is_list", "is_tuple", "is_map", "is_binary", "is_bitstring",
             "is_boolean", "is_function"]

    def guard(names):
        if not names or g.r.random() < 0.4:
            return ""
        def one():
            v, w = g.r.choice(names), g.r.choice(names)
            return g.pick("%s(%s)" % (g.pick(*tests), v), "%s %s %s" % (v, g.pick("<", "==", "=:=", ">=", "/="), w), "hd(%s) =:= 1" % v,
                          "length(%s) > 0" % v, "size(%s) < 3" % v, "element(1, %s) == a" % v, "map_size(%s) > 0" % v,
                          "is_map_key(a, %s)" % v, "%s + 1 > 3" % v, "not is_atom(%s)" % v, "byte_size(%s) =:= 0" % v,
                          "tuple_size(%s) =:= 2" % v, "abs(%s) > 3" % v, "(%s =:= 1) or (%s =:= true)" % (v, w), "is_function(%s, 2)" % v)
        return " when " + "; ".join(", ".join(g.some(1, 2, one)) for _ in range(g.r.randint(1, 2)))

    for _ in range(16):
        clauses, arguments = [], []
        for _ in range(g.r.randint(2, 6)):
            names = []
            p = pattern(3, names)
            q = pattern(1, names)
            clauses.append(([p, q], guard(names), "{%d, %s}" % (len(clauses), "[%s]" % ", ".join(dict.fromkeys(names)))))
            arguments += [[instance(p), instance(q)] for _ in range(3)]
        arguments += [[g.term(), g.term(1)] for _ in range(4)]
        m.add_clauses(2, clauses, arguments)
        c = g.r.choice(clauses)
        m.add(["A", "B"], "case {A, B} of {%s, %s}%s -> %s; {X, X} -> same; {[_ | X], _} -> X end" % (c[0][0], c[0][1], c[1], c[2]), arguments)


def maps(m, g):
    keys = [g.term(2) for _ in range(10)] + [g.small() for _ in range(20)]
    key = lambda: g.r.choice(keys)
    for _ in range(10):
        steps = []
        for i in range(g.r.randint(3, 9)):
            old, new = "M%d" % i, "M%d" % (i + 1)
            steps.append("%s = %s" % (new, g.pick(
                "%s#{%s => %s}" % (old, key(), g.term(1)), "%s#{%s => 1, %s => 2, K => V}" % (old, key(), key()), "maps:put(K, V, %s)" % old,
                "maps:remove(%s, %s)" % (key(), old), "maps:merge(%s, #{%s => x, K => y})" % (old, key()), "maps:merge(#{%s => x}, %s)" % (key(), old),
                "maps:without([K, %s], %s)" % (key(), old), "maps:with(lists:seq(-5, 30), %s)" % old, "maps:filter(fun(_, W) -> W =/= V end, %s)" % old,
                "maps:map(fun(Q, W) -> {W, Q} end, %s)" % old, "maps:fold(fun(Q, W, A) -> A#{{Q} => W} end, %s, %s)" % (old, old),
                "maps:from_list(lists:sort(maps:to_list(%s)))" % old, "maps:update_with(K, fun(W) -> [W] end, V, %s)" % old,
                "lists:foldl(fun(I, A) -> A#{I => I * I} end, %s, lists:seq(1, %d))" % (old, g.pick(5, 30, 33, 100)),
                "lists:foldl(fun(I, A) -> maps:remove(I, A) end, %s, lists:seq(3, %d))" % (old, g.pick(5, 30, 60, 100)),
                "case %s of #{K := _} -> %s#{K := changed}; _ -> %s end" % (old, old, old), "maps:intersect(%s, M0)" % old,
                "(binary_to_term(term_to_binary(%s)))" % old)))
        last = "M%d" % len(steps)
        result = g.pick(last, "{%s, maps:get(K, %s, none)}" % (last, last), "maps:get(K, %s)" % last, "%s#{%s := 1}" % (last, key()), "{map_size(%s), %s =:= M1, %s < M1, M0 == %s}" % (last, last, last, last),
                        "maps:take(K, %s)" % last, "[Q || {Q, _} <- pairs(%s)]" % last, "{erlang:phash2(%s), [W || {_, W} <- pairs(%s)]}" % (last, last), "map_get(K, %s)" % last)
        start = lambda: g.pick("#{%s}" % ", ".join(g.some(0, 5, lambda: "%s => %s" % (key(), g.term(1)))),
                               "maps:from_list([{I, -I} || I <- lists:seq(1, %d)])" % g.pick(3, 31, 32, 33, 34, 70, 400))
        m.add(["M0", "K", "V"], ",\n    ".join(steps + [result]), [[start(), key(), g.term(1)] for _ in range(5)] + [[g.leaf(), key(), "1"]])


# Tags that erl uses in memory only, and takes from anybody: an atom by its place in its table, a binary beside the bytes.
INTERNAL_TAGS = (67, 73, 74, 75, 76, 78, 82)


def external(m, g):
    for _ in range(5):
        m.add(["T"], "{term_to_binary(T), binary_to_term(term_to_binary(T)) =:= T, byte_size(term_to_binary(T)), erlang:external_size(T) >= byte_size(term_to_binary(T))}",
              [[g.term(4).replace("fun lists:", "fun lists:")] for _ in range(10)])
        m.add(["T"], "{term_to_binary(T, [{minor_version, %d}]), binary_to_term(term_to_binary(T, [compressed]), [used]), iolist_to_binary(term_to_iovec(T)) =:= term_to_binary(T)}" % g.pick(0, 1, 2), [[g.term(3)] for _ in range(5)])
        m.add(["T"], "binary_to_term(term_to_binary(T, [compressed])) =:= T", [[g.term(4)] for _ in range(4)])
        m.add(["T", "N", "X"], "B = term_to_binary(T), I = N rem byte_size(B), <<L:I/binary, _, R/binary>> = B, "
              "try binary_to_term(<<L/binary, X, R/binary>>) of V -> {ok, is_tuple(V)} catch C:E -> {C, E} end",
              [[g.term(2), str(g.r.randrange(1, 200)), str(g.pick(*(x for x in range(256) if x not in INTERNAL_TAGS)))] for _ in range(16)])


def lists_(m, g):
    def a_list():
        return g.pick("[%s]" % ", ".join(g.some(0, 8, g.leaf)), "[%s]" % ", ".join(g.some(0, 6, lambda: "{%s, %s}" % (g.pick("a", "1", "2", "1.0"), g.term(1)))), '"%s"' % g.word(), g.term(1),
                      "[%s | x]" % g.leaf(), "lists:seq(1, %d)" % g.r.randint(0, 40))
    names = [("lists:reverse", 1), ("lists:member", 2), ("lists:keyfind", 3), ("lists:keymember", 3), ("lists:keysearch", 3), ("length", 1), ("hd", 1), ("tl", 1), ("++", 2), ("--", 2), ("lists:sort", 1),
             ("lists:nth", 2), ("lists:sublist", 2), ("lists:append", 1), ("lists:flatten", 1), ("lists:zip", 2), ("lists:sum", 1), ("lists:seq", 2), ("lists:last", 1), ("lists:delete", 2),
             ("lists:keydelete", 3), ("lists:keyreplace", 4), ("lists:ukeysort", 2), ("lists:usort", 1), ("lists:reverse", 2), ("lists:split", 2), ("lists:nthtail", 2), ("lists:subtract", 2),
             ("list_to_tuple", 1), ("tuple_to_list", 1), ("list_to_binary", 1), ("iolist_to_binary", 1), ("iolist_size", 1), ("list_to_atom", 1), ("list_to_integer", 1), ("list_to_float", 1),
             ("binary_to_list", 1), ("element", 2), ("setelement", 3), ("erlang:append_element", 2), ("erlang:delete_element", 2), ("erlang:insert_element", 3), ("erlang:make_tuple", 2), ("size", 1), ("tuple_size", 1),
             ("list_to_bitstring", 1), ("bitstring_to_list", 1), ("binary_part", 3), ("split_binary", 2), ("binary:split", 2), ("binary:match", 2), ("binary:matches", 2), ("binary:part", 3), ("binary:at", 2), ("binary:first", 1), ("binary:last", 1),
             ("binary:longest_common_prefix", 1), ("binary:longest_common_suffix", 1), ("binary:copy", 2), ("binary:decode_unsigned", 1), ("binary:encode_unsigned", 1), ("binary:bin_to_list", 3), ("binary:replace", 3),
             ("integer_to_list", 2), ("integer_to_binary", 1), ("binary_to_integer", 1), ("binary_to_float", 1), ("float_to_list", 1), ("float_to_binary", 2), ("atom_to_list", 1), ("binary_to_atom", 1), ("binary_to_existing_atom", 1),
             ("erlang:md5", 1), ("erlang:crc32", 1), ("erlang:adler32", 1), ("string:uppercase", 1), ("string:split", 2), ("string:length", 1), ("string:to_integer", 1), ("string:to_float", 1), ("lists:duplicate", 2), ("erlang:crc32", 2),
             ("is_map_key", 2), ("map_get", 2), ("erlang:phash2", 2), ("lists:droplast", 1), ("lists:partition", 2), ("lists:search", 2), ("lists:prefix", 2), ("lists:suffix", 2), ("math:pow", 2), ("math:sqrt", 1), ("math:log", 1), ("math:fmod", 2), ("integer_to_list", 1),
             ("list_to_integer", 2), ("binary_to_integer", 2), ("bit_size", 1), ("byte_size", 1), ("round", 1), ("trunc", 1), ("float", 1), ("unicode:characters_to_list", 1), ("unicode:characters_to_binary", 1), ("base64:encode", 1), ("base64:decode", 1), ("erlang:fun_info", 2), ("float_to_list", 2)]

    def argument(name):
        r = g.r.random()
        if name == "binary_to_existing_atom":  # atoms which either every program has or none: others hang on what is loaded
            return g.pick('<<"ok">>', '<<"undefined">>', '<<"no atom, nowhere">>', "<<255>>", '"ok"', "ok", g.small())
        if "float_to" in name and r < 0.5:
            return g.pick(g.float(), "[short]", "[{decimals, %d}]" % g.r.randint(0, 20), "[{scientific, %d}]" % g.r.randint(0, 20), "[{decimals, 4}, compact]")
        if ("integer" in name or name == "list_to_float") and r < 0.6:
            return g.pick(g.integer(), '"%s"' % g.integer(), '<<"%s">>' % g.integer(), '"%s"' % g.exact(g.r.uniform(-9, 9)), "16", "36", "2", "10")
        if "binary" in name or "string" in name or "base64" in name:
            if r < 0.6:
                return g.pick(g.binary(), '<<"abcabcxyz">>', '<<"bc">>', '[<<"a">>, <<"x">>]', g.small(), '"abc"', "0", "2")
        if "math" in name and r < 0.8:
            return g.number()
        return g.pick(a_list(), a_list(), g.small(), g.small(), g.term(1), "{%s}" % ", ".join(g.some(0, 4, g.leaf)), g.float(), g.binary())

    for name, arity in g.r.sample(names, 40):
        params = ["A", "B", "C", "D"][:arity]
        body = "A %s B" % name if name in ("++", "--") else "%s(%s)" % (name, ", ".join(params))
        m.add(params, body, [[argument(name) if not (name in ("erlang:make_tuple", "lists:duplicate", "binary:copy", "lists:seq")) else g.pick("0", "3", "-1", "7", "a", "<<1,2>>", "2.0") for _ in params] for _ in range(9)])


def unicode_(m, g):
    def chars():
        kind = g.r.randrange(6)
        if kind == 0:
            return "[%s]" % ", ".join(str(g.pick(97, 128, 228, 255, 256, 0xd7ff, 0xd800, 0xe000, 0xffff, 0x10ffff, 0x110000, -1)) for _ in range(g.r.randint(0, 6)))
        if kind == 1:
            return "<<%s>>" % ",".join(str(g.pick(97, 128, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xff, 0xed, 0xa0, 0xc0)) for _ in range(g.r.randint(1, 8)))
        if kind == 2:
            return '<<"%s"/%s>>' % (g.text(), g.pick("utf8", "utf16", "utf32", "utf16-little"))
        if kind == 3:
            return '"%s"' % g.text()
        if kind == 4:
            return "[%s, [%s | %s]]" % (chars(), chars(), g.pick("<<97>>", "[]", "<<195>>"))
        return g.pick(g.binary(), g.term(1))
    encodings = ["utf8", "latin1", "utf16", "utf32", "{utf16, little}", "{utf32, little}", "unicode", "{utf16, big}", "x"]
    for _ in range(6):
        m.add(["C"], "unicode:characters_to_list(C, %s)" % g.pick(*encodings), [[chars()] for _ in range(10)])
        m.add(["C"], "unicode:characters_to_binary(C, %s, %s)" % (g.pick(*encodings), g.pick(*encodings)), [[chars()] for _ in range(10)])
        m.add(["C"], g.pick("string:%s(C)" % g.pick("uppercase", "lowercase", "length", "trim", "to_graphemes", "reverse", "titlecase", "casefold"), "unicode:characters_to_nfd_list(C)",
                            "unicode:characters_to_nfc_binary(C)", "io_lib:format(\"~tp ~ts|\", [C, C])", "lists:flatten(io_lib:format(\"~w ~p ~10.3.*p\", [C, C, $x, C]))", "string:tokens(C, \"ab\")", "list_to_atom(C)",
                            "binary_to_atom(C, utf8)", "[X || <<X/utf8>> <= C]", "<< <<X/utf16>> || X <- C >>"), [[chars()] for _ in range(8)])


def exceptions(m, g):
    def raising(depth):
        kind = g.r.randrange(14)
        if depth > 0 and kind < 5:
            return block(depth - 1)
        return g.pick("throw(A)", "error(A)", "exit(A)", "error(A, [B])", "A + B", "hd(A)", "A(B)", "A:f(B)", "element(B, A)", "erlang:raise(%s, B, [])" % g.pick("error", "exit", "throw", "x"),
                      "list_to_atom(A)", "maps:get(A, B)", "B#{A := 1}", "begin {x, Y%d} = A, Y%d end" % (g.r.randrange(10**6),) * 1 if False else "length(A)", "case A of x -> B end", "if A -> B end", "g(A)", "apply(lists, reverse, A)",
                      "binary_to_term(A)", "A", "B", "{A, B}", "erlang:nonsense(A)", "nomodule:f(A, B)", "lists:map(fun(Q) -> Q + B end, A)", "[Q || Q <- A]", "<<A/binary>>", "<<A:B>>", "ets:lookup(A, B)", "atom_to_list(A)",
                      "list_to_tuple([A | B])", "float(A)", "spawn(A)", "register(A, B)", "integer_to_list(A, B)", "maps:merge(A, B)", "maps:from_list(A)", "B andalso A", "not A")

    def block(depth):
        a, b, c = raising(depth), raising(depth), raising(depth)
        n = g.r.randrange(10**9)
        kind = g.r.randrange(8)
        if kind == 0:
            return "try %s catch throw:X%d -> {thrown, X%d}; error:{badmatch, _} -> bm; error:X%d:S%d -> {X%d, top(S%d)} end" % ((a,) + (n,) * 6)
        if kind == 1:
            return "try %s of {A, _} -> %s; x -> %s catch C%d:R%d -> {C%d, R%d} after put(k, [after_ | get(k)]) end" % ((a, b, c) + (n,) * 4)
        if kind == 2:
            return "(case catch %s of {'EXIT', {R%d, S%d}} when is_list(S%d) -> {R%d, top(S%d)}; O%d -> O%d end)" % ((a,) + (n,) * 7)
        if kind == 3:
            return "try %s catch C%d:R%d:S%d -> erlang:raise(C%d, {again, R%d}, S%d) end" % ((a,) + (n,) * 6)
        if kind == 4:
            return "try %s after %s end" % (a, b)
        if kind == 5:
            return "begin X%d = %s, {X%d, %s} end" % (n, a, n, b)
        if kind == 6:
            return "try %s catch exit:X%d when is_atom(X%d) -> %s; _:_ -> %s end" % (a, n, n, b, c)
        return "(catch {%s, %s})" % (a, b)

    m.functions.append("f0(A, B) -> {A, B}.\n\ng(1) -> one;\ng({x, Y}) when Y > 3 -> Y.\n\n"
                       "top(S) -> trace(S).\n")
    for _ in range(16):
        m.add(["A", "B"], "put(k, []), R = %s, {R, get(k)}" % block(3), [[g.pick(g.term(1), g.small(), g.atom(), "[1, 2]", "x", "{x, 4}", "1"), g.pick(g.term(1), g.small(), "[1]", "lists", "0")] for _ in range(7)])


FAMILIES = {"arithmetic": arithmetic, "comparison": comparison, "binaries": binaries, "fields": fields, "patterns": patterns, "maps": maps,
            "external": external, "lists": lists_, "unicode": unicode_, "exceptions": exceptions}


def module(family, name, seed):
    g = Gen("%s %d" % (family, seed))
    m = Module(name, g)
    FAMILIES[family](m, g)
    return m.text()
