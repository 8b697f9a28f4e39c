/** What people get wrong on the command line or in a description: one clear line, status 2. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit statuses that scripts rely on. */
export const STATUS = { ended: 0, failed: 1, usage: 2, limit: 3, gone: 4 } as const;

export const USAGE = `Partita: an embedded ARM Cortex-A hypervisor simulator

  partita run SYSTEM.dts              run the partitions of a system under the hypervisor
  partita boot --board virt IMAGE     boot a bare machine: ELF, zImage, uImage or raw A32 code (as QEMU's -kernel)
  partita check SYSTEM.dts            check a system's isolation without running it
  partita ps | top | stat | logs | console | pause | resume | restart | stop
                                      look at and manage a simulation that runs with --name (partita ps --help and so on)
  partita image VERB …                disk images, raw and qcow2: info, create, convert, commit, check (partita image --help)

run
  --name NAME            reach the simulation by this name while it runs: partita ps, partita pause PARTITION …
run and boot
  --for 500ms            stop after that much virtual time (ns, us, ms, s)
  --instructions N       stop after N instructions in all
  --engine auto|interpreter|jit   the translator, unless every instruction is traced; the run is the same with either
  --verify               run both engines in lockstep, and tell where they first differ; writes no disk
  --report FILE.json     write the report there
  --quiet                print no console and no table
  --console NAME         attach the terminal to that console; else all are shown, each line with its name
  --input NAME='text\\n'  type the text: a byte is delivered when the guest reads or waits for one
  --expect NAME='text'   end with status 0 when that console has shown the text
  --gdb PORT             wait for gdb (0: a free port); with ,wait=no run at once. monitor help tells what it can ask
  --snapshot             write no disk: changes stay in memory until the end
  --record FILE          write down what comes from the host's network, with the virtual time at which it came
  --replay FILE          take it from there instead: the same run again, without the host
  --trace FILE           events for Perfetto: windows, exits, interrupts, hypercalls, messages (docs/tracing.md); --trace-text FILE as lines
  --trace-instructions FILE, --profile FILE, --coverage FILE
                         all instructions; folded stacks of functions; lcov. These choose the interpreter
  --trace-filter partition=a,cause=hvc,from=1ms,to=2s
  --symbols [PARTITION=]FILE.elf   symbols and lines of an image that has none; --profile-every N instructions to a sample
run
  --drive PARTITION/NODE=FILE  the image of a partition's block device; ,snapshot ,readonly ,format=raw|qcow2 as below
boot
  --board NAME|FILE.dts  virt, vexpress-a15, or a board description
  --bios FILE            firmware for the first flash bank, as QEMU's -bios, instead of IMAGE
  --memory 1G --smp 2 --cpu cortex-a15|cortex-a7 --el svc|hyp
  --dtb FILE --initrd FILE --append '…'
  --drive FILE           a disk, raw or qcow2, written as by QEMU; with ,snapshot or ,readonly it is not; ,format=raw|qcow2
  --net NAME             a network device on switch NAME; ,vlan=N ,rate=10M ,frames=1000 ,pcap=FILE ,mac=ADDRESS, or ,port=NAME of a .dts
  --net user             the same, with a gateway as QEMU's user network has it: DHCP, names, ping (NAME,outside for any switch);
                         what it may reach of this computer is given: ,host=tcp:8080 (or udp:53:5353, tcp:all) at 10.0.2.2,
                         ,forward=tcp:2222:22 leads a port of 127.0.0.1 to 10.0.2.15, ,resolve looks up names, ,subnet=10.0.2.0/24.
                         Only with host, forward or resolve does a run depend on the host, unless it is a --replay
  --share DIR            a folder by 9p, read-only; ,tag=NAME (else "shared") ,writable
  --rng SEED             random numbers, the same ones for the same seed
                         each takes the free virtio-mmio slot with the highest address, as in QEMU, in the order given
  --virtio-version 1|2   layout of these slots: 1 (legacy) as QEMU's boards unless told otherwise
  --semihosting          answer Arm semihosting calls; files stay inside --semihosting-root DIR (default: here)

  partita boot --bios u-boot.bin --drive disk.qcow2,snapshot --input uart0='\\nvirtio info\\n' --expect uart0='Capacity'
  partita boot --append 'console=ttyAMA0' --initrd F --drive disk.img --net lan,pcap=lan.pcap --share .,tag=here --rng 1 zImage

Consoles are named by the device tree's aliases (serial0), by node names (pl011@9000000), or PARTITION for a partition's first;
uart0 is the board's first.
Status: 0 ended as expected, 1 a partition failed or the guest ended with an error, 2 usage or description error, 3 limit reached,
4 no such simulation (ps and so on).
`;
