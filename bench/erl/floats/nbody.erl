%% Five bodies under gravity: floats in tuples, square roots.
-module(nbody).
-export([main/0]).

main() -> bench:cpu(fun() -> round(1.0e9 * energy(steps(15000, bodies()), 0.0)) end, -169279790).

bodies() ->
    Solar = 39.47841760435743,
    [
        {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, Solar},
        {4.84143144246472, -1.16032004402743, -0.103622044471123, 0.606326392995832, 2.81198684491626, -0.02521836165988763, 0.03769367487038949},
        {8.34336671824458, 4.1247985641243, -0.403523417114321, -1.01077434617879, 1.82566237123041, 0.00841576137658415, 0.011286326131968},
        {12.8943695621391, -15.1111514016986, -0.223307578892656, 1.0827910064415, 0.868713018169608, -0.0108326374013636, 0.0017237240570597},
        {15.3796971148509, -25.9193146099879, 0.179258772950371, 0.979090732243898, 0.594698998647676, -0.0347559555040781, 0.00203368686992463}
    ].

steps(0, Bodies) -> Bodies;
steps(N, Bodies) -> steps(N - 1, [move(B) || B <- [accelerate(B, Bodies) || B <- Bodies]]).

move({X, Y, Z, Vx, Vy, Vz, M}) -> {X + 0.01 * Vx, Y + 0.01 * Vy, Z + 0.01 * Vz, Vx, Vy, Vz, M}.

accelerate(B, []) -> B;
accelerate(B = {X, Y, Z, _, _, _, _}, [{X, Y, Z, _, _, _, _} | Others]) -> accelerate(B, Others);
accelerate({X, Y, Z, Vx, Vy, Vz, M}, [{X1, Y1, Z1, _, _, _, M1} | Others]) ->
    Dx = X - X1,
    Dy = Y - Y1,
    Dz = Z - Z1,
    D2 = Dx * Dx + Dy * Dy + Dz * Dz,
    F = 0.01 * M1 / (D2 * math:sqrt(D2)),
    accelerate({X, Y, Z, Vx - Dx * F, Vy - Dy * F, Vz - Dz * F, M}, Others).

energy([], E) -> E;
energy([{X, Y, Z, Vx, Vy, Vz, M} | Others], E) ->
    Kinetic = 0.5 * M * (Vx * Vx + Vy * Vy + Vz * Vz),
    Potential = lists:sum([M * M1 / math:sqrt((X - X1) * (X - X1) + (Y - Y1) * (Y - Y1) + (Z - Z1) * (Z - Z1))
                           || {X1, Y1, Z1, _, _, _, M1} <- Others]),
    energy(Others, E + Kinetic - Potential).
