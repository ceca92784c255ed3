# The compiler where none was asked for: clang 19 (Debian 12 and newer have it), the one that the
# engine is checked with, else a newer clang, else CMake's own choice. CXX, or
# -DCMAKE_CXX_COMPILER, overrides it. Included before project(), which fixes the choice.
if(NOT CMAKE_CXX_COMPILER AND NOT CMAKE_TOOLCHAIN_FILE AND NOT DEFINED ENV{CXX})
  find_program(COUCHLET_CLANG NAMES clang++-19 clang++-20 clang++-21 clang++-22)
  if(COUCHLET_CLANG)
    set(CMAKE_CXX_COMPILER ${COUCHLET_CLANG})
  endif()
endif()
