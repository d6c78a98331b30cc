# lintel_embed_erlang(TARGET SOURCES…): compiles the modules with erlc and links their bytes into TARGET, as
# embedded_modules() (embed/embedded_modules.h).
find_program(ERLC erlc REQUIRED)
function(lintel_embed_erlang target)
  set(out ${CMAKE_BINARY_DIR}/erl)
  set(beams)
  foreach(source ${ARGN})
    get_filename_component(name ${source} NAME_WE)
    add_custom_command(OUTPUT ${out}/${name}.beam
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND ${ERLC} -Werror +deterministic -o ${out} ${source}
      DEPENDS ${source} VERBATIM)
    list(APPEND beams ${out}/${name}.beam)
  endforeach()
  add_custom_command(OUTPUT ${out}/embedded_modules.cpp
    COMMAND ${CMAKE_COMMAND} -DOUT=${out}/embedded_modules.cpp "-DBEAMS=${beams}"
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedBytes.cmake
    DEPENDS ${beams} ${CMAKE_SOURCE_DIR}/cmake/EmbedBytes.cmake VERBATIM)
  target_sources(${target} PRIVATE ${out}/embedded_modules.cpp)
endfunction()
