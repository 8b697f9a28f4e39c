import { expect, it } from 'vitest';
import { checkFiles } from '../../../tools/check/files.ts';
import { show } from '../../../tools/check/finding.ts';

const found = (file: string, text: string) => checkFiles({ [file]: text }).map(show);

it.each(['see /home/someone/notes', "'/home/build/core'", '\0\x7fELF\0/home/build/main.c\0', 'open(/Users/someone/x)'])(
  'a path of one machine is found: %j',
  (text) => {
    expect(found('docs/a.md', `first\n${text}`)[0]).toMatch(/^docs\/a\.md:2: names a path of one machine: \//);
  },
);

it.each(['docs/work/plan.md', 'https://example.org/home/index.html', '/usr/lib/u-boot', 'reads /root', './home/x'])(
  'other paths are not: %s',
  (text) => expect(found('docs/a.md', text)).toEqual([]),
);

it('every package comes from the public registry', () => {
  expect(found('package-lock.json', '{\n"resolved": "https://registry.npmjs.org/arg/-/arg-5.0.2.tgz"')).toEqual([]);
  expect(found('package-lock.json', '{\n"resolved": "https://mirror.example/arg-5.0.2.tgz"')).toEqual([
    'package-lock.json:2: names a registry other than registry.npmjs.org',
  ]);
});
