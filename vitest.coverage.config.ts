import { defineConfig } from 'vitest/config';

/**
 * `npm run coverage`: the tests of the MMU and of exceptions execute each branch of both, and each instruction definition is executed by some
 * test (coverage.test.ts). Some of the tests are comparisons with QEMU.
 */
export default defineConfig({
  test: {
    include: [
      'test/core/mmu/**/*.test.ts',
      'test/core/cpu/{exceptions,interrupts,modes,rare,calls,coverage,system,traps,status,hyp}*.test.ts',
      'test/core/cpu/sysreg/{address-translation,tlb}.test.ts',
    ],
    exclude: ['test/**/*.long.test.ts'],
    env: { COVERAGE: 'true' },
    testTimeout: 120_000,
    maxWorkers: '100%',
    coverage: {
      enabled: true,
      provider: 'v8',
      reporter: ['text'],
      reportsDirectory: '.cache/coverage',
      reportOnFailure: true,
      include: [
        'core/mmu/*.ts',
        'core/cpu/{exceptions,exception-entry,interrupts,modes,regime,returns,status,calls,translation-control}.ts',
        'core/cpu/sysreg/{tlb,address-translation}.ts',
      ],
      // Types only.
      exclude: ['core/mmu/stage1.ts', 'test/**'],
      thresholds: { branches: 100, functions: 100, lines: 100 },
    },
  },
});
