// js/index.d.ts as a list of what it declares, with the comments: enough of its grammar to compare
// the documentation with it.

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {boolean} isStatic
 * @property {string} comment of its first overload; '' without one
 */
/**
 * @typedef {object} Declaration
 * @property {'interface' | 'type' | 'class'} kind
 * @property {string} name
 * @property {string} comment
 * @property {Member[]} members each once
 */

const kDeclaration = /^export (?:default )?(?:declare )?(interface|type|class) (\w+)/;
const kMember = /^ {2}(static )?(?:readonly )?(\w+)\??(?=[(:<])/;

/**
 * @param {string} text
 * @returns {Declaration[]}
 */
export function declarationsOf(text) {
  /** @type {Declaration[]} */
  const declarations = [];
  let comment = '';
  let isInComment = false;
  let isInBody = false;
  for (const line of text.split('\n')) {
    if (/^\s*\/\*\*/.test(line)) {
      comment = '';
      isInComment = true;
    }
    if (isInComment) {
      comment += `${line}\n`;
      isInComment = !line.includes('*/');
      continue;
    }
    const [, kind, name] = kDeclaration.exec(line) ?? [];
    if (name) {
      declarations.push({ kind: /** @type {any} */ (kind), name, comment, members: [] });
      isInBody = false;
    }
    const declaration = declarations.at(-1);
    if (isInBody) addMember(declaration, line, comment);
    if (/^\S.*\{$/.test(line) && kind !== 'type') isInBody = true;
    if (/^\}/.test(line)) isInBody = false;
    comment = '';
  }
  return declarations;
}

/**
 * @param {Declaration} declaration
 * @param {string} line
 * @param {string} comment
 */
function addMember({ members }, line, comment) {
  const [, word, name] = kMember.exec(line) ?? [];
  if (!name) return;
  const isStatic = word !== undefined;
  if (members.some((known) => known.name === name && known.isStatic === isStatic)) return;
  members.push({ name, isStatic, comment });
}
