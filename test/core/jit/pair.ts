/** What the tests of the translator compare: the same two processors as `npm run oracle -- --set engines`. */
export * from '../../../tools/oracle/engine-pair.ts';
