# lintel_prefer_archive(TARGET NAME): a program with the property LINTEL_ARCHIVES links libNAME.a instead of the shared library behind
# the imported target, if there is such an archive. Each shared library costs a start about half a millisecond and 100 to
# 1,500 kB of memory.
function(lintel_prefer_archive target name)
  find_library(LINTEL_ARCHIVE_${name} lib${name}.a)
  mark_as_advanced(LINTEL_ARCHIVE_${name})
  if(NOT LINTEL_ARCHIVE_${name} OR LINTEL_SANITIZE)
    return()
  endif()
  set(wants "$<BOOL:$<TARGET_PROPERTY:LINTEL_ARCHIVES>>")
  get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
  string(REPLACE ";" "$<SEMICOLON>" libraries "${libraries}")
  set_property(TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES "$<IF:${wants},${LINTEL_ARCHIVE_${name}},${libraries}>")
endfunction()
