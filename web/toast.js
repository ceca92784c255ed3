// A short message at the bottom of the page, with one thing that can be done about it.

import { byId, copyOf, within } from './page.js';

const kReadingTime = 8000;

/**
 * @param {string} message
 * @param {{label: string, run: () => void}} [action]
 * @param {{stays?: boolean}} [options] `stays`: until the action is taken
 */
export function showToast(message, action, { stays = false } = {}) {
  const toast = copyOf('toast');
  within(toast, '.toast-text').textContent = message;
  const button = within(toast, 'button');
  button.hidden = !action;
  button.textContent = action?.label ?? '';
  button.addEventListener('click', () => {
    toast.remove();
    action?.run();
  });
  byId('toasts').replaceChildren(toast);
  if (!stays) setTimeout(() => toast.remove(), kReadingTime);
}
