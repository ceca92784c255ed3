# The simulation (docs/simulation.md): couchlet_simulation, which ctest runs for a few thousand seeds.
#
# The sanitizers make a run eight times as long, and most of what the simulation finds shows without
# them. So in a build with sanitizers it gets an engine of its own, optimised and without; and
# couchlet_simulation_sanitized runs a few seeds for what does not show.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/simulation/*.cpp)
list(APPEND sources ${PROJECT_SOURCE_DIR}/tests/native/replicate/multipart_document.cpp)

function(couchlet_simulation_test program scenario part seeds)
  set(name ${program}_${scenario}${part})
  add_test(NAME ${name} COMMAND ${program} ${scenario} --seeds ${seeds} --report ${name}_runs.json)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# The replication, whose runs take longest, in two parts, which may run side by side.
function(couchlet_simulation name engine store_seeds database_seeds replication_seeds)
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/tests/simulation ${PROJECT_SOURCE_DIR}/tests/native)
  target_link_libraries(${name} PRIVATE ${engine})
  math(EXPR half "${replication_seeds} / 2")
  math(EXPR after_half "${half} + 1")
  couchlet_simulation_test(${name} store "" 1..${store_seeds})
  couchlet_simulation_test(${name} database "" 1..${database_seeds})
  couchlet_simulation_test(${name} replication _1 1..${half})
  couchlet_simulation_test(${name} replication _2 ${after_half}..${replication_seeds})
endfunction()

if(COUCHLET_SANITIZE)
  file(GLOB engine_sources CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/src/base/*.cpp ${PROJECT_SOURCE_DIR}/src/json/*.cpp
    ${PROJECT_SOURCE_DIR}/src/store/*.cpp ${PROJECT_SOURCE_DIR}/src/document/*.cpp
    ${PROJECT_SOURCE_DIR}/src/query/*.cpp ${PROJECT_SOURCE_DIR}/src/replicate/*.cpp)
  add_library(couchlet_plain_engine STATIC ${engine_sources})
  target_link_libraries(couchlet_plain_engine PUBLIC couchlet_plain_settings)
  target_compile_options(couchlet_plain_engine PUBLIC -O2 -g0)
  couchlet_simulation(couchlet_simulation couchlet_plain_engine 1500 1000 3000)
  couchlet_simulation(couchlet_simulation_sanitized couchlet_replicate 60 40 40)
else()
  couchlet_simulation(couchlet_simulation couchlet_replicate 1500 1000 3000)
endif()
