/** To come. */
export async function hero() {}
