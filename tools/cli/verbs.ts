/**
 * The verbs of the command line, as data: the check of what is given (`arguments.ts`), `--help` and `docs/command-line.md` (`verb-text.ts`)
 * all come from these rows.
 */

export interface Option {
  readonly name: `--${string}`;
  /** What its value looks like; an option without one is a switch. */
  readonly value?: string;
  /** It may be given several times. */
  readonly many?: true;
  readonly what: string;
  /** It has an effect only with one of these. */
  readonly needs?: readonly string[];
  /** What it does not go with, and why. */
  readonly without?: Readonly<Record<string, string>>;
  /** Its value is a file that the run writes, or one that it reads. */
  readonly file?: 'written' | 'read';
}

export interface Verb {
  /** What comes after the verb's name. */
  readonly usage: string;
  /** In a line. */
  readonly summary: string;
  readonly what: string;
  /** What it is about, and how often that is given. */
  readonly words: { readonly what: string; readonly least: 0 | 1; readonly most: 0 | 1 };
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  readonly status: Readonly<Record<number, string>>;
}

const LOCKSTEP = { '--verify': 'that runs several machines and compares them' };
const TRACES = ['--trace', '--trace-text', '--trace-instructions', '--profile', '--coverage'] as const;
const DEVICES = ['--drive', '--net', '--share', '--rng'] as const;
const INTERPRETED = {
  ...LOCKSTEP,
  '--gdb': 'gdb stops between instructions that this tells as they are executed',
};

/** Of `run` and `boot`. */
const RUNNING: readonly Option[] = [
  { name: '--for', value: '500ms', what: 'stop after that much virtual time (ns, us, ms, s)' },
  { name: '--instructions', value: 'N', what: 'stop after N instructions in all' },
  {
    name: '--engine',
    value: 'auto|interpreter|jit',
    what: 'auto is the translator, unless every instruction is traced; the run is the same with either',
    without: LOCKSTEP,
  },
  {
    name: '--code-cache',
    value: 'FOLDER|off',
    what: 'where translated code is kept for the next run of the same system, which then starts faster and is the same run (beside the program)',
    without: LOCKSTEP,
  },
  { name: '--verify', what: 'run both engines in lockstep, and tell where they first differ; writes no disk' },
  { name: '--report', value: 'FILE.json', what: 'write the report there', without: LOCKSTEP, file: 'written' },
  { name: '--quiet', what: 'print no console and no table' },
  {
    name: '--console',
    value: 'NAME',
    what: 'attach the terminal to that console (Ctrl-A X ends the run); else all are shown, each line with its name',
    without: LOCKSTEP,
  },
  {
    name: '--input',
    value: "NAME='text\\n'",
    many: true,
    what: 'type the text: a byte is delivered when the guest reads or waits for one. \\n \\r \\t \\e \\xHH',
  },
  {
    name: '--expect',
    value: "NAME='text'",
    many: true,
    what: 'end with status 0 when that console has shown the text; 3 if a limit comes first, 1 if the guests end first',
  },
  {
    name: '--gdb',
    value: 'PORT',
    what: 'wait for gdb (0: a free port); with ,wait=no run at once. `monitor help` tells what it can ask (docs/debugging.md)',
    without: LOCKSTEP,
  },
  { name: '--snapshot', what: 'write no disk: changes stay in memory until the end' },
  {
    name: '--record',
    value: 'FILE',
    what: "write down what comes from the host's network, with the virtual time at which it came",
    without: { ...LOCKSTEP, '--replay': 'what is replayed is recorded already' },
    file: 'written',
  },
  { name: '--replay', value: 'FILE', what: 'take it from there instead: the same run again, without the host', file: 'read' },
  {
    name: '--trace',
    value: 'FILE',
    what: 'events for Perfetto: windows, exits, interrupts, hypercalls, messages (docs/tracing.md)',
    without: LOCKSTEP,
    file: 'written',
  },
  { name: '--trace-text', value: 'FILE', what: 'the same as lines', without: LOCKSTEP, file: 'written' },
  {
    name: '--trace-instructions',
    value: 'FILE',
    what: 'every instruction; this and the next two choose the interpreter',
    without: INTERPRETED,
    file: 'written',
  },
  { name: '--profile', value: 'FILE', what: 'stacks of functions, folded', without: INTERPRETED, file: 'written' },
  { name: '--coverage', value: 'FILE', what: 'lines that were executed, for lcov', without: INTERPRETED, file: 'written' },
  {
    name: '--trace-filter',
    value: 'partition=a,cause=hvc,from=1ms,to=2s',
    many: true,
    what: 'less of all these; a key may be given several times',
    needs: TRACES,
  },
  {
    name: '--symbols',
    value: '[PARTITION=]FILE.elf',
    many: true,
    what: 'symbols and lines of an image that has none',
    needs: ['--profile', '--coverage'],
  },
  { name: '--profile-every', value: 'N', what: 'instructions from one sample to the next (997)', needs: ['--profile'] },
];

const DISK_OF_PARTITION: Option = {
  name: '--drive',
  value: 'PARTITION/NODE=FILE',
  many: true,
  what: "the image of a partition's block device, instead of the one that the description names; ,snapshot ,readonly ,format=raw|qcow2",
};

const RAN = {
  0: 'ended as expected',
  1: 'a partition failed, or a guest ended with an error',
  2: 'usage or description error',
  3: 'a limit was reached, or it was interrupted',
} as const;

const NAMED: Option = { name: '--name', value: 'NAME', what: 'which simulation; without it the only one that runs' };
const JSON_OUTPUT: Option = { name: '--json', what: 'for programs' };
const REACHED = {
  0: 'done',
  1: 'the simulation refuses: the partition is not in a state for it',
  2: 'usage error, or a partition or console that there is not',
  4: 'no such simulation, or it ended, or it does not answer',
} as const;
const LOOKED = { 0: REACHED[0], 2: REACHED[2], 4: REACHED[4] } as const;
const NOTHING = { what: 'argument', least: 0, most: 0 } as const;

const managing = (verb: string, summary: string, more: string): Verb => ({
  usage: 'PARTITION [options]',
  summary,
  what: `${more} The command enters between two rounds of all cores, at the virtual time that it prints, and is written down in the report: from then on the run depends on it.`,
  words: { what: 'partition', least: 1, most: 1 },
  options: [NAMED],
  examples: [`partita ${verb} rogue`, `partita ${verb} rogue --name demo`],
  status: REACHED,
});

export const VERBS = {
  run: {
    usage: 'SYSTEM.dts [options]',
    summary: 'run the partitions of a system under the hypervisor',
    what: "Runs until all partitions have switched themselves off, a limit is reached, or nothing can happen any more. Consoles are named by partition, and by the device tree's aliases or nodes for those of the board.",
    words: { what: 'system description', least: 1, most: 1 },
    options: [
      {
        name: '--name',
        value: 'NAME',
        what: 'reach the simulation by this name while it runs: partita ps, partita pause PARTITION …',
        without: LOCKSTEP,
      },
      DISK_OF_PARTITION,
      ...RUNNING,
    ],
    examples: [
      'partita run boards/vexpress-a15/demo.dts',
      'partita run boards/vexpress-a15/demo.dts --for 500ms --report demo.json --trace demo.pftrace',
      'partita run boards/vexpress-a15/demo.dts --name demo --quiet & partita top',
    ],
    status: RAN,
  },
  boot: {
    usage: 'IMAGE [options]',
    summary: 'boot a bare machine: ELF, zImage, uImage or raw A32 code, or firmware with --bios',
    what: "The image is taken as QEMU's -kernel does. Consoles are named by the device tree's aliases (serial0), else by node (pl011@9000000); uart0 is the board's first. Devices take the free virtio-mmio slot with the highest address each, in the order in which they are given; a comma in a name is written twice.",
    words: { what: 'image', least: 0, most: 1 },
    options: [
      { name: '--board', value: 'NAME|FILE.dts', what: 'virt (if absent), vexpress-a15, or a description of a board' },
      {
        name: '--bios',
        value: 'FILE',
        what: "firmware for the first flash bank, as QEMU's -bios, instead of IMAGE",
        file: 'read',
      },
      { name: '--memory', value: '1G', what: '1M to 3G' },
      { name: '--smp', value: 'N', what: '1 to 4 cores' },
      { name: '--cpu', value: 'cortex-a15|cortex-a7', what: "instead of the board's" },
      { name: '--el', value: 'svc|hyp', what: 'the mode that the image is entered in' },
      { name: '--dtb', value: 'FILE', what: "the guest's device tree, instead of the board's", file: 'read' },
      { name: '--initrd', value: 'FILE', what: 'an initial RAM disk', file: 'read' },
      { name: '--append', value: "'…'", what: "the kernel's command line" },
      {
        name: '--drive',
        value: 'FILE',
        many: true,
        what: 'a disk, raw or qcow2, written as by QEMU; with ,snapshot or ,readonly it is not; ,format=raw|qcow2',
      },
      {
        name: '--net',
        value: 'NAME',
        many: true,
        what: "a network device on switch NAME; ,vlan=N ,rate=10M ,frames=1000 ,pcap=FILE ,mac=ADDRESS, or ,port=NAME of a .dts. --net user (or NAME,outside) has a gateway as QEMU's user network: DHCP, names, ping. What it may reach of this computer is given: ,host=tcp:8080 (or udp:53:5353, tcp:all) at 10.0.2.2, ,forward=tcp:2222:22 leads a port of 127.0.0.1 to 10.0.2.15, ,resolve looks up names, ,subnet=10.0.2.0/24. Only with host, forward or resolve does a run depend on the host, unless it is a --replay",
      },
      { name: '--share', value: 'DIR', many: true, what: 'a folder by 9p, read-only; ,tag=NAME (else "shared") ,writable' },
      { name: '--rng', value: 'SEED', many: true, what: 'random numbers, the same ones for the same seed' },
      {
        name: '--virtio-version',
        value: '1|2',
        what: "layout of these devices' slots: 1 (legacy) as QEMU's boards unless told otherwise",
        needs: DEVICES,
      },
      { name: '--semihosting', what: 'answer Arm semihosting calls' },
      {
        name: '--semihosting-root',
        value: 'DIR',
        what: 'the folder that its files stay inside (default: here)',
        needs: ['--semihosting'],
      },
      ...RUNNING,
    ],
    examples: [
      "partita boot --bios u-boot.bin --drive disk.qcow2,snapshot --input uart0='\\nvirtio info\\n' --expect uart0='Capacity'",
      "partita boot --append 'console=ttyAMA0' --initrd F --net lan,pcap=lan.pcap --share .,tag=here --rng 1 zImage",
      'partita boot --semihosting --quiet hello.elf',
    ],
    status: { ...RAN, 1: 'the guest ended with an error, or waits for what nothing can raise' },
  },
  check: {
    usage: 'SYSTEM.dts [options]',
    summary: "check a system's isolation without running it",
    what: 'Shows the memory map of a sound system, or all that is wrong with it, each with file and line. What run would refuse is refused here, files and disks included; nothing is written.',
    words: { what: 'system description', least: 1, most: 1 },
    options: [DISK_OF_PARTITION, { name: '--snapshot', what: 'as of a run that writes no disk' }],
    examples: ['partita check boards/vexpress-a15/demo.dts', 'partita check boards/virt/linux.dts --drive linux/disk=disk.qcow2'],
    status: {
      0: 'sound',
      1: 'a way for one partition to reach another',
      2: 'usage error, or a description that cannot be used',
    },
  },
  ps: {
    usage: '[options]',
    summary: 'the simulations that run, and their partitions',
    what: 'Lists the simulations that run under a name (partita run --name NAME), and their partitions.',
    words: NOTHING,
    options: [{ ...NAMED, what: 'only this one' }, JSON_OUTPUT],
    examples: ['partita ps', 'partita ps --name demo --json'],
    status: LOOKED,
  },
  top: {
    usage: '[options]',
    summary: 'what each vCPU uses of its core, again and again',
    what: 'Shows again and again what each partition uses of its cores, in shares of the virtual time that passed.',
    words: NOTHING,
    options: [
      NAMED,
      { name: '--interval', value: '1s', what: 'of the host (ms, s)' },
      { name: '--count', value: 'N', what: 'ends after N times; ctrl-C ends it too' },
    ],
    examples: ['partita top', 'partita top --interval 200ms --count 5'],
    status: LOOKED,
  },
  stat: {
    usage: '[PARTITION] [options]',
    summary: 'what the report will say so far',
    what: 'Shows what the report will say of the partitions so far: time asked and used, lateness, windows, limits, policy, events.',
    words: { what: 'partition', least: 0, most: 1 },
    options: [NAMED, JSON_OUTPUT],
    examples: ['partita stat', 'partita stat control --json'],
    status: LOOKED,
  },
  logs: {
    usage: 'CONSOLE [options]',
    summary: 'what a console has shown',
    what: "Prints what a console has shown so far: a partition's by the partition's name, or one of the board's.",
    words: { what: 'console', least: 1, most: 1 },
    options: [NAMED, { name: '--follow', what: 'goes on until the simulation ends' }],
    examples: ['partita logs control', 'partita logs linux --follow | grep -i oops'],
    status: LOOKED,
  },
  console: {
    usage: 'CONSOLE [options]',
    summary: 'the terminal on a console; Ctrl-A X, or the end of the input, leaves',
    what: 'Connects the terminal to a console: what is typed goes there, what it prints comes out. Ctrl-A X leaves, and so does the end of the input. What is typed enters between two rounds of all cores and is counted in the report.',
    words: { what: 'console', least: 1, most: 1 },
    options: [NAMED],
    examples: ['partita console linux', "printf 'ls\\n' | partita console linux"],
    status: LOOKED,
  },
  pause: managing(
    'pause',
    'stop a running partition until it is resumed',
    'Stops a running partition until it is resumed. Its time goes on, its interrupts wait.',
  ),
  resume: managing('resume', 'let a paused partition go on', 'Lets a paused partition go on.'),
  restart: managing(
    'restart',
    'start a partition anew',
    'Starts a partition anew, in whatever state it is. That takes a virtual millisecond.',
  ),
  stop: managing('stop', 'end a running or paused partition', 'Ends a running or paused partition.'),
} as const satisfies Readonly<Record<string, Verb>>;

export type VerbName = keyof typeof VERBS;

export const VERB_NAMES = Object.keys(VERBS) as readonly VerbName[];

export const isVerb = (name: string): name is VerbName => Object.hasOwn(VERBS, name);

/** The names of a verb's options, and which of them have values. */
export type NamesOf<V extends VerbName> = (typeof VERBS)[V]['options'][number]['name'];
