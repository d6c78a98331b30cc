#!/bin/bash
# Compiles the programs of this folder and records what they print. Needs OTP 29: ERL names its erl.
#
#     ERL=/path/to/otp29/bin/erl tests/otp29/make.sh
#
# The .beam files and the .out files are committed, for the release that CI has can neither compile nor run them. Programs that
# use no syntax of OTP 29 belong into tests/erl.
set -euo pipefail
cd "$(dirname "$0")"
erl=${ERL:-erl}
run() { timeout 60 "$erl" -noshell -noinput -kernel logger_level none "$@"; }
compile() { run -eval "
    case compile:file(\"$1\", [report_errors, deterministic, binary, $2]) of
        {ok, _, B} -> ok = file:write_file(\"$3\", B), halt(0);
        error -> halt(1)
    end."; }
for v in 1 2; do compile native_records_version.erl "{d,'VERSION',$v}" version$v.tmp; done
run -eval '
    Hrl = [begin
               {ok, B} = file:read_file("version" ++ V ++ ".tmp"),
               ["-define(VERSION_", V, ", ", io_lib:format("~w", [B]), ").\n"]
           end || V <- ["1", "2"]],
    ok = file:write_file("versions.hrl", Hrl), halt(0).'
for source in *.erl; do
    name=${source%.erl}
    [ $name = native_records_version ] && continue
    options=no_docs
    case $name in
        lines) options=no_docs,line_coverage ;;
        debug) options=no_docs,beam_debug_info ;;
    esac
    compile $source $options $name.beam
done
rm -f version?.tmp versions.hrl
for source in $(grep -l '^main() ->' *.erl); do
    name=${source%.erl}
    run -pa . -eval "$name:main(), halt(0)." > $name.out
done
