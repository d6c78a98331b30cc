# Flags of all our targets; not of what others wrote.
add_library(lintel_flags INTERFACE)
target_compile_options(lintel_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wno-unused-parameter
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -Wnon-virtual-dtor>
  # Symbols of gcc's kind "unique" cannot be made local, and those of the static library would clash with a host's.
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>
  # What gcc lets pass after __extension__ or a pragma, and clang does not.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-c99-extensions -Wno-gnu -Wno-char-subscripts -Wno-unused-lambda-capture>
  # Nobody asks errno about mathematics: a square root is an instruction.
  -fno-math-errno -fno-strict-aliasing -fvisibility=hidden -pthread)
if(NOT LINTEL_SANITIZE)
  # The linker leaves out what nobody calls, and orders what start-up needs (cmake/startup.ld).
  target_compile_options(lintel_flags INTERFACE -ffunction-sections)
endif()
if(LINTEL_SANITIZE)
  target_compile_options(lintel_flags INTERFACE -fsanitize=${LINTEL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lintel_flags INTERFACE -fsanitize=${LINTEL_SANITIZE})
  target_compile_definitions(lintel_flags INTERFACE LINTEL_SANITIZED=1)
endif()
