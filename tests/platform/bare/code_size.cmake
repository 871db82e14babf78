# What mete takes of the flash of a small device: the test <platform>.code_size. The programs run as tests, too, so that
# what is measured is what works.

# mete_code_size_test(SPACE <bytes> DLMALLOC <bytes>): at most. The former is a requirement, the latter what was
# measured and a tenth.
function(mete_code_size_test)
  cmake_parse_arguments(PARSE_ARGV 0 limit "" "SPACE;DLMALLOC" "")
  foreach(name nothing space dlmalloc)
    add_executable(code_size_${name} "${PROJECT_SOURCE_DIR}/tests/platform/bare/code_size/${name}.cpp")
    target_link_libraries(code_size_${name} PRIVATE mete::space mete::dlmalloc mete_platform)
    # In all of the programs, whoever calls it, so that the difference is mete.
    foreach(function memcpy memmove memset custom_mmap custom_munmap custom_abort init_lock final_lock
                     acquire_lock release_lock)
      target_link_options(code_size_${name} PRIVATE LINKER:--undefined=${function})
    endforeach()
    add_test(NAME ${METE_PLATFORM}.code_size.${name} COMMAND code_size_${name})
    set_tests_properties(${METE_PLATFORM}.code_size.${name} PROPERTIES LABELS platform TIMEOUT 120)
  endforeach()
  add_test(NAME ${METE_PLATFORM}.code_size
           COMMAND "${PROJECT_SOURCE_DIR}/tests/platform/bare/code_size/measure" "${CMAKE_READELF}"
                   $<TARGET_FILE:code_size_nothing> $<TARGET_FILE:code_size_space> ${limit_SPACE}
                   $<TARGET_FILE:code_size_dlmalloc> ${limit_DLMALLOC})
  set_tests_properties(${METE_PLATFORM}.code_size PROPERTIES LABELS platform TIMEOUT 120)
endfunction()
