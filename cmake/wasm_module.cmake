# The WebAssembly module: src/wasm on top of the layers, as couchlet_engine.mjs (Emscripten's
# glue, which js/engine.js imports) and couchlet_engine.wasm.
file(GLOB sources CONFIGURE_DEPENDS src/wasm/*.cpp)
file(GLOB js_libraries CONFIGURE_DEPENDS src/wasm/*.library.js)
if(NOT sources)
  message(WARNING "src/wasm has no sources: there is no module to build")
  return()
endif()

# Whatever touches every byte of every document is built for speed (CMake's -O3), the rest for
# size, as the module is downloaded before a page can start.
foreach(layer document replicate)
  get_target_property(type couchlet_${layer} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_compile_options(couchlet_${layer} PRIVATE -Os)
  endif()
endforeach()

target_compile_options(couchlet_settings INTERFACE -flto)

add_executable(couchlet_engine ${sources})
set_target_properties(couchlet_engine PROPERTIES SUFFIX .mjs)
target_compile_options(couchlet_engine PRIVATE -Os)
# Embind need not carry the names of C++ types: only its error messages use them.
target_compile_definitions(couchlet_engine PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
target_link_libraries(couchlet_engine PRIVATE couchlet_replicate)
target_link_options(couchlet_engine PRIVATE
  -O3 -flto -fno-exceptions -fno-rtti -lembind
  -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=web,worker,node
  -sFILESYSTEM=0 -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH)
foreach(library IN LISTS js_libraries)
  target_link_options(couchlet_engine PRIVATE --js-library ${library})
  set_property(TARGET couchlet_engine APPEND PROPERTY LINK_DEPENDS ${library})
endforeach()
