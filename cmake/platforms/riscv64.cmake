# Linux on 64-bit RISC-V: Debian's cross compiler, programs on qemu.
set(METE_TRIPLET riscv64-linux-gnu)
set(METE_EMULATOR qemu-riscv64)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
include("${CMAKE_CURRENT_LIST_DIR}/linux/debian_cross.cmake")
