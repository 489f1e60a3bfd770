/** To come. */
export async function mount() {}
