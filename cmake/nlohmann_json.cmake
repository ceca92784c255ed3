# COUCHLET_NLOHMANN_INCLUDE: an include folder that holds nlohmann/ and nothing else.
# The folder that has it on the system is mostly /usr/include, which must not come into the
# WebAssembly build: its C headers would hide those of Emscripten's sysroot.
find_path(COUCHLET_NLOHMANN_FOUND nlohmann/json.hpp REQUIRED
  NO_CMAKE_FIND_ROOT_PATH
  PATHS /usr/include /usr/local/include /opt/homebrew/include
  DOC "The folder that has nlohmann/json.hpp (Debian: nlohmann-json3-dev)")

set(COUCHLET_NLOHMANN_INCLUDE ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${COUCHLET_NLOHMANN_INCLUDE})
file(CREATE_LINK ${COUCHLET_NLOHMANN_FOUND}/nlohmann ${COUCHLET_NLOHMANN_INCLUDE}/nlohmann
  SYMBOLIC)
