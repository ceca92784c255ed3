# The fuzz targets (tests/fuzz/*_fuzz.cpp). With COUCHLET_FUZZ each is a program fuzz_<name> with
# libFuzzer (npm run fuzz); with COUCHLET_TESTS it is replay_<name>, which ctest runs over the corpus
# that is checked in, tests/fuzz/corpus/<name>.
file(GLOB targets CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp)

# Plain twins of the engine, which some targets compare it with.
add_library(couchlet_fuzz_twins STATIC
  ${PROJECT_SOURCE_DIR}/tests/native/json/scan_comparison.cpp
  ${PROJECT_SOURCE_DIR}/tests/native/json/sax_document_scanner.cpp)
target_include_directories(couchlet_fuzz_twins PUBLIC
  ${PROJECT_SOURCE_DIR}/tests/native ${PROJECT_SOURCE_DIR}/tests/fuzz)
target_link_libraries(couchlet_fuzz_twins PUBLIC couchlet_query)

foreach(source IN LISTS targets)
  cmake_path(GET source STEM name)
  string(REGEX REPLACE "_fuzz$" "" name ${name})
  if(COUCHLET_FUZZ)
    add_executable(fuzz_${name} ${source})
    target_link_libraries(fuzz_${name} PRIVATE couchlet_fuzz_twins)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
  if(COUCHLET_TESTS)
    add_executable(replay_${name} ${source} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp)
    target_link_libraries(replay_${name} PRIVATE couchlet_fuzz_twins)
    add_test(NAME replay_${name}
      COMMAND replay_${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  endif()
endforeach()

if(COUCHLET_FUZZ)
  add_executable(make_corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/make_corpus.cpp)
  target_link_libraries(make_corpus PRIVATE couchlet_document)
endif()
