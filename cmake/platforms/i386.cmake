# Linux on 32-bit x86: Debian's cross compiler. An x86-64 kernel runs the programs as they are, which is faster than
# qemu and shows them a kernel's own mremap, madvise and threads; only their loader has another name than on i386.
set(METE_TRIPLET i686-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR i686)
include("${CMAKE_CURRENT_LIST_DIR}/linux/debian_cross.cmake")
set(METE_ROOT "/usr/${METE_TRIPLET}/lib")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--dynamic-linker=${METE_ROOT}/ld-linux.so.2 -Wl,-rpath,${METE_ROOT}")
