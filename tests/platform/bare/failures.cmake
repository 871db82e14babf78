# That a program which fails is seen to fail, whatever the way: tests named <platform>.failure.<program>.

# must_fail_test(<name of a file in failures/> <what it says> <libraries...>)
function(must_fail_test name text)
  add_executable(failure_${name} "${PROJECT_SOURCE_DIR}/tests/platform/bare/failures/${name}.cpp")
  target_link_libraries(failure_${name} PRIVATE ${ARGN} mete_platform)
  add_test(NAME ${METE_PLATFORM}.failure.${name}
           COMMAND "${PROJECT_SOURCE_DIR}/tests/platform/bare/must_fail" "${text}" ${CMAKE_CROSSCOMPILING_EMULATOR}
                   $<TARGET_FILE:failure_${name}>)
  set_tests_properties(${METE_PLATFORM}.failure.${name} PROPERTIES LABELS platform TIMEOUT 120)
endfunction()

must_fail_test(expectation "wrong: one == 2 (tests/platform/bare/failures/expectation.cpp:7)")
must_fail_test(crash "crashed: cause")
must_fail_test(null_call "crashed: cause")
must_fail_test(stack_overflow "crashed: cause")
must_fail_test(double_free "crashed: cause" mete::space)
must_fail_test(no_memory "crashed: cause" mete::space)
must_fail_test(wrong_free "wrong: free of what is no block in use" mete::dlmalloc)
must_fail_test(silence "did not say that it passed")
must_fail_test(endless "does not end")
set_tests_properties(${METE_PLATFORM}.failure.endless PROPERTIES ENVIRONMENT METE_EMULATOR_SECONDS=2)

# Built by the test, since it must not link.
add_executable(failure_static_constructor EXCLUDE_FROM_ALL
               "${PROJECT_SOURCE_DIR}/tests/platform/bare/failures/static_constructor.cpp")
target_link_libraries(failure_static_constructor PRIVATE mete_platform)
add_test(NAME ${METE_PLATFORM}.failure.static_constructor
         COMMAND "${PROJECT_SOURCE_DIR}/tests/platform/bare/must_fail" "make it constinit"
                 "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --target failure_static_constructor)
set_tests_properties(${METE_PLATFORM}.failure.static_constructor PROPERTIES LABELS platform TIMEOUT 120)
