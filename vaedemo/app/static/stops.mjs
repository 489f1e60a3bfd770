/** The header: guided tour and link. */
export function header(element, base) {}
