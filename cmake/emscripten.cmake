# The toolchain file of the wasm preset: finds Emscripten and hands over to its own toolchain file.
# In order: emcc on the PATH (emsdk, Debian 13, Homebrew), else the one that `npm run setup` put
# into the cache folder (scripts/setup/emscripten.mjs).
find_program(COUCHLET_EMCC emcc)
if(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(cache_home $ENV{XDG_CACHE_HOME})
else()
  set(cache_home $ENV{HOME}/.cache)
endif()

set(candidates ${cache_home}/couchlet/emscripten/usr/share/emscripten)
if(COUCHLET_EMCC)
  file(REAL_PATH ${COUCHLET_EMCC} emcc)
  cmake_path(GET emcc PARENT_PATH emcc_folder)
  # emcc is in the root itself (emsdk, Debian) or in bin/ with the root in libexec/ (Homebrew).
  list(PREPEND candidates ${emcc_folder} ${emcc_folder}/../libexec)
endif()

# One that is too old doesn't count: Debian 12's has no <coroutine>.
foreach(root IN LISTS candidates)
  if(NOT EXISTS ${root}/emscripten-version.txt)
    continue()
  endif()
  file(READ ${root}/emscripten-version.txt version)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${version}")
  if(version VERSION_GREATER_EQUAL 3.1.69)
    include(${root}/cmake/Modules/Platform/Emscripten.cmake)
    return()
  endif()
endforeach()
message(FATAL_ERROR
  "Emscripten is missing: npm run setup, or put an emcc of 3.1.69 or newer on the PATH")
