%% The library whose functions of the interface the dynamic linker finds.
-module(rust_linked).
-include("rust_functions.hrl").
