# RISC-V of 32 bits without an operating system and without a C library: Debian's compiler, and the machine virt of
# qemu. It says things on a serial port, and ends by the device sifive_test.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_CXX_COMPILER riscv64-unknown-elf-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # a program needs the linker scripts of tests/platform

# Debian has this compiler without a C++ library. Headers are all that mete needs of one, and those for ARM
# (libstdc++-arm-none-eabi-dev) hold for any target with newlib's C headers (libnewlib-dev): what they know of the
# processor they ask the compiler. Only the configuration lies apart by processor; this is one with 32-bit pointers,
# without floating point and without threads.
file(GLOB cxx_headers "/usr/include/newlib/c++/*")
set(cxx_configuration "${cxx_headers}/arm-none-eabi/thumb/v7-m/nofp")
if(NOT EXISTS "${cxx_configuration}/bits/c++config.h")
  message(FATAL_ERROR "C++ headers for newlib are missing: apt-get install libstdc++-arm-none-eabi-dev libnewlib-dev")
endif()

set(CMAKE_C_FLAGS_INIT
    "-march=rv32imac -mabi=ilp32 -ffreestanding -ffunction-sections -fdata-sections -idirafter /usr/include/newlib")
set(CMAKE_CXX_FLAGS_INIT
    "-isystem ${cxx_headers} -isystem ${cxx_configuration} ${CMAKE_C_FLAGS_INIT} -fno-exceptions -fno-rtti")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -Wl,--gc-sections")

set(CMAKE_CROSSCOMPILING_EMULATOR
    "${CMAKE_CURRENT_LIST_DIR}/../../tests/platform/bare/emulate" qemu-system-riscv32 -machine virt -bios none
    -display none -monitor none -serial stdio -kernel)
