# One way to add a GoogleTest program. Every test case becomes a ctest test of its own, named
# <program>.<Suite>.<Case>, so `ctest -R D13` finds the tests of requirement D13.
#
#   mete_add_gtest(<name> LABELS <unit|contract|stress|abi|...> [long]
#                  SOURCES <files> [LIBRARIES <targets>] [ENVIRONMENT <A=b>...] [TIMEOUT <seconds>]
#                  [PROCESSORS <n>])
#
# The default timeout of 300 s is in the test presets. Give PROCESSORS 2 to a test that starts many threads.
include(GoogleTest)

function(mete_add_gtest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;PROCESSORS" "SOURCES;LIBRARIES;LABELS;ENVIRONMENT")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mete_warnings ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  set(properties LABELS "${arg_LABELS}")
  foreach(key ENVIRONMENT TIMEOUT PROCESSORS)
    if(arg_${key})
      list(APPEND properties ${key} "${arg_${key}}")
    endif()
  endforeach()
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES ${properties})
endfunction()
