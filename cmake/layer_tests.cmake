# The tests of a layer: one GoogleTest program, one CTest entry. A program of its own for each test
# would start the sanitizers' run time a thousand times.
find_package(GTest QUIET)
if(COUCHLET_TESTS AND NOT GTest_FOUND)
  message(FATAL_ERROR "GoogleTest is missing: npm run setup, or apt-get install libgtest-dev")
endif()
enable_testing()

# couchlet_layer_tests(<name> [<lower layer>])
function(couchlet_layer_tests name)
  set(folder ${PROJECT_SOURCE_DIR}/tests/native/${name})
  file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cpp)
  file(GLOB doubles CONFIGURE_DEPENDS ${folder}/*.cpp)
  list(REMOVE_ITEM doubles ${tests} "")

  set(doubles_target couchlet_${name}_doubles)
  if(doubles)
    add_library(${doubles_target} STATIC ${doubles})
    set(scope PUBLIC)
  else()
    add_library(${doubles_target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${doubles_target} ${scope} couchlet_${name} GTest::gtest)
  target_include_directories(${doubles_target} ${scope} ${PROJECT_SOURCE_DIR}/tests/native)
  target_compile_definitions(${doubles_target} ${scope}
    COUCHLET_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
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
  target_link_libraries(${program} PRIVATE ${doubles_target} GTest::gtest_main)
  add_test(NAME ${program}
    COMMAND ${program} --gtest_brief=1 --gtest_output=json:${program}.json)
  set_tests_properties(${program} PROPERTIES
    FAIL_REGULAR_EXPRESSION "PASSED  . 0 tests"
    ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1;UBSAN_OPTIONS=print_stacktrace=1"
    TIMEOUT 300)
endfunction()
