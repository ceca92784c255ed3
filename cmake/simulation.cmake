# The simulation (docs/simulation.md): couchlet_simulation, which ctest runs for a few thousand seeds.
#
# The sanitizers make a run eight times as long, and most of what the simulation finds shows without
# them. So in a build with sanitizers it gets an engine of its own, optimised and without; and
# couchlet_simulation_sanitized runs a few seeds for what does not show.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/simulation/*.cpp)

function(couchlet_simulation name engine store_seeds database_seeds replication_seeds)
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/simulation ${PROJECT_SOURCE_DIR}/tests/native)
  target_link_libraries(${name} PRIVATE ${engine})
  foreach(scenario store database replication)
    add_test(NAME ${name}_${scenario}
      COMMAND ${name} ${scenario} --seeds 1..${${scenario}_seeds} --report ${name}_${scenario}_runs.json)
    set_tests_properties(${name}_${scenario} PROPERTIES TIMEOUT 300)
  endforeach()
endfunction()

if(COUCHLET_SANITIZE)
  file(GLOB engine_sources CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/src/base/*.cpp ${PROJECT_SOURCE_DIR}/src/json/*.cpp
    ${PROJECT_SOURCE_DIR}/src/store/*.cpp ${PROJECT_SOURCE_DIR}/src/document/*.cpp
    ${PROJECT_SOURCE_DIR}/src/query/*.cpp ${PROJECT_SOURCE_DIR}/src/replicate/*.cpp)
  add_library(couchlet_plain_engine STATIC ${engine_sources})
  target_link_libraries(couchlet_plain_engine PUBLIC couchlet_plain_settings)
  target_compile_options(couchlet_plain_engine PUBLIC -O2 -g0)
  couchlet_simulation(couchlet_simulation couchlet_plain_engine 1500 1000 500)
  couchlet_simulation(couchlet_simulation_sanitized couchlet_replicate 60 40 20)
else()
  couchlet_simulation(couchlet_simulation couchlet_replicate 1500 1000 500)
endif()
