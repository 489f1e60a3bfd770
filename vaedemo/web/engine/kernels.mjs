/**
 * The kernels, compiled: those that multiply and add in one instruction (`NAME-fused.wasm`, relaxed SIMD), or, in a
 * browser that does not know it, those that do it in two (`NAME.wasm`). Their results differ in the last bits.
 */

/** @param {string} file  beside this module @returns {Promise<WebAssembly.Module>} */
async function compiled(file) {
  const answer = await fetch(new URL(file, import.meta.url));
  if (!answer.ok) throw new Error(`The kernels cannot be had: the server answers ${answer.status}.`);
  return WebAssembly.compile(await answer.arrayBuffer());
}

/**
 * @param {'kernels' | 'training-kernels'} name
 * @returns {Promise<WebAssembly.Module>}
 */
export async function kernelsOf(name) {
  try {
    return await compiled(`${name}-fused.wasm`);
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return compiled(`${name}.wasm`);
  }
}
