# Linux on 32-bit ARM with floating point in hardware: Debian's cross compiler, programs on qemu.
set(METE_TRIPLET arm-linux-gnueabihf)
set(METE_EMULATOR qemu-arm)
set(CMAKE_SYSTEM_PROCESSOR arm)
include("${CMAKE_CURRENT_LIST_DIR}/linux/debian_cross.cmake")
