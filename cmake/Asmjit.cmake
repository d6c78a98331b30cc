# asmjit: Debian's archive, which is what all our libraries and programs take in. Its symbols that must be unique in a process (gcc's kind
# "unique") become weak ones, so that a static library can make them local; its one use of stderr becomes a variable of ours, since a library
# inside of a host has no business there (jit/block_emitter.cpp).
find_path(ASMJIT_INCLUDE asmjit/asmjit.h REQUIRED)
find_library(ASMJIT_ARCHIVE libasmjit.a REQUIRED)
set(LINTEL_ASMJIT ${CMAKE_BINARY_DIR}/liblintel_asmjit.a)
add_custom_command(OUTPUT ${LINTEL_ASMJIT}
  COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DOBJCOPY=${CMAKE_OBJCOPY} -DFROM=${ASMJIT_ARCHIVE} -DTO=${LINTEL_ASMJIT}
          -P ${CMAKE_SOURCE_DIR}/cmake/TameArchive.cmake
  DEPENDS ${ASMJIT_ARCHIVE} ${CMAKE_SOURCE_DIR}/cmake/TameArchive.cmake VERBATIM)
add_custom_target(lintel_asmjit_archive DEPENDS ${LINTEL_ASMJIT})
add_library(lintel_asmjit INTERFACE)
add_dependencies(lintel_asmjit lintel_asmjit_archive)
target_include_directories(lintel_asmjit SYSTEM INTERFACE ${ASMJIT_INCLUDE})
target_link_libraries(lintel_asmjit INTERFACE ${LINTEL_ASMJIT})
