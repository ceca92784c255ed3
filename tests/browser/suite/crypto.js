// Of node:crypto, for a page.
export const randomUUID = () => crypto.randomUUID();
