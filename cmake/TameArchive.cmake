# A copy of an archive without unique symbols and without stderr: see Asmjit.cmake. cmake -DNM= -DOBJCOPY= -DFROM= -DTO= -P
execute_process(COMMAND ${NM} ${FROM} OUTPUT_VARIABLE symbols ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " u [^\n]+" unique "${symbols}")
list(TRANSFORM unique REPLACE "^ u " "--weaken-symbol=")
list(REMOVE_DUPLICATES unique)
execute_process(COMMAND ${OBJCOPY} --redefine-sym stderr=asmjit_stderr ${unique} ${FROM} ${TO} COMMAND_ERROR_IS_FATAL ANY)
