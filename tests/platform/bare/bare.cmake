# For a platform without an operating system and without a C library: what is the same on all of them, and how programs
# are linked. The folder of the platform brings memory.ld, the object `start` with its first instructions, and
# program.hpp's functions.

# mete_bare_platform(<sources of the platform...>)
function(mete_bare_platform)
  set(bare "${PROJECT_SOURCE_DIR}/tests/platform/bare")
  set(scripts "${CMAKE_CURRENT_SOURCE_DIR}/memory.ld" "${bare}/sections.ld")

  add_library(mete_bare STATIC ${ARGN} "${bare}/memory.cpp" "${bare}/port.cpp" "${bare}/start.cpp")
  target_include_directories(mete_bare PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(mete_bare PRIVATE mete_headers mete_warnings)
  set_source_files_properties("${bare}/memory.cpp" PROPERTIES COMPILE_OPTIONS "-fno-tree-loop-distribute-patterns")

  # Last of all libraries: the compiler's, of arithmetic that the processor does not have.
  target_link_libraries(mete_platform INTERFACE mete_bare gcc)
  foreach(script IN LISTS scripts)
    target_link_options(mete_platform INTERFACE "LINKER:--script=${script}")
  endforeach()
  set_property(TARGET mete_platform APPEND PROPERTY INTERFACE_LINK_DEPENDS ${scripts})

  mete_add_platform_test(memory "${bare}/memory_test.cpp")
endfunction()
