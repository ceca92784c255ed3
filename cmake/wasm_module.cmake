# The WebAssembly module: src/wasm on top of the layers, as couchlet.mjs (Emscripten's glue,
# which js/engine.js imports) and couchlet.wasm.
file(GLOB sources CONFIGURE_DEPENDS src/wasm/*.cpp)
file(GLOB js_libraries CONFIGURE_DEPENDS src/wasm/*.library.js)
if(NOT sources)
  message(WARNING "src/wasm has no sources: there is no module to build")
  return()
endif()

# base and json touch every byte of every document and are built for speed (CMake's -O3), the rest
# for size, as the module is downloaded before a page can start. With -Oz instead of -Os and -O3 for
# these layers the module is 348 kB instead of 488 (brotli: 115, 146); 10,000 documents written and
# read in memory take as long.
foreach(layer store document query replicate)
  get_target_property(type couchlet_${layer} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_compile_options(couchlet_${layer} PRIVATE -Oz)
  endif()
endforeach()

# Every browser since 2021 (Chrome 75, Firefox 79, Safari 15) has these two; they make copying fast.
set(features -mbulk-memory -mnontrapping-fptoint)
target_compile_options(couchlet_settings INTERFACE -flto ${features})

# The files are named couchlet.mjs and couchlet.wasm as the glue carries the second one's address,
# which must be right in dist/couchlet.js too: bundlers follow it.
add_executable(couchlet_engine ${sources})
set_target_properties(couchlet_engine PROPERTIES OUTPUT_NAME couchlet SUFFIX .mjs)
target_compile_options(couchlet_engine PRIVATE -Oz)
# Embind need not carry the names of C++ types: only its error messages use them.
target_compile_definitions(couchlet_engine PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
target_link_libraries(couchlet_engine PRIVATE couchlet_replicate)
target_link_options(couchlet_engine PRIVATE
  -O3 -flto ${features} -fno-exceptions -fno-rtti -lembind
  -sMODULARIZE -sEXPORT_ES6 -sFILESYSTEM=0 -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH
  # 64 KiB, Emscripten's own, is overrun unnoticed: nothing stands between the stack and the data.
  -sSTACK_SIZE=1MB
  # No "node": that would put import("module") and require("fs") into the glue, which bundlers
  # stumble over. js/engine.js loads the module and hands it over, so the glue runs in Node as well.
  -sENVIRONMENT=web,worker
  -sINCOMING_MODULE_JS_API=instantiateWasm
  -sEXPORTED_RUNTIME_METHODS=HEAPU8
  # Without eval, so that a page's Content-Security-Policy need not allow it.
  -sDYNAMIC_EXECUTION=0)
foreach(library IN LISTS js_libraries)
  target_link_options(couchlet_engine PRIVATE "SHELL:--js-library ${library}")
  set_property(TARGET couchlet_engine APPEND PROPERTY LINK_DEPENDS ${library})
endforeach()
