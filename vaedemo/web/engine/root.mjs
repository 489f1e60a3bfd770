/** The page's own address, told by this module's: it lies below the page, wherever that is mounted. */
export const ROOT = new URL('../../../', import.meta.url).href;
