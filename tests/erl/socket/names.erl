%% The module net, and what ioctl tells of interfaces.
-module(names).
-export([main/0]).

main() ->
    p(net:gethostname()),
    p(net:getifaddrs()),
    [p(net:getifaddrs(F)) || F <- [all, inet, inet6, packet, #{family => inet, flags => any}, fun(#{name := N}) -> N =:= "lo" end]],
    p(net:if_names()),
    p([net:if_name2index(N) || N <- ["lo", "nothing", "", lists:duplicate(16, $x), lists:duplicate(17, $x), [300], [foo]]]),
    p([net:if_index2name(I) || I <- [1, 0, 99999]]),
    p([catch_(fun() -> net:if_index2name(I) end) || I <- [-1, 1 bsl 40, x]]),
    [p({H, lists:sort(addresses(net:getaddrinfo(H)))}) || H <- ["localhost", "127.0.0.1", "::1", "1.2.3.4", "fe80::1"]],
    p(net:getaddrinfo("localhost", "http")),
    p(net:getaddrinfo(undefined, "http")),
    p([net:getaddrinfo(H, S) || {H, S} <- [{"127.0.0.1", "no_such_service"}, {"", "http"}, {"127.0.0.1", "77"}]]),
    p([catch_(fun() -> net:getaddrinfo(H, S) end) || {H, S} <- [{undefined, undefined}, {x, y}, {[300], undefined}, {"a" ++ b, undefined}]]),
    [p(catch_(fun() -> net:getnameinfo(A, F) end))
     || {A, F} <- [{#{family => inet, addr => {127, 0, 0, 1}, port => 80}, undefined}, {#{family => inet, addr => {127, 0, 0, 1}, port => 80}, [numerichost, numericserv]},
                   {#{family => inet6, addr => loopback, port => 22}, [numerichost]}, {#{family => inet, addr => {127, 0, 0, 1}}, [x]},
                   {#{family => inet, addr => {1, 2}}, []}, {#{family => local, path => "x"}, []}, {x, []}, {#{family => inet, addr => {127, 0, 0, 1}}, [dgram, nofqdn, idn]},
                   {#{family => inet, addr => {127, 0, 0, 1}}, x}]],
    p([net:info(), net:command({debug, false}), net:info(), net:command(x), net:command({debug, x})]),
    p([catch_(fun() -> prim_net:F(#{index => 1}) end) || F <- [get_adapters_addresses, get_if_entry, get_interface_info, get_ip_address_table]]),
    interfaces().

interfaces() ->
    {ok, S} = socket:open(inet, dgram, udp),
    p(socket:ioctl(S, gifconf)),
    {ok, #{family := loopback, addr := <<0:48, _/binary>>}} = socket:ioctl(S, gifhwaddr, "lo"),
    [p({R, socket:ioctl(S, R, "lo")}) || R <- [gifaddr, gifbrdaddr, gifdstaddr, gifflags, gifindex, gifmap, gifmtu, gifnetmask, giftxqlen]],
    p([socket:ioctl(S, gifname, I) || I <- [1, 99999]]),
    p([socket:ioctl(S, R, "nothing") || R <- [gifaddr, gifmtu, gifflags]]),
    p([catch_(fun() -> socket:ioctl(S, R, A) end) || {R, A} <- [{gifmtu, x}, {gifname, x}, {gifname, "lo"}, {gifmtu, 1}, {x, "lo"}, {sifmtu, "lo"}, {17, "lo"}, {-1, "lo"}]]),
    p([catch_(fun() -> socket:ioctl(S, R, A, B) end)
       || {R, A, B} <- [{sifmtu, "nothing", 100}, {sifmtu, "lo", x}, {sifaddr, "nothing", #{family => inet, addr => any, port => 0}}, {sifaddr, "lo", x},
                        {sifflags, "nothing", #{up => true}}, {siftxqlen, "lo", x}, {gifmtu, "lo", 1}, {x, "lo", 1}]]),
    socket:close(S).

addresses({ok, L}) -> [maps:with([addr, family, type, protocol], A) || A <- L];
addresses(E) -> [E].

catch_(F) -> try F() catch C:R -> {C, R} end.

p(X) -> io:format("~0p~n", [X]).
