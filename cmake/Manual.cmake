# Man pages: lintel(1) from what the command says of itself, lintel(3) from the public header. `ninja man` makes them.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
include(GNUInstallDirs)
set(man ${CMAKE_BINARY_DIR}/man)
set(make_man ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/make_man.py)
set(makers ${CMAKE_SOURCE_DIR}/tools/make_man.py ${CMAKE_SOURCE_DIR}/tools/api_docs.py)
add_custom_command(OUTPUT ${man}/man1/lintel.1
  COMMAND ${make_man} ${CMAKE_SOURCE_DIR}/docs/man/lintel.1.in -o ${man}/man1/lintel.1 --lintel $<TARGET_FILE:lintel>
  DEPENDS lintel ${makers} ${CMAKE_SOURCE_DIR}/docs/man/lintel.1.in VERBATIM)
add_custom_command(OUTPUT ${man}/man3/lintel.3
  COMMAND ${make_man} ${CMAKE_SOURCE_DIR}/docs/man/lintel.3.in -o ${man}/man3/lintel.3 --links
  DEPENDS ${makers} ${CMAKE_SOURCE_DIR}/docs/man/lintel.3.in ${CMAKE_SOURCE_DIR}/include/lintel/lintel.h
          ${CMAKE_SOURCE_DIR}/examples/embedding/hello.c VERBATIM)
add_custom_target(man ALL DEPENDS ${man}/man1/lintel.1 ${man}/man3/lintel.3)
install(FILES ${man}/man1/lintel.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runtime)
install(DIRECTORY ${man}/man3 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT development)
install(TARGETS lintel COMPONENT runtime)
