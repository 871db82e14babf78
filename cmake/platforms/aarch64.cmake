# Linux on 64-bit ARM: Debian's cross compiler, programs on qemu.
set(METE_TRIPLET aarch64-linux-gnu)
set(METE_EMULATOR qemu-aarch64)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/linux/debian_cross.cmake")
