# WebAssembly with pointers of 4 bytes and no system interface: clang and wasm-ld, run in node. The headers are those of
# Debian's libc++ for WASI, which want to be told that this is WASI; nothing of WASI is linked.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
set(CMAKE_C_COMPILER_TARGET wasm32)
set(CMAKE_CXX_COMPILER_TARGET wasm32)
set(CMAKE_AR llvm-ar)
set(CMAKE_RANLIB llvm-ranlib)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# memcpy, memmove and memset are instructions, so there is no library to bring them.
set(CMAKE_C_FLAGS_INIT "-ffreestanding -mbulk-memory -nostdlibinc -isystem /usr/include/wasm32-wasi -D__wasi__")
set(CMAKE_CXX_FLAGS_INIT "-fno-exceptions -fno-rtti -isystem /usr/include/wasm32-wasi/c++/v1 ${CMAKE_C_FLAGS_INIT}")
set(CMAKE_C_FLAGS_MINSIZEREL "-Oz -DNDEBUG" CACHE STRING "")
set(CMAKE_CXX_FLAGS_MINSIZEREL "-Oz -DNDEBUG" CACHE STRING "")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -Wno-unused-command-line-argument -Wl,--no-entry,--gc-sections,--fatal-warnings")

set(CMAKE_CROSSCOMPILING_EMULATOR node "${CMAKE_CURRENT_LIST_DIR}/../../tests/platform/wasm32/run.mjs")
