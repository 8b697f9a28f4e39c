/** Rules for names that DTS and DTB share. Reference: Devicetree Specification v0.4, 2.2.1, 2.2.4 and 2.3. */
import { fromLatin1 } from './text.ts';
import type { Node } from './tree.ts';

/** Longest name that is read. The specification recommends 31 characters, which real trees exceed. */
export const MAX_NAME = 255;

/** What is wrong with a node's name, if anything. */
export function checkName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > MAX_NAME) return `is longer than ${MAX_NAME} characters`;
  if (!/^[0-9A-Za-z,._+@-]*$/.test(name)) return 'has a character other than letters, digits and , . _ + - @';
  return name.indexOf('@') === name.lastIndexOf('@') ? undefined : "has more than one '@'";
}

/** A `name` property only repeats the node's name; it is dropped as dtc drops it, and refused when it lies. */
export function checkNameProperty(node: Node): void {
  const property = node.get('name');
  if (property === undefined) return;
  if (fromLatin1(property.value) !== `${node.baseName}\0`) {
    throw property.fail('differs from the name of the node', {
      expected: `"${node.baseName}"`,
      advice: 'Leave the property out.',
    });
  }
  node.delete('name');
}

/** What is wrong with a property's name, if anything. */
export function checkPropertyName(name: string): string | undefined {
  if (name.length > MAX_NAME) return `is longer than ${MAX_NAME} characters`;
  return /^[0-9A-Za-z,._+*#?-]+$/.test(name) ? undefined : 'has a character other than letters, digits and , . _ + * # ? -';
}
