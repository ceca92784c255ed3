// In the place of what only Node needs.
export {};
