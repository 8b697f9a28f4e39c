/** What each verb for running simulations says of itself with --help; `docs/management.md` has the same. */

export const EXIT_STATUS = `Exit status: 0 done, 1 the simulation refuses (the partition is not in a state for it), 2 usage error or unknown
partition, 4 no such simulation, or it ended.
`;

const NAMED = '  --name NAME    which simulation; without it the only one that runs';

interface Help {
  readonly usage: string;
  readonly what: string;
  readonly options: readonly string[];
  readonly examples: readonly string[];
}

const managing = (verb: string, what: string): Help => ({
  usage: `partita ${verb} PARTITION [--name NAME]`,
  what: `${what}
The command enters between two rounds of all cores, at the virtual time that it prints, and is written down in the report:
from then on the run depends on it.`,
  options: [NAMED],
  examples: [`partita ${verb} rogue`, `partita ${verb} rogue --name demo`],
});

export const HELP = {
  ps: {
    usage: 'partita ps [--name NAME] [--json]',
    what: 'Lists the simulations that run under a name (partita run --name NAME), and their partitions.',
    options: ['  --name NAME    only this one', '  --json         for programs'],
    examples: ['partita ps', 'partita ps --name demo --json'],
  },
  top: {
    usage: 'partita top [--name NAME] [--interval 1s] [--count N]',
    what: 'Shows again and again what each partition uses of its cores, in shares of the virtual time that passed.',
    options: [NAMED, '  --interval 1s  of the host (ms, s)', '  --count N      ends after N times; ctrl-C ends it too'],
    examples: ['partita top', 'partita top --interval 200ms --count 5'],
  },
  logs: {
    usage: 'partita logs CONSOLE [--name NAME] [--follow]',
    what: "Prints what a console has shown so far: a partition's by the partition's name, or one of the board's.",
    options: [NAMED, '  --follow       goes on until the simulation ends'],
    examples: ['partita logs control', 'partita logs linux --follow | grep -i oops'],
  },
  console: {
    usage: 'partita console CONSOLE [--name NAME]',
    what: `Connects the terminal to a console: what is typed goes there, what it prints comes out. Ctrl-A X leaves, and so does the
end of the input. What is typed enters between two rounds of all cores and is counted in the report.`,
    options: [NAMED],
    examples: ['partita console linux', "printf 'ls\\n' | partita console linux"],
  },
  pause: managing('pause', 'Stops a running partition until it is resumed. Its time goes on, its interrupts wait.'),
  resume: managing('resume', 'Lets a paused partition go on.'),
  restart: managing('restart', 'Starts a partition anew, in whatever state it is. That takes a virtual millisecond.'),
  stop: managing('stop', 'Ends a running or paused partition.'),
  stat: {
    usage: 'partita stat [PARTITION] [--name NAME] [--json]',
    what: 'Shows what the report will say of the partitions so far: time asked and used, lateness, windows, limits, policy, events.',
    options: [NAMED, '  --json         for programs'],
    examples: ['partita stat', 'partita stat control --json'],
  },
} as const satisfies Record<string, Help>;

export type VerbName = keyof typeof HELP;

export function helpOf(name: VerbName): string {
  const { usage, what, options, examples }: Help = HELP[name];
  const shown = examples.map((example) => `  ${example}`);
  return `${usage}\n\n${what}\n\n${options.join('\n')}\n\nExamples:\n${shown.join('\n')}\n\n${EXIT_STATUS}`;
}
