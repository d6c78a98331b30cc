%% A module with native functions, for nifs.c.
-module(guest_nif).
-export([main/1, look/1]).

look(_) -> erlang:nif_error(not_loaded).

main([Library, Address]) ->
    case erlang:load_nif(Library, list_to_integer(Address)) of
        ok ->
            {Atom, Loads, Same, Thing} = look(an_atom_of_the_guest),
            io:format("~p~n", [{Atom =:= an_atom_of_the_guest, Loads, Same, is_reference(Thing)}]),
            persistent_term:put(?MODULE, Thing);
        {error, {Why, _}} -> io:format("~p~n", [Why])
    end.
