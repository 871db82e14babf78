# METE_SANITIZER on everything, tests included; that of addresses looks for undefined behaviour, too. METE_CAN_PRELOAD says whether libmete.so, the static
# override and the program that preloads them are built: not where the sanitizer replaces malloc itself.
set(METE_CAN_PRELOAD ON)
if(METE_SANITIZER STREQUAL "address" OR METE_SANITIZER STREQUAL "thread")
  set(METE_CAN_PRELOAD OFF)
elseif(METE_SANITIZER)
  message(FATAL_ERROR "METE_SANITIZER is '${METE_SANITIZER}'; it can be address or thread")
endif()

if(METE_SANITIZER)
  set(sanitizers ${METE_SANITIZER})
  if(METE_SANITIZER STREQUAL "address")
    set(sanitizers address,undefined)
  endif()
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
endif()
if(METE_SANITIZER STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-tsan) # gcc warns that it does not model fences; every fence names its partner
endif()
