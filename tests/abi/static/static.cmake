# Included by the CMakeLists.txt above: what is linked with mete instead of preloading it.
abi_program(abi_linked load/linked.c mete_shared)
abi_test(linked ENVIRONMENT METE_LIBRARY=${preload} COMMAND abi_linked)
abi_program(preload_in_effect load/preload_in_effect.c)
abi_test(preload_in_effect COMMAND preload_in_effect)

abi_test(symbols COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/start/symbols.sh "${CMAKE_C_COMPILER}" ${preload}
         $<TARGET_FILE:mete_override>
         "${PROJECT_SOURCE_DIR}/include/mete/dlmalloc.h")

# The archive goes in by its path: as a target it would make the C++ compiler the linker, and with it
# libstdc++ a part of programs that are C.
function(abi_static name source)
  add_executable(${name} ${source})
  add_dependencies(${name} mete_override)
  target_link_libraries(${name} PRIVATE mete_abi_program $<TARGET_FILE:mete_override> ${ARGN})
  list(APPEND static_programs $<TARGET_FILE:${name}>)
  set(static_programs ${static_programs} PARENT_SCOPE)
endfunction()

set(static_programs)
abi_static(static_every_function static/every_function.c -static)
abi_static(static_pie_every_function static/every_function.c -static-pie)
abi_static(archive_every_function static/every_function.c) # only the archive is static, the C library is not
abi_static(static_info_only static/info_only.c -static)
abi_static(static_new_only static/new_only.cpp -static)
abi_static(archive_new_only static/new_only.cpp)
abi_static(static_fork_threads process/fork_threads.c -static)
abi_static(static_atfork_handlers process/atfork_handlers.c -static)
abi_static(static_thread_churn threads/thread_churn.c -static)
abi_static(static_little_memory limits/little_memory.c -static)
abi_static(static_replaced_new values/replaced_new.cpp -static)
abi_static(static_tls_destructors threads/tls_destructors.cpp -static)
abi_static(static_foreign_blocks threads/foreign_blocks.cpp -static)
abi_static(static_process_end threads/process_end.cpp -static)
foreach(test operators introspection)
  abi_static(static_${test} values/${test}_test.cpp -static GTest::gtest GTest::gtest_main)
  target_sources(static_${test} PRIVATE static/no_network.c)
endforeach()

set(no_preload METE_LIBRARY=static)
abi_test(static.every_function ENVIRONMENT ${no_preload} COMMAND static_every_function)
abi_test(static.pie ENVIRONMENT ${no_preload} COMMAND static_pie_every_function)
abi_test(static.archive_only ENVIRONMENT ${no_preload} COMMAND archive_every_function)
foreach(name static_info_only static_new_only archive_new_only)
  abi_test(static.${name} ENVIRONMENT ${no_preload} COMMAND ${name})
endforeach()
abi_test(static.fork_threads ENVIRONMENT ${no_preload} COMMAND static_fork_threads 100)
abi_test(static.thread_churn ENVIRONMENT ${no_preload} COMMAND static_thread_churn 1000)
abi_test(static.little_memory ENVIRONMENT ${no_preload} COMMAND static_little_memory as 64)
foreach(name atfork_handlers replaced_new tls_destructors foreign_blocks operators introspection)
  abi_test(static.${name} ENVIRONMENT ${no_preload} COMMAND static_${name})
endforeach()
foreach(mode exit threads main-thread)
  abi_test(static.process_end.${mode} ENVIRONMENT ${no_preload} COMMAND static_process_end ${mode})
endforeach()

if(METE_MUSL_GCC)
  # musl-gcc is a C compiler of its own; CMake has only one of these in a build.
  set(musl_flags -std=gnu11 -O1 -g1 -fno-builtin -Wall -Wextra -Werror -I${PROJECT_SOURCE_DIR}/tests
                 -I${CMAKE_CURRENT_SOURCE_DIR})
  foreach(source static/every_function process/fork_threads process/atfork_handlers threads/thread_churn
                 limits/little_memory)
    get_filename_component(name ${source} NAME)
    set(program ${CMAKE_CURRENT_BINARY_DIR}/musl_${name})
    add_custom_command(
      OUTPUT ${program}
      COMMAND ${METE_MUSL_GCC} ${musl_flags} -static ${CMAKE_CURRENT_SOURCE_DIR}/${source}.c
              $<TARGET_FILE:mete_override> -o ${program}
      DEPENDS mete_override ${CMAKE_CURRENT_SOURCE_DIR}/${source}.c checks.h ${PROJECT_SOURCE_DIR}/tests/support/resident.h
              process/threads_at_work.h limits/memory_in_use.h
      VERBATIM)
    list(APPEND musl_programs ${program})
  endforeach()
  add_custom_target(abi_musl_programs ALL DEPENDS ${musl_programs})
  set(at ${CMAKE_CURRENT_BINARY_DIR})
  abi_test(musl.every_function ENVIRONMENT ${no_preload} COMMAND ${at}/musl_every_function)
  abi_test(musl.fork_threads ENVIRONMENT ${no_preload} COMMAND ${at}/musl_fork_threads 100)
  abi_test(musl.atfork_handlers ENVIRONMENT ${no_preload} COMMAND ${at}/musl_atfork_handlers)
  abi_test(musl.thread_churn ENVIRONMENT ${no_preload} COMMAND ${at}/musl_thread_churn 1000)
  abi_test(musl.little_memory ENVIRONMENT ${no_preload} COMMAND ${at}/musl_little_memory as 64)
else()
  message(WARNING "musl-gcc is missing (Debian: musl-tools): the static link with musl is not tested")
endif()

abi_test(static.one_allocator ENVIRONMENT ${no_preload}
         COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/static/one_allocator.sh ${static_programs} ${musl_programs})
abi_test(static.fork_hooks ENVIRONMENT ${no_preload}
         COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/static/fork_hooks.sh $<TARGET_FILE:static_fork_threads>
                 $<TARGET_FILE:static_every_function> $<TARGET_FILE:static_foreign_blocks>)
