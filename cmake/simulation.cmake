# The simulation (docs/simulation.md): one program, run by ctest for a fixed range of seeds.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/simulation/*.cpp)
add_executable(couchlet_simulation ${sources})
target_include_directories(couchlet_simulation PRIVATE
  ${PROJECT_SOURCE_DIR}/tests/simulation ${PROJECT_SOURCE_DIR}/tests/native)
target_link_libraries(couchlet_simulation PRIVATE couchlet_document)
