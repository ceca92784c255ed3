// The few words in which the other files speak about the page.

/**
 * The element with this id, which index.html must have.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return /** @type {T} */ (element);
}

/**
 * The one element within `parent` that matches.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} parent @param {string} selector
 * @returns {T}
 */
export function within(parent, selector) {
  const element = parent.querySelector(selector);
  if (!element) throw new Error(`nothing matches ${selector}`);
  return /** @type {T} */ (element);
}

/** A new copy of what is in a <template>. @param {string} id @returns {HTMLElement} */
export function copyOf(id) {
  const { content } = /** @type {HTMLTemplateElement} */ (byId(id));
  return /** @type {HTMLElement} */ (content.firstElementChild?.cloneNode(true));
}
