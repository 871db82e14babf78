# One way to add a GoogleTest program. Every test case becomes a ctest test of its own, named
# <program>.<Suite>.<Case>, so `ctest -R D13` finds the tests of requirement D13. On another platform, where a start
# takes an emulator, the whole program is one test, <platform>.<program>, and each case a child of it.
#
#   mete_add_gtest(<name> LABELS <unit|contract|stress|abi|...> [long]
#                  SOURCES <files> [LIBRARIES <targets>] [ENVIRONMENT <A=b>...] [TIMEOUT <seconds>]
#                  [PROCESSORS <n>] [NOT_EMULATED <Suite.Case>...])
#
# The default timeout of 300 s is in the test presets. Give PROCESSORS 2 to a test that starts many threads.
if(METE_PLATFORM STREQUAL "host")
  set(METE_TEST_PREFIX "")
  find_package(GTest REQUIRED)
  include(GoogleTest)
  set(METE_GTEST_MAIN GTest::gtest GTest::gtest_main)
else()
  # For other processors Debian has its source.
  set(METE_TEST_PREFIX "${METE_PLATFORM}.")
  set(BUILD_GMOCK OFF)
  set(INSTALL_GTEST OFF)
  add_subdirectory(/usr/src/googletest "${PROJECT_BINARY_DIR}/googletest" EXCLUDE_FROM_ALL)
  set(METE_GTEST_MAIN GTest::gtest mete_gtest_main)
  add_library(mete_gtest_main OBJECT "${PROJECT_SOURCE_DIR}/tests/support/gtest_in_children.cpp")
  target_link_libraries(mete_gtest_main PRIVATE mete_warnings GTest::gtest)
endif()

# How tests are compiled, all of them, since a header that is read once is read for one set of flags. no-builtin: what
# they allocate and do not use is allocated all the same. With debug assertions they are not optimised: what they say is
# the same, they compile in half the time, and the engine keeps its level. They are in release, and on an emulator, where
# they would take five times as long. The loops over the bytes of blocks are optimised everywhere.
set(METE_TEST_OPTIONS -fno-builtin)
if(METE_DEBUG AND METE_PLATFORM STREQUAL "host")
  list(APPEND METE_TEST_OPTIONS -O0)
endif()

# GoogleTest's header takes longer to read than most tests take to compile: it is read once.
file(WRITE "${PROJECT_BINARY_DIR}/gtest_header.cpp" "")
add_library(mete_gtest_header OBJECT "${PROJECT_BINARY_DIR}/gtest_header.cpp")
target_link_libraries(mete_gtest_header PRIVATE mete_warnings GTest::gtest)
target_precompile_headers(mete_gtest_header PRIVATE <gtest/gtest.h>)
target_compile_options(mete_gtest_header PRIVATE ${METE_TEST_OPTIONS})

add_library(mete_test_bytes STATIC "${PROJECT_SOURCE_DIR}/tests/support/bytes.cpp")
target_link_libraries(mete_test_bytes PRIVATE mete_warnings GTest::gtest)
target_include_directories(mete_test_bytes PUBLIC "${PROJECT_SOURCE_DIR}/tests")

function(mete_add_gtest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;PROCESSORS" "SOURCES;LIBRARIES;LABELS;ENVIRONMENT;NOT_EMULATED")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mete_warnings mete_test_bytes ${arg_LIBRARIES} ${METE_GTEST_MAIN})
  target_compile_options(${name} PRIVATE ${METE_TEST_OPTIONS})
  target_precompile_headers(${name} REUSE_FROM mete_gtest_header)
  set(properties LABELS "${arg_LABELS}")
  foreach(key ENVIRONMENT TIMEOUT PROCESSORS)
    if(arg_${key})
      list(APPEND properties ${key} "${arg_${key}}")
    endif()
  endforeach()
  if(METE_PLATFORM STREQUAL "host")
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                         PROPERTIES ${properties})
  else()
    list(TRANSFORM arg_NOT_EMULATED PREPEND - OUTPUT_VARIABLE left_out)
    add_test(NAME ${METE_TEST_PREFIX}${name} COMMAND ${name} ${left_out})
    set_tests_properties(${METE_TEST_PREFIX}${name} PROPERTIES ${properties} TIMEOUT 300)
  endif()
endfunction()
