# Linux on 32-bit ARM with floating point in hardware: Debian's cross compiler, programs on qemu.
set(METE_TRIPLET arm-linux-gnueabihf)
# No more than 1 GiB of addresses: what the tests take for too much is a quarter of all there are.
set(METE_EMULATOR qemu-arm -R 0x40000000)
set(CMAKE_SYSTEM_PROCESSOR arm)
include("${CMAKE_CURRENT_LIST_DIR}/linux/debian_cross.cmake")
