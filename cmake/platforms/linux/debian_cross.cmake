# What platforms with Debian's cross compilers share. The file that includes this one sets METE_TRIPLET, and
# METE_EMULATOR with its options if the machine at hand cannot run their programs itself.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${METE_TRIPLET}-gcc)
set(CMAKE_CXX_COMPILER ${METE_TRIPLET}-g++)
set(CMAKE_FIND_ROOT_PATH "/usr/${METE_TRIPLET}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
if(METE_EMULATOR)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${METE_EMULATOR} -L "/usr/${METE_TRIPLET}")
endif()
