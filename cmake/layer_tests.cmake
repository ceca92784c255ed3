# The tests of a layer: one GoogleTest program, one CTest entry. A program of its own for each test
# would start the sanitizers' run time a thousand times.
find_package(GTest QUIET)
if(NOT GTest_FOUND)
  message(FATAL_ERROR "GoogleTest is missing: npm run setup, or apt-get install libgtest-dev")
endif()
enable_testing()

# What all test code is compiled with. It gets none of the engine's optimisation: with the
# sanitizers that would double the time to compile it. Reading GoogleTest's header would double it
# again.
add_library(couchlet_test_settings INTERFACE)
target_include_directories(couchlet_test_settings INTERFACE ${PROJECT_SOURCE_DIR}/tests/native)
target_compile_definitions(couchlet_test_settings INTERFACE
  COUCHLET_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
target_compile_options(couchlet_test_settings INTERFACE $<$<CONFIG:Debug>:-O0>)
target_link_libraries(couchlet_test_settings INTERFACE couchlet_settings GTest::gtest)

file(GENERATE OUTPUT gtest_header.cpp CONTENT "")
add_library(couchlet_gtest_header STATIC ${PROJECT_BINARY_DIR}/gtest_header.cpp)
target_link_libraries(couchlet_gtest_header PRIVATE couchlet_test_settings)
target_precompile_headers(couchlet_gtest_header PRIVATE <gtest/gtest.h>)

# couchlet_layer_tests(<name> [<lower layer>])
function(couchlet_layer_tests name)
  set(folder ${PROJECT_SOURCE_DIR}/tests/native/${name})
  file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cpp)
  file(GLOB doubles CONFIGURE_DEPENDS ${folder}/*.cpp)
  list(REMOVE_ITEM doubles ${tests} "")

  set(doubles_target couchlet_${name}_doubles)
  if(doubles)
    add_library(${doubles_target} STATIC ${doubles})
    target_precompile_headers(${doubles_target} REUSE_FROM couchlet_gtest_header)
    set(scope PUBLIC)
  else()
    add_library(${doubles_target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${doubles_target} ${scope} couchlet_${name} couchlet_test_settings)
  if(ARGC GREATER 1)
    target_link_libraries(${doubles_target} ${scope} couchlet_${ARGV1}_doubles)
  endif()

  set(program couchlet_${name}_tests)
  if(NOT tests)
    # A layer that nobody tests must not look like one whose tests pass.
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*)
    if(files)
      add_test(NAME ${program} COMMAND ${CMAKE_COMMAND} -E cat ${folder}/no_test_of_this_layer)
    endif()
    return()
  endif()
  add_executable(${program} ${tests})
  target_precompile_headers(${program} REUSE_FROM couchlet_gtest_header)
  target_link_libraries(${program} PRIVATE ${doubles_target} GTest::gtest_main)
  add_test(NAME ${program}
    COMMAND ${program} --gtest_brief=1 --gtest_output=json:${program}.json)
  set_tests_properties(${program} PROPERTIES
    FAIL_REGULAR_EXPRESSION "PASSED  . 0 tests"
    ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1;UBSAN_OPTIONS=print_stacktrace=1"
    TIMEOUT 300)
endfunction()
