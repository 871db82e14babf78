# UEFI on x86-64: applications are programs for Windows without Windows, so Debian's mingw-w64 makes them; they run on
# the firmware OVMF in qemu.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # a program needs an entry point of tests/platform
set(CMAKE_EXECUTABLE_SUFFIX_C .efi)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .efi)

# No calls of Windows' runtime: neither to touch large frames of functions nor to start.
set(CMAKE_C_FLAGS_INIT "-ffreestanding -mno-stack-arg-probe")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT} -fno-exceptions -fno-rtti")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -Wl,--subsystem,10 -Wl,--entry,efi_main")

set(CMAKE_CROSSCOMPILING_EMULATOR "${CMAKE_CURRENT_LIST_DIR}/../../tests/platform/uefi/run")
