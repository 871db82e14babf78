# One way to add a GoogleTest program. Every test case becomes a ctest test of its own, named
# <program>.<Suite>.<Case>, so `ctest -R D13` finds the tests of requirement D13.
#
#   mete_add_gtest(<name> LABELS <unit|contract|stress|abi|...> [long]
#                  SOURCES <files> [LIBRARIES <targets>] [ENVIRONMENT <A=b>...] [TIMEOUT <seconds>]
#                  [PROCESSORS <n>])
#
# The default timeout of 300 s is in the test presets. Give PROCESSORS 2 to a test that starts many threads.
find_package(GTest REQUIRED)
include(GoogleTest)

# GoogleTest's header takes longer to read than most tests take to compile: it is read once.
file(WRITE "${PROJECT_BINARY_DIR}/gtest_header.cpp" "")
add_library(mete_gtest_header OBJECT "${PROJECT_BINARY_DIR}/gtest_header.cpp")
target_link_libraries(mete_gtest_header PRIVATE mete_warnings GTest::gmock)
target_precompile_headers(mete_gtest_header PRIVATE <gtest/gtest.h>)
# Of all tests, since a header is compiled with the same flags as those who use it: what they allocate and do not use is
# allocated all the same.
target_compile_options(mete_gtest_header PRIVATE -fno-builtin)

function(mete_add_gtest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;PROCESSORS" "SOURCES;LIBRARIES;LABELS;ENVIRONMENT")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mete_warnings ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_options(${name} PRIVATE -fno-builtin)
  target_precompile_headers(${name} REUSE_FROM mete_gtest_header)
  set(properties LABELS "${arg_LABELS}")
  foreach(key ENVIRONMENT TIMEOUT PROCESSORS)
    if(arg_${key})
      list(APPEND properties ${key} "${arg_${key}}")
    endif()
  endforeach()
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES ${properties})
endfunction()
