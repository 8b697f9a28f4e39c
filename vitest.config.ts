import { defineConfig } from 'vitest/config';

/** Vitest would leave one core of the machine alone, which of two is half. */
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: ['test/**/*.long.test.ts'], testTimeout: 60_000, maxWorkers: '100%' },
});
