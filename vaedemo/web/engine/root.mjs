/** The page's own address, told by this module's: it lies below the page, wherever that is mounted. */
export const ROOT = new URL('../../../', import.meta.url).href;

/** Whether a server answers this page. A static site says in its head that none does; workers ask nobody. */
export const HAS_SERVER = !globalThis.document?.querySelector('meta[name="vaedemo-server"][content="none"]');
