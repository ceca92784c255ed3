// How much memory the WebAssembly modules of a page have, for tests that say how little is enough.

/**
 * No API tells how large the WebAssembly memories are: what makes instances is wrapped. Run in the
 * page before anything else, it leaves them in `memories`.
 */
export function rememberMemories() {
  globalThis.memories = [];
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const result = await original.apply(WebAssembly, args);
      const { exports } = result.instance ?? result;
      memories.push(...Object.values(exports).filter((e) => e instanceof WebAssembly.Memory));
      return result;
    };
  }
}
