# mete_default_granularity(<variable>): how many bytes dlmalloc asks its port for at a time, as METE_DEFAULT_GRANULARITY
# says or, where that is empty, the variable DEFAULT_MMAP_GRANULARITY of the environment, as for portable-dlmalloc (C9);
# empty if neither does. A power of two from 64 to 1 GiB, in decimal or with 0x; anything else ends the
# configuration.
function(mete_default_granularity variable)
  set(name METE_DEFAULT_GRANULARITY)
  set(value "${METE_DEFAULT_GRANULARITY}")
  if(value STREQUAL "" AND DEFINED ENV{DEFAULT_MMAP_GRANULARITY})
    set(name DEFAULT_MMAP_GRANULARITY)
    set(value "$ENV{DEFAULT_MMAP_GRANULARITY}")
  endif()
  if(NOT value STREQUAL "")
    if(NOT value MATCHES "^(0[xX][0-9a-fA-F]+|[1-9][0-9]*)$")
      message(FATAL_ERROR "${name}=${value}: it has to be a number, in decimal or with 0x")
    endif()
    math(EXPR rest "${value} & (${value} - 1)")
    math(EXPR bytes "${value}")
    if(NOT rest EQUAL 0 OR bytes LESS 64 OR bytes GREATER 1073741824)
      message(FATAL_ERROR "${name}=${value}: it has to be a power of two, from 64 to 0x40000000")
    endif()
  endif()
  set(${variable} "${value}" PARENT_SCOPE)
endfunction()
