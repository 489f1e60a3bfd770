/** to come */
export function mount(element, base) {}
