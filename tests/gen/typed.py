"""Small random modules in which every expression has a type, so that most calls get far: what a compiler with registers, slow paths and
tests left out can get wrong. Loops run more than fifty times, so that each function is interpreted first and then machine code, if a VM has
that. main/0 prints a hash of each result, detail/0 the results."""

from generate import Gen

HEADER = """-module({name}).
-compile([nowarn_unused_vars, nowarn_unused_function, nowarn_shadow_vars, nowarn_nomatch, nowarn_failed, nowarn_export_vars]).
-export([main/0, detail/0{exports}]).

main() -> _ = [io:format("~w ~w~n", [N, [erlang:phash2(one(F, As)) || _ <- [1, 2, 3, 4, 5, 6], As <- Argss]]) || {{N, F, Argss}} <- calls()], ok.
detail() -> _ = [io:format("~w ~w ~w: ~w~n", [N, K, show(As), one(F, As)]) || {{N, F, Argss}} <- calls(), K <- [1, 2, 3, 4, 5, 6], As <- Argss], ok.

one(F, As) ->
    flush(),
    try {{ok, show(erlang:apply(F, As))}}
    catch C:R:S -> {{C, show(R), [{{M, N, show(A), [I || I = {{line, _}} <- Is, M =/= erlang]}} || {{M, N, A, Is}} <- lists:sublist(S, 3)]}}
    end.
flush() -> receive _ -> flush() after 0 -> ok end.

show(M) when is_map(M) -> maps:from_list([{{K, show(V)}} || {{K, V}} <- maps:to_list(M)]);
show(T) when is_tuple(T) -> list_to_tuple(show(tuple_to_list(T)));
show([H | T]) -> [show(H) | show(T)];
show(F) when is_function(F) -> a_fun;
show(T) -> T.

%% What a loop goes on with does not grow for ever.
cap(I) when is_integer(I) -> I rem (1 bsl 130);
cap(L) when is_list(L) -> [cap(X) || X <- lists:sublist(L, 12)];
cap(<<B:24/binary, _/bits>>) -> B;
cap({{A, B}}) -> {{cap(A), cap(B)}};
cap(M) when is_map(M) -> maps:map(fun(_, V) -> cap(V) end, M);
cap(T) -> T.

"""

BOUNDARIES = (7, 8, 15, 16, 27, 28, 31, 32, 52, 53, 58, 59, 60, 61, 62, 63, 64, 65, 127, 128)
TYPES = ("int", "int", "int", "float", "num", "atom", "bool", "list", "pair", "bin", "map", "any")


class Typed:
    def __init__(self, gen):
        self.g, self.r = gen, gen.r
        self.names = 0
        self.functions = []  # (name, argument types, result type) that may be called

    def new(self, prefix="V"):
        self.names += 1
        return "%s%d" % (prefix, self.names)

    # ---- constants

    def int(self):
        kind = self.r.randrange(6)
        if kind < 3:
            return str(self.r.randint(-9, 20))
        if kind == 3:
            return str(self.r.randint(-(1 << 33), 1 << 33))
        return str(self.g.pick(1, -1) * ((1 << self.r.choice(BOUNDARIES)) + self.r.randint(-2, 2)))

    def float(self):
        return self.g.pick("0.0", "-0.0", "1.0", "-2.5", "0.1", "1.0e200", "-1.0e-200", "3.0", "1.0e16", "9007199254740993.0", "5.0e-324",
                           self.g.exact(self.r.uniform(-1000, 1000)))

    def constant(self, kind):
        g = self.g
        if kind == "int":
            return self.int()
        if kind == "float":
            return self.float()
        if kind == "num":
            return g.pick(self.int, self.float)()
        if kind == "atom":
            return g.pick("a", "b", "c", "ok", "error", "undefined", "true")
        if kind == "bool":
            return g.pick("true", "false")
        if kind == "list":
            return "[%s]" % ", ".join(g.some(0, 6, self.int))
        if kind == "pair":
            return "{%s, %s}" % (g.pick("a", "b", "c", self.int()), self.int())
        if kind == "bin":
            return g.pick("<<>>", "<<%s>>" % ", ".join(str(self.r.randrange(256)) for _ in range(self.r.randint(1, 12))), "<<%d:%d>>" % (self.r.getrandbits(30), self.r.randint(1, 40)),
                          "<<%s>>" % ", ".join(str(self.r.randrange(256)) for _ in range(70)))
        if kind == "map":
            keys = self.r.sample(("a", "b", "c", "d", "e", "1", "2.0", "{x}", "99999999999999999999"), self.r.randint(0, 5))
            return "#{%s}" % ", ".join("%s => %s" % (k, self.int()) for k in keys)
        return self.constant(self.r.choice(TYPES[:-1]))

    # ---- expressions

    def expr(self, kind, depth, env):
        variables = [v for v, t in env if t == kind or kind == "any" or (kind == "num" and t in ("int", "float"))]
        if depth <= 0:
            if variables and self.r.random() < 0.75:
                return self.r.choice(variables)
            return self.constant(kind)
        chance = self.r.random()
        if variables and chance < 0.12:
            return self.r.choice(variables)
        if chance < 0.36:
            return self.control(kind, depth - 1, env)
        if kind == "any":
            return self.expr(self.r.choice(TYPES[:-1]), depth, env)
        return getattr(self, "make_" + kind)(depth - 1, env)

    def make_int(self, d, env):
        e, g = self.expr, self.g
        kind = self.r.randrange(20)
        if kind < 8:
            return "(%s %s %s)" % (e("int", d, env), g.pick("+", "-", "*", "+", "-", "band", "bor", "bxor", "div", "rem"), e("int", d, env))
        if kind < 10:
            return "(%s %s %s)" % (e("int", d, env), g.pick("bsl", "bsr"), g.pick("0", "1", "3", "7", "31", "58", "59", "60", "63", "64", "70", "-2"))
        if kind == 10:  # modulo 2^64
            return "(((%s * %s) %s %s) band %s)" % (e("int", d, env), e("int", d, env), g.pick("+", "-", "bxor", "bor"), e("int", d - 1, env),
                                                    g.pick("16#ffffffffffffffff", "16#ffffffff", "16#fffffffffffffff", "16#7fffffffffffffff", "255"))
        if kind == 11:
            return g.pick("length(%s)", "lists:sum(%s)", "hd(%s)", "lists:max([0 | %s])", "lists:foldl(fun(X, S) -> X - S end, 1, %s)") % e("list", d, env)
        if kind == 12:
            return g.pick("element(2, %s)", "tuple_size(%s)", "erlang:phash2(%s)") % e("pair", d, env)
        if kind == 13:
            return g.pick("byte_size(%s)", "bit_size(%s)", "erlang:crc32([<<(%s)/bits, 0:7>> || false])") % e("bin", d, env)
        if kind == 14:
            return g.pick("map_size(%s)", "maps:get(a, %s, 7)", "map_get(b, %s)", "maps:fold(fun(_, V, S) -> V + S end, 0, %s)") % e("map", d, env)
        if kind == 15:
            return g.pick("trunc(%s)", "round(%s)", "ceil(%s)", "floor(%s)") % e("num", d, env)
        if kind == 16:
            return g.pick("abs(%s)", "-(%s)", "bnot (%s)") % e("int", d, env)
        if kind == 17:
            x = self.new("X")
            return "(fun(%s) -> %s end)(%s)" % (x, e("int", d, env + [(x, "int")]), e("int", d, env))
        return self.call("int", d, env)

    def make_float(self, d, env):
        e = self.expr
        kind = self.r.randrange(8)
        if kind < 4:
            return "(%s %s %s)" % (e("float", d, env), self.g.pick("+", "-", "*", "/"), e("num", d, env))
        if kind == 4:
            return "float(%s)" % e("num", d, env)
        if kind == 5:
            return "(%s / %s)" % (e("int", d, env), e("int", d, env))
        if kind == 6:
            return self.g.pick("-(%s)", "abs(%s)", "math:sqrt(abs(%s))") % e("float", d, env)
        return self.call("float", d, env)

    def make_num(self, d, env):
        if self.r.random() < 0.4:
            return self.expr(self.g.pick("int", "float"), d, env)
        return self.g.pick("(%s %s %s)" % (self.expr("num", d, env), self.g.pick("+", "-", "*"), self.expr("num", d, env)),
                           "%s(%s, %s)" % (self.g.pick("min", "max"), self.expr("num", d, env), self.expr("num", d, env)))

    def make_atom(self, d, env):
        return self.g.pick("element(1, {%s, x})" % self.expr("atom", d, env), self.call("atom", d, env), self.expr("bool", d, env))

    def make_bool(self, d, env):
        e, g = self.expr, self.g
        kind = self.r.randrange(6)
        if kind < 3:
            t = self.r.choice(TYPES)
            return "(%s %s %s)" % (e(t, d, env), g.pick("<", ">", "=<", ">=", "==", "/=", "=:=", "=/="), e(t if self.r.random() < 0.7 else self.r.choice(TYPES), d, env))
        if kind == 3:
            return "(%s %s %s)" % (e("bool", d, env), g.pick("andalso", "orelse", "and", "or", "xor"), e("bool", d, env))
        if kind == 4:
            return "(not %s)" % e("bool", d, env)
        return "is_%s(%s)" % (g.pick("integer", "float", "number", "atom", "boolean", "list", "tuple", "binary", "bitstring", "map", "function", "pid"), e("any", d, env))

    def make_list(self, d, env):
        e, g = self.expr, self.g
        kind = self.r.randrange(8)
        if kind < 2:
            return "[%s | %s]" % (e("int", d, env), e("list", d, env))
        if kind == 2:
            return "(%s ++ %s)" % (e("list", d, env), e("list", d, env))
        if kind == 3:
            x = self.new("X")
            inner = env + [(x, "int")]
            return "[%s || %s <- %s%s]" % (e("int", d, inner), x, e("list", d, env), g.pick("", ", %s" % e("bool", d, inner)))
        if kind == 4:
            return g.pick("lists:reverse(%s)", "lists:sort(%s)", "tl(%s)", "lists:usort(%s)", "lists:map(fun(X) -> X + 1 end, %s)") % e("list", d, env)
        if kind == 5:
            return "[X || <<X:%s>> <= %s]" % (g.pick("8", "4", "16", "3", "8/signed", "16/little"), e("bin", d, env))
        if kind == 6:
            return g.pick("(%s -- %s)" % (e("list", d, env), e("list", d, env)), "maps:values(%s)" % e("map", d, env))
        return self.call("list", d, env)

    def make_pair(self, d, env):
        kind = self.r.randrange(4)
        if kind == 0:
            return "setelement(%d, %s, %s)" % (self.r.randint(1, 2), self.expr("pair", d, env), self.expr("int", d, env))
        if kind == 1:
            return self.call("pair", d, env)
        return "{%s, %s}" % (self.expr(self.g.pick("atom", "int"), d, env), self.expr("int", d, env))

    def make_bin(self, d, env):
        e, g = self.expr, self.g
        kind = self.r.randrange(6)
        if kind < 3:
            parts = []
            for _ in range(self.r.randint(1, 4)):
                which = self.r.randrange(6)
                if which < 3:
                    parts.append("(%s):%s" % (e("int", d - 1, env), g.pick("8", "16", "32", "1", "5", "64", "24", "13/little", "16/little", "72", "0", "8/signed")))
                elif which == 3:
                    parts.append("(%s)/%s" % (e("bin", d, env), g.pick("bits", "bits", "binary")))
                elif which == 4:
                    parts.append("(%s):%s" % (e("num", d - 1, env), g.pick("64/float", "32/float", "64/float-little")))
                else:
                    parts.append('"%s"' % g.pick("ab", "", "xyz, and more"))
            return "<<%s>>" % ", ".join(parts)
        if kind == 3:
            return "<< <<%s:%s>> || X <- %s >>" % (e("int", d, env + [("X", "int")]).join("()"), g.pick("8", "16", "3", "64"), e("list", d, env))
        if kind == 4:
            return "list_to_binary([B band 255 || B <- %s])" % e("list", d, env)
        return self.call("bin", d, env)

    def make_map(self, d, env):
        e, g = self.expr, self.g
        kind = self.r.randrange(5)
        if kind < 2:
            return "(%s)#{%s}" % (e("map", d, env), ", ".join("%s => %s" % (g.pick("a", "b", "c", "f", "3", "2.0"), e("int", d, env)) for _ in range(self.r.randint(1, 3))))
        if kind == 2:
            return "(%s)#{%s := %s}" % (e("map", d, env), g.pick("a", "b", "c"), e("int", d, env))
        if kind == 3:
            return g.pick("maps:remove(a, %s)" % e("map", d, env), "#{a => %s, b => %s}" % (e("int", d, env), e("int", d, env)), "maps:from_list([{X, 1} || X <- %s])" % e("list", d, env),
                          "maps:put(%s, 1, %s)" % (e("any", d - 1, env), e("map", d, env)))
        return self.call("map", d, env)

    def call(self, kind, d, env):
        fitting = [f for f in self.functions if f[2] == kind]
        if not fitting:
            return self.expr(kind, d, env)
        name, arguments, _ = self.r.choice(fitting)
        text = ", ".join(self.expr(t, d - 1, env) for t in arguments)
        return self.g.pick("%s(%s)" % (name, text), "%s(%s)" % (name, text), "?MODULE:%s(%s)" % (name, text), "(fun %s/%d)(%s)" % (name, len(arguments), text))

    # ---- what is of any type

    def pattern(self, kind, depth, env):
        """A pattern for values of a type, and what it binds. Names are the caller's."""
        g = self.g
        if depth <= 0 or self.r.random() < 0.3:
            v = self.new()
            return v, [(v, kind)]
        if self.r.random() < 0.25:
            bound = [v for v, t in env if t == kind]
            if bound and self.r.random() < 0.4:
                return self.r.choice(bound), []
            text = self.constant(kind)
            return (text if not text.startswith("#{") else "#{a := _}"), []
        if kind == "list":
            head, a = self.pattern("int", depth - 1, env)
            tail, b = self.pattern("list", depth - 1, env)
            return g.pick("[%s | %s]" % (head, tail)), a + b
        if kind == "pair":
            first, a = self.pattern(g.pick("int", "atom"), depth - 1, env)
            second, b = self.pattern("int", depth - 1, env)
            return "{%s, %s}" % (first, second), [(v, t if t == "int" and (v, t) in b else "any") for v, t in a + b]
        if kind == "map":
            v = self.new()
            return "#{%s := %s}" % (g.pick("a", "b", "c", "1"), v), [(v, "int")]
        if kind == "bin":
            parts, found = [], []
            for _ in range(self.r.randint(1, 3)):
                v = self.new()
                which = self.r.randrange(6)
                if which < 4:
                    parts.append("%s:%s" % (v, g.pick("8", "16", "32", "4", "7", "64", "16/little", "8/signed", "24/signed-little", "65")))
                    found.append((v, "int"))
                elif which == 4:
                    parts.append("%s:%d/%s" % (v, self.r.randint(0, 3), g.pick("binary", "bits")))
                    found.append((v, "bin"))
                else:
                    parts.append(str(self.r.randrange(256)))
            if self.r.random() < 0.8:
                v = self.new()
                parts.append("%s/%s" % (v, g.pick("bits", "bits", "binary")))
                found.append((v, "bin"))
            return "<<%s>>" % ", ".join(parts), found
        v = self.new()
        return v, [(v, kind)]

    def guard(self, env):
        comparable = [v for v, t in env if t in ("int", "float", "num")]
        if not comparable or self.r.random() < 0.6:
            return ""
        v = self.r.choice(comparable)
        return " when %s" % self.g.pick("%s > 0", "%s < 1 bsl 59", "is_integer(%s)", "%s rem 3 =:= 0", "%s =:= 4; %s < -3".replace("; %s", "; " + v), "%s + 1 >= 9, %s /= 2.0".replace(", %s", ", " + v),
                                        "is_float(%s) orelse %s > 10".replace("%s > 10", v + " > 10")) % v

    def control(self, kind, d, env):
        e, g = self.expr, self.g
        which = self.r.randrange(11)
        if which < 3:
            t = self.r.choice(("pair", "list", "bin", "map", "int", "atom", "any"))
            clauses = []
            for _ in range(self.r.randint(1, 3)):
                text, found = self.pattern(t if t != "any" else self.r.choice(TYPES[:-1]), 2, env)
                inner = env + found
                clauses.append("%s%s -> %s" % (text, self.guard(inner), e(kind, d - 1, inner)))
            if self.r.random() < 0.85:
                clauses.append("_ -> %s" % e(kind, d - 1, env))
            return "case %s of %s end" % (e(t, d, env), "; ".join(clauses))
        if which == 3:
            values = self.r.sample(range(-3, 12), 6) if self.r.random() < 0.6 else [self.int() for _ in range(6)]
            values = list(dict.fromkeys(str(v) for v in values))
            return "case %s of %s; _ -> %s end" % (e("int", d, env), "; ".join("%s -> %s" % (v, e(kind, 0, env)) for v in values), e(kind, d - 1, env))
        if which == 4:
            return "if %s -> %s; true -> %s end" % (self.guard_test(env), e(kind, d, env), e(kind, d, env))
        if which == 5:
            c, r = self.new("C"), self.new("R")
            return g.pick("try %s catch %s:%s -> %s end" % (e(kind, d, env), c, r, e(kind, d - 1, env + [(c, "atom"), (r, "any")])),
                          "try %s of %s -> %s catch error:_ -> %s after put(k, 1) end" % (e(kind, d, env), r, e(kind, d - 1, env + [(r, kind)]), e(kind, d - 1, env)))
        if which == 6:
            v = self.new()
            t = self.r.choice(TYPES)
            return "begin %s = %s, %s end" % (v, e(t, d, env), e(kind, d, env + [(v, t)]))
        if which == 7:
            v, w = self.new(), self.new()
            t = self.r.choice(TYPES)
            return g.pick("begin self() ! {m, %s}, receive {m, %s} -> %s end end" % (e(t, d, env), v, e(kind, d - 1, env + [(v, t)])),
                          "begin self() ! {m, %s}, self() ! {n, %s}, receive {n, %s} -> receive {m, %s} -> %s after 0 -> %s end end end" % (
                              e(t, d - 1, env), e(kind, d - 1, env), w, v, e(kind, d - 1, env + [(v, t), (w, kind)]), e(kind, 0, env)))
        if which == 8:
            return g.pick("try throw(%s) catch throw:%s -> %s end", "case catch exit(%s) of {'EXIT', %s} -> %s end", "try error(%s) catch error:%s -> %s end") % (
                e("any", d - 1, env), "_", e(kind, d - 1, env))
        if which == 9 and kind == "int":
            v, f = self.new(), self.new("F")
            return "begin %s = fun(%s) -> %s end, %s(%s) - %s(%s) end" % (f, v, e("int", d, env + [(v, "int")]), f, e("int", d - 1, env), f, e("int", 0, env))
        return self.call(kind, d, env)

    def guard_test(self, env):
        variables = [v for v, t in env]
        a, b = self.r.choice(variables + ["0"]), self.r.choice(variables + ["1", "2.0", "x"])
        return self.g.pick("%s < %s", "%s >= %s", "%s =:= %s", "%s == %s", "is_integer(%s), %s > 3", "is_list(%s); %s =< 0", "not (%s /= %s)") % (a, b)


def typed(name, seed):
    """The text of a module: a few functions, some of them loops, and what they are called with."""
    g = Gen("typed %d" % seed)
    t = Typed(g)
    texts, calls, exported = [], [], []
    for n in range(g.r.randint(2, 4)):
        kinds = [g.r.choice(TYPES[:-1]) for _ in range(g.r.randint(1, 4))]
        env = [("A%d" % k, kind) for k, kind in enumerate(kinds)]
        result = g.r.choice(TYPES[:-1])
        f = "f%d" % n
        params = ", ".join(v for v, _ in env)
        if g.r.random() < 0.45:  # a loop whose state are its arguments
            result = kinds[0]
            steps = []
            for v, kind in env:
                step = t.expr(kind, 2, env + [("N", "int")])
                if kind == "int" and g.r.random() < 0.8:
                    step = "(%s) rem %s" % (step, g.pick("1000003", "(1 bsl 59)", "(1 bsl 61)", "(1 bsl 64)", "-7919"))
                elif kind != "float":
                    step = "cap(%s)" % step
                steps.append(step)
            done = g.pick("A0", t.expr(result, 1, env))
            texts.append("%s(%s) -> %s(%d, %s).\n%s(0, %s) -> %s;\n%s(N, %s) -> %s(N - 1, %s).\n" %
                         (f, params, f, g.r.randint(2, 9), params, f, params, done, f, params, f, ", ".join(steps)))
        else:
            texts.append("%s(%s) -> %s.\n" % (f, params, t.expr(result, 4, env)))
        t.functions.append((f, kinds, result))
        exported.append("%s/%d" % (f, len(kinds)))
        arguments = ["[%s]" % ", ".join(t.constant(kind if g.r.random() < 0.97 else "any") for kind in kinds) for _ in range(10)]
        calls.append("{%s, fun %s/%d, [%s]}" % (f, f, len(kinds), ",\n  ".join(arguments)))
    return HEADER.format(name=name, exports="".join(", " + e for e in exported)) + "calls() -> [%s].\n\n" % ",\n ".join(calls) + "\n".join(texts)
