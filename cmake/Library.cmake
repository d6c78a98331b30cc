# liblintel, static and shared: all floors, with nothing visible but the functions of include/lintel/lintel.h.
# `cmake --install` puts both, the header, a CMake package (find_package(lintel): lintel::lintel, lintel::lintel_static)
# and a pkg-config file (lintel; --static for the static one) in place.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(floors base term gc loader vm jit sched stdlib embed)
set(objects)
foreach(floor ${floors})
  get_target_property(kind lintel_${floor} TYPE)
  if(kind STREQUAL "STATIC_LIBRARY")
    list(APPEND objects $<TARGET_OBJECTS:lintel_${floor}>)
  endif()
endforeach()

# The shared one. The version script hides what -fvisibility=hidden cannot: the templates of the standard library.
set(exports ${CMAKE_BINARY_DIR}/lintel.map)
list(JOIN LINTEL_NATIVE_SYMBOLS "; " LINTEL_NATIVE_GLOBALS)
configure_file(${CMAKE_SOURCE_DIR}/embed/lintel.map.in ${exports} @ONLY)
add_library(lintel_shared SHARED ${objects})
set_target_properties(lintel_shared PROPERTIES OUTPUT_NAME lintel VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
                      LINKER_LANGUAGE CXX LINK_DEPENDS ${exports})
target_link_libraries(lintel_shared PRIVATE lintel_embed lintel_flags)
target_link_options(lintel_shared PRIVATE -Wl,--version-script=${exports} -Wl,--exclude-libs,ALL)
target_include_directories(lintel_shared INTERFACE ${CMAKE_SOURCE_DIR}/include)

# The static one is a single object in which all other symbols have become local, so that it cannot clash with names of a host. asmjit is in it.
set(merged ${CMAKE_BINARY_DIR}/lintel_merged.o)
list(TRANSFORM LINTEL_NATIVE_SYMBOLS PREPEND "--keep-global-symbol=" OUTPUT_VARIABLE keep_natives)
add_custom_command(OUTPUT ${merged}
  COMMAND ${CMAKE_LINKER} -r --force-group-allocation -o ${merged}.all @${CMAKE_BINARY_DIR}/lintel_objects.txt ${LINTEL_ASMJIT}
  COMMAND ${CMAKE_OBJCOPY} -w --keep-global-symbol=lintel_* ${keep_natives} ${merged}.all ${merged}
  COMMAND ${CMAKE_COMMAND} -E rm ${merged}.all
  DEPENDS ${objects} ${CMAKE_BINARY_DIR}/lintel_objects.txt ${LINTEL_ASMJIT} COMMAND_EXPAND_LISTS VERBATIM)
# Precompiled headers count as objects of their target, but cannot be linked.
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/lintel_objects.txt
     CONTENT "$<JOIN:$<FILTER:${objects},EXCLUDE,[.]gch$>,\n>\n")
add_library(lintel_static STATIC ${merged})
set_source_files_properties(${merged} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
set_target_properties(lintel_static PROPERTIES OUTPUT_NAME lintel LINKER_LANGUAGE CXX)
target_include_directories(lintel_static INTERFACE ${CMAKE_SOURCE_DIR}/include)
# What the static library needs. Debian's libmimalloc.so also defines malloc: after libc and libstdc++ in the list it
# serves us and leaves the host's malloc alone.
set(LINTEL_STATIC_LIBS stdc++ m c pthread mimalloc z gmp uv re2 pcre2-8 unibilium zstd sodium)
target_link_libraries(lintel_static INTERFACE ${LINTEL_STATIC_LIBS})
target_link_options(lintel_static INTERFACE ${LINTEL_NATIVE_EXPORTS})
if(LINTEL_SANITIZE)
  target_link_options(lintel_static INTERFACE -fsanitize=${LINTEL_SANITIZE})
endif()

list(TRANSFORM LINTEL_STATIC_LIBS PREPEND "-l" OUTPUT_VARIABLE LINTEL_STATIC_FLAGS)
list(JOIN LINTEL_STATIC_FLAGS " " LINTEL_STATIC_FLAGS)
list(JOIN LINTEL_NATIVE_EXPORTS " " LINTEL_NATIVE_FLAGS)
# Where the file lies tells where the rest does: `cmake --install --prefix DIR` needs no other one.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(LINTEL_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" LINTEL_PC_PREFIX "\${pcfiledir}/${up}")
endif()
configure_file(${CMAKE_SOURCE_DIR}/cmake/lintel.pc.in ${CMAKE_BINARY_DIR}/lintel.pc @ONLY)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/lintel)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/lintel-config.cmake.in ${CMAKE_BINARY_DIR}/lintel-config.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/lintel-config-version.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS lintel_shared LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS lintel_static ARCHIVE COMPONENT development)
install(FILES include/lintel/lintel.h include/lintel/lintel.hpp include/lintel/erl_drv_nif.h include/lintel/erl_driver.h include/lintel/erl_nif.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lintel COMPONENT development)
install(FILES ${CMAKE_BINARY_DIR}/lintel-config.cmake ${CMAKE_BINARY_DIR}/lintel-config-version.cmake
        DESTINATION ${package} COMPONENT development)
install(FILES ${CMAKE_BINARY_DIR}/lintel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
