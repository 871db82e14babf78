# Compile flags as interface targets, so that a target says what it is and gets the flags for it:
#   mete_headers    the public headers; all that tools may see
#   mete_warnings   what every C and C++ file in the repository has to survive; errors, except under a
#                   sanitizer, whose instrumentation makes gcc warn of what is not there
#   mete_engine     how code inside the library is compiled (brings the two above)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)

# Always defined, as 0 or 1, for every target: a header must mean the same in the library and in its test.
add_compile_definitions(METE_DEBUG=$<BOOL:${METE_DEBUG}> METE_AUDIT=$<BOOL:${METE_AUDIT}>
                        METE_HAS_HEAP=$<BOOL:${METE_HAS_HEAP}>)

# __FILE__ in a message starts at the root of the repository, wherever that is.
add_compile_options("-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")

add_library(mete_headers INTERFACE)
target_include_directories(mete_headers INTERFACE "${PROJECT_SOURCE_DIR}/include")

add_library(mete_warnings INTERFACE)
target_compile_options(mete_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef
  $<$<NOT:$<BOOL:${METE_SANITIZER}>>:-Werror>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>)

add_library(mete_engine INTERFACE)
target_link_libraries(mete_engine INTERFACE mete_headers mete_warnings)
target_include_directories(mete_engine INTERFACE "${PROJECT_SOURCE_DIR}/src")
# initial-exec: thread-local data is one load away in a preloaded library too, and never allocates.
# The no-builtin flags keep the compiler from turning our own malloc + memset into a call to calloc.
target_compile_options(mete_engine INTERFACE
  -fvisibility=hidden -fvisibility-inlines-hidden -ftls-model=initial-exec
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>
  -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free
  -fno-builtin-aligned_alloc)

# GCC 12 for 32-bit ARM loses the call of a function whose loop counts in addresses that it made up itself (seen at -O1
# in Heap::start, whose bins then have no room): it takes the function for one that writes nothing.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^arm" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(mete_engine INTERFACE -fno-ivopts)
endif()
