/** What the bench runs: the images of guests/bench, how they are entered, and how often each repeats its work. */

/**
 * What a figure stands for: `compute`, `vfp` and `neon` are compared by CPU time alone; in `code` every instruction runs few times;
 * `exits` count round trips to a hypervisor.
 */
export type Group = 'compute' | 'vfp' | 'neon' | 'code' | 'interrupts' | 'exits';

export interface Image {
  readonly name: string;
  readonly group: Group;
  readonly what: string;
  /** The ELF file in guests/bench. */
  readonly file: string;
  /** Another file for Partita: a partition under its hypervisor, while `file` brings its own for QEMU. */
  readonly partition?: string;
  /** How the image is entered on the bare board. */
  readonly el: 'svc' | 'hyp';
  /** Whether it is measured with what earlier runs have translated. */
  readonly again?: true;
  /** Rounds of a measurement, and of a test. */
  readonly rounds: number;
  readonly few: number;
}

/** Exits of a round of the group `exits`. */
export const TRIPS = 1000;

type Usual = Pick<Image, 'rounds' | 'few'>;

const bare = (group: Group, name: string, what: string, file: string, usual: Usual, el: Image['el'] = 'svc'): Image => ({
  name,
  group,
  what,
  file: `${file}.elf`,
  el,
  ...usual,
});

/** One source in ARM and in Thumb state. */
const both = (group: Group, name: string, what: string, usual: Usual): Image[] => [
  bare(group, `${name} ARM`, what, `${name}-a`, usual),
  bare(group, `${name} Thumb`, what, `${name}-t`, usual),
];

const arm = (group: Group, name: string, what: string, usual: Usual): Image =>
  bare(group, `${name} ARM`, what, `${name}-a`, usual);

const exits = (name: string, what: string, usual: Usual): Image[] => [
  bare('exits', `${name} bare`, `${what}, handled at Hyp in the image`, `${name}-a`, usual, 'hyp'),
  {
    ...bare('exits', `${name} partition`, `${what}, handled by Partita's hypervisor`, `${name}-a`, usual, 'hyp'),
    partition: `${name}-p.elf`,
  },
];

const FUNCTIONS: readonly Image[] = [
  ...both('code', 'functions', '3,000 functions, 100 times each', { rounds: 100, few: 3 }),
  { ...arm('code', 'functions', '3,000 functions, 1,000 times each', { rounds: 1000, few: 3 }), name: 'functions ARM 1000' },
];

const again = (image: Image): Image => ({ ...image, name: `${image.name} again`, again: true });

/** With these rounds the faster of the two takes some five seconds of CPU time for each image but those of the group `code`. */
export const IMAGES: readonly Image[] = [
  ...both('compute', 'integer', 'lists, small matrices, state machine, CRC', { rounds: 40_000, few: 10 }),
  arm('compute', 'kernels', 'CRC, quicksort, matrix, text, search tree, sieve', { rounds: 1750, few: 1 }),
  ...both('compute', 'records', 'records, strings, small procedures', { rounds: 6000, few: 3 }),
  ...both('compute', 'sieve', 'primes by bytes and by bits', { rounds: 1350, few: 1 }),
  ...both('compute', 'matrix', 'integer matrices, 32 and 64 bits', { rounds: 4250, few: 1 }),
  arm('compute', 'memory', 'chains, updates and copies in 16 MiB of scattered 4 KiB pages', { rounds: 200, few: 1 }),
  ...both('compute', 'calls', 'recursion, function pointers, callbacks', { rounds: 20_000, few: 8 }),
  ...both('vfp', 'vfp-double', 'bodies, linear equations, fractal, polynomial', { rounds: 26_000, few: 3 }),
  arm('vfp', 'vfp-single', 'the same in single precision', { rounds: 26_000, few: 3 }),
  arm('neon', 'neon-integer', 'pixels, samples and words', { rounds: 16_000, few: 3 }),
  arm('neon', 'neon-float', 'matrices, scalar products, fractal, roots', { rounds: 7000, few: 1 }),
  arm('interrupts', 'interrupts', 'computing, interrupted 10,000 times a second', { rounds: 5000, few: 3 }),
  ...FUNCTIONS,
  ...FUNCTIONS.map(again),
  arm('code', 'fresh', 'writes functions all the time, and calls each 200 times', { rounds: 600, few: 2 }),
  ...exits('hypercalls', 'PSCI_VERSION', { rounds: 7000, few: 20 }),
  ...exits('mmio', "reads of a PL011's flags", { rounds: 4500, few: 20 }),
];
