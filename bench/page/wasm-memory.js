// How large the WebAssembly memories of this page are. No API tells, so the functions that make
// instances are wrapped: import this before anything that has a module.

/** @type {WebAssembly.Memory[]} */
const memories = [];

/** @param {WebAssembly.Instance} instance */
function remember(instance) {
  for (const value of Object.values(instance.exports)) {
    if (value instanceof WebAssembly.Memory) memories.push(value);
  }
}

for (const name of /** @type {const} */ (['instantiate', 'instantiateStreaming'])) {
  const original = /** @type {(...args: any[]) => Promise<any>} */ (WebAssembly[name]);
  WebAssembly[name] = async (/** @type {any[]} */ ...args) => {
    const result = await original.apply(WebAssembly, args);
    remember(result.instance ?? result);
    return result;
  };
}

export function wasmMemoryBytes() {
  return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
