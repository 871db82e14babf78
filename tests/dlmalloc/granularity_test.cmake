# What a build takes for the granularity, and what it refuses (C9): each line is where it is said, the value, and what
# comes of it.
include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/mete_granularity.cmake")

if(DEFINED CASE_OF_ONE)
  mete_default_granularity(granularity)
  message(STATUS "granularity <${granularity}>")
  return()
endif()

function(expect where value text)
  set(environment "DEFAULT_MMAP_GRANULARITY=${value}")
  set(option "")
  if(where STREQUAL "cache")
    set(environment "DEFAULT_MMAP_GRANULARITY=never looked at")
    set(option "-DMETE_DEFAULT_GRANULARITY=${value}")
  elseif(where STREQUAL "nowhere")
    set(environment "--unset=DEFAULT_MMAP_GRANULARITY")
  endif()
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env "${environment}" ${CMAKE_COMMAND} -DCASE_OF_ONE=1 ${option} -P
            "${CMAKE_CURRENT_FUNCTION_LIST_FILE}" OUTPUT_VARIABLE said ERROR_VARIABLE said)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  string(FIND "${said}" "${text}" at)
  if(at EQUAL -1)
    message(SEND_ERROR "${where} '${value}': expected '${text}' in '${said}'")
  endif()
endfunction()

expect(nowhere "" "granularity <>")
expect(environment 131072 "granularity <131072>")
expect(environment 0x20000 "granularity <0x20000>")
expect(cache 0X1000 "granularity <0X1000>")
expect(environment 100000 "DEFAULT_MMAP_GRANULARITY=100000: it has to be a power of two")
expect(environment 32 "it has to be a power of two, at least 64")
expect(environment 64K "DEFAULT_MMAP_GRANULARITY=64K: it has to be a number, in decimal or with 0x")
expect(environment 0 "it has to be a number")
expect(cache 010 "METE_DEFAULT_GRANULARITY=010: it has to be a number")
expect(cache 3 "METE_DEFAULT_GRANULARITY=3: it has to be a power of two")
