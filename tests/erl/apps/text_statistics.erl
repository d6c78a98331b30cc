%% Words, letters, sentences and lines of a text in several scripts; tables in columns; a concordance; a bar chart.
-module(text_statistics).
-export([main/0]).

text() ->
    <<"The quick brown fox jumps over the lazy dog. The dog sleeps; the fox - quick as ever - does not!\n"
      "Does the dog dream? Perhaps. Nobody knows what dogs dream of, 3 times out of 4.\n\n"
      "Über die Brücke gehen Füchse. Les élèves français déjà là. Ёжик в тумане, ёжик!\n"
      "日本語 テキスト. Cafe\x{301} is café? ΑΒΓ αβγ ς Σ.\n"/utf8>>.

main() ->
    Text = text(),
    Lines = string:split(Text, "\n", all),
    io:format("~b bytes, ~b code points, ~b graphemes, ~b lines~n",
              [byte_size(Text), length(unicode:characters_to_list(Text)), string:length(Text), length(Lines)]),
    io:format("~w~n", [[string:length(L) || L <- Lines]]),
    Words = words(Text),
    Count = lists:foldl(fun(W, M) -> maps:update_with(W, fun(N) -> N + 1 end, 1, M) end, #{}, Words),
    Top = lists:sublist(lists:sort(fun({A, N}, {B, M}) -> {-N, A} =< {-M, B} end, maps:to_list(Count)), 12),
    [io:format("~-12ts~4w ~ts~n", [W, N, lists:duplicate(N, $#)]) || {W, N} <- Top],
    io:format("~ts~n", [lists:join(" ", lists:usort(Words))]),
    Letters = [C || C <- unicode:characters_to_list(string:casefold(Text)), C >= $a, C =< $z],
    Frequencies = [{C, length([x || L <- Letters, L =:= C])} || C <- lists:usort(Letters)],
    [io:format("~c ~5.1f% ~*c~n", [C, 100 * N / length(Letters), N, $*]) || {C, N} <- Frequencies, N > 5],
    Sentences = re:split(Text, "[.!?]+\\s*", [unicode, {return, binary}, trim]),
    [io:format("~2b. ~ts~n", [I, string:slice(S, 0, 30)]) || {I, S} <- lists:zip(lists:seq(1, length(Sentences)), Sentences)],
    concordance(Text, <<"dog">>),
    io:format("~ts|~ts|~ts~n", [string:uppercase(<<"straße ǆ ﬁ"/utf8>>), string:titlecase("élan vital"), string:lowercase("ΑΣ ÀÉ")]),
    io:format("~p~n", [[string:equal(A, B, Fold, Norm) || {A, B} <- [{"Cafe\x{301}", "café"}, {"STRASSE", "straße"}],
                                                            Fold <- [true, false], Norm <- [none, nfc, nfkd]]]),
    io:format("~p~n", [string:lexemes("a,b;;c,,d", ",;")]),
    io:format("~tp~n", [string:next_grapheme("e\x{301}x")]),
    io:format("~ts~n", [string:pad("mid", 11, both, [$-])]),
    io:format("~ts|~ts~n", [string:trim("  both  "), string:trim("xxleftxx", leading, "x")]),
    io:format("~tp~n", [[string:find("one two two", "two", W) || W <- [leading, trailing]]]),
    io:format("~tp~n", [[string:prefix("prefix", P) || P <- ["pre", "fix", ""]]]),
    io:format("~tp~n", [[string:take("abc123", lists:seq($a, $z)), string:take("abc123", lists:seq($0, $9), true, trailing)]]),
    io:format("~tp~n", [[string:to_float("3.14rest"), string:to_integer("-12 34"), string:to_float("no"), string:to_integer("")]]),
    io:format("~tp~n", [[string:replace("a-b-c", "-", "+", W) || W <- [leading, trailing, all]]]),
    io:format("~ts~n", [string:reverse("e\x{301}tude")]).

words(Text) ->
    {match, Found} = re:run(Text, "[\\p{L}\\p{M}]+", [global, unicode, ucp, {capture, first, binary}]),
    [string:casefold(W) || [W] <- Found].

concordance(Text, Word) ->
    [begin
         Before = binary:part(Text, max(0, At - 12), min(12, At)),
         After = binary:part(Text, At + N, min(12, byte_size(Text) - At - N)),
         io:format("~12ts[~ts]~-12ts~n", [clean(Before), Word, clean(After)])
     end || {At, N} <- binary:matches(Text, Word)].

clean(B) -> binary:replace(B, <<"\n">>, <<" ">>, [global]).
