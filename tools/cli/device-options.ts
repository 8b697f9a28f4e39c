/** The virtio devices of the command line: `--drive`, `--net`, `--share`, `--rng`, in the order in which they are given. */
import { readForward, readService, readSubnet } from '../../core/machine/outside.ts';
import { FORMATS, type Format } from '../../core/storage/chain.ts';
import { UsageError } from './usage.ts';

export type DeviceOption =
  | {
      readonly kind: 'block';
      readonly file: string;
      readonly format: Format | undefined;
      readonly use: 'write' | 'read' | 'snapshot';
    }
  | {
      readonly kind: 'net';
      readonly network: string;
      /** A port that the description has; else it gets one of its own. */
      readonly port: string | undefined;
      readonly vlan: number | undefined;
      readonly mac: readonly number[] | undefined;
      /** Bits per second. */
      readonly rate: number | undefined;
      /** Frames per second. */
      readonly frames: number | undefined;
      readonly pcap: string | undefined;
      /** The way out that the network has from now on. */
      readonly outside: OutsideOption | undefined;
    }
  | { readonly kind: '9p'; readonly folder: string; readonly tag: string; readonly writable: boolean }
  | { readonly kind: 'entropy'; readonly seed: number };

/** As the properties of a port have it. */
export interface OutsideOption {
  readonly services: readonly string[];
  readonly forwards: readonly string[];
  readonly resolve: boolean;
  readonly subnet: readonly [network: number, prefix: number] | undefined;
}

type Reader = (given: Given) => DeviceOption;

/** What is given to an option: what comes first, and settings after it. */
class Given {
  readonly option: string;
  readonly text: string;
  readonly first: string;
  readonly #settings = new Map<string, string[]>();

  /** `name`: how the first may be called too. A comma in it is written twice. */
  constructor(option: string, text: string, name: string) {
    this.option = option;
    this.text = text;
    const [first = '', ...rest] = text
      .replaceAll(',,', '\0')
      .split(',')
      .map((part) => part.replaceAll('\0', ','));
    this.first = first.startsWith(`${name}=`) ? first.slice(name.length + 1) : first;
    for (const setting of rest) {
      const at = setting.indexOf('=');
      const key = at < 0 ? setting : setting.slice(0, at);
      const value = at < 0 ? 'on' : setting.slice(at + 1);
      this.#settings.set(key, [...(this.#settings.get(key) ?? []), value]);
    }
  }

  take(key: string): string | undefined {
    const [value, second] = this.all(key);
    if (second !== undefined) throw this.fail(`${key} is given twice`);
    return value;
  }

  /** A setting that may be given several times. */
  all(key: string): readonly string[] {
    const values = this.#settings.get(key) ?? [];
    this.#settings.delete(key);
    return values;
  }

  /** A setting that is on when it is named. */
  flag(key: string): boolean {
    const value = this.take(key);
    if (value === undefined || value === 'on' || value === 'off') return value === 'on';
    throw this.fail(`${key} is on or off`);
  }

  number(key: string, low: number, high: number): number | undefined {
    const value = this.take(key);
    if (value === undefined || (/^\d+$/.test(value) && Number(value) >= low && Number(value) <= high))
      return value === undefined ? undefined : Number(value);
    throw this.fail(`${key} is a whole number from ${low} to ${high}`);
  }

  /** All settings must have been taken. */
  end(known: string): void {
    const [left] = this.#settings.keys();
    if (left !== undefined) throw this.fail(`"${left}" is no setting; there are ${known}`);
  }

  fail(why: string): UsageError {
    return new UsageError(`${this.option} ${this.text}: ${why}`);
  }
}

const drive: Reader = (given) => {
  const format = given.take('format');
  const [snapshot, readOnly] = [given.flag('snapshot'), given.flag('readonly')];
  given.end('format=raw|qcow2, snapshot and readonly');
  const known = FORMATS.find((one) => one === format);
  if (format !== undefined && known === undefined) throw given.fail(`format is ${FORMATS.join(' or ')}`);
  if (given.first === '') throw given.fail('the image file is missing');
  if (snapshot && readOnly) throw given.fail('either snapshot or readonly: a disk that is only read has no changes');
  return { kind: 'block', file: given.first, format: known, use: readOnly ? 'read' : snapshot ? 'snapshot' : 'write' };
};

const net: Reader = (given) => {
  const [port, mac, rate, pcap] = [given.take('port'), given.take('mac'), given.take('rate'), given.take('pcap')];
  const [vlan, frames] = [given.number('vlan', 1, 4094), given.number('frames', 1, 1e9)];
  const outside = wayOut(given);
  given.end(NET_SETTINGS);
  if (!/^[a-z][a-z0-9,._+-]{0,30}$/i.test(given.first)) throw given.fail('first comes the name of a network, such as lan');
  if (pcap === '') throw given.fail('pcap is a file');
  if (port !== undefined && (vlan ?? rate ?? frames ?? pcap ?? outside) !== undefined)
    throw given.fail('vlan, rate, frames, pcap and the way out are for the description to say, which has the port');
  const address = mac?.split(':').map((byte) => (/^[0-9a-f]{2}$/i.test(byte) ? Number.parseInt(byte, 16) : -1));
  if (address !== undefined && (address.length !== 6 || address.includes(-1) || ((address[0] ?? 0) & 1) !== 0))
    throw given.fail('mac is an address of one device, such as 52:54:00:12:34:56');
  const bits = rate === undefined ? undefined : bitsPerSecond(given, rate);
  return { kind: 'net', network: given.first, port, vlan, mac: address, rate: bits, frames, pcap, outside };
};

const NET_SETTINGS =
  'port=NAME, or vlan=N, rate=N, frames=N, pcap=FILE, outside, host=tcp:PORT, forward=tcp:PORT:PORT, resolve and subnet=10.0.2.0/24; and mac=ADDRESS';

/** The network of this name has a way out, as in QEMU. */
const USER = 'user';

function wayOut(given: Given): OutsideOption | undefined {
  const [asked, resolve, net] = [given.flag('outside'), given.flag('resolve'), given.take('subnet')];
  const [services, forwards] = [given.all('host'), given.all('forward')];
  const found = net === undefined ? undefined : readSubnet(net);
  if (net !== undefined && found === undefined) throw given.fail('subnet is a network of 8 to 27 bits, such as 10.0.2.0/24');
  const service = services.find((text) => readService(text) === undefined);
  if (service !== undefined)
    throw given.fail(
      `host=${service}: give tcp:PORT or udp:PORT of this computer, tcp:80:8080 if the guest calls 8080 80, or tcp:all`,
    );
  const forward = forwards.find((text) => readForward(text, ...(found ?? [])) === undefined);
  if (forward !== undefined)
    throw given.fail(`forward=${forward}: give tcp:8080:80 (this computer's port first) or tcp:8080:10.0.2.16:80`);
  const wanted = asked || resolve || services.length + forwards.length > 0 || net !== undefined || given.first === USER;
  return wanted ? { services, forwards, resolve, subnet: found } : undefined;
}

const SCALES: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 };

function bitsPerSecond(given: Given, text: string): number {
  const [, number, unit = ''] = /^(\d{1,12})([KMG]?)$/i.exec(text) ?? [];
  const bits = Number(number) * (SCALES[unit.toUpperCase()] ?? 0);
  if (bits >= 1000 && bits <= 1e12) return bits;
  throw given.fail('rate is bits per second from 1K to 1000G, such as 10M');
}

const share: Reader = (given) => {
  const [tag = 'shared', writable] = [given.take('tag'), given.flag('writable')];
  given.end('tag=NAME and writable');
  if (given.first === '') throw given.fail('the folder is missing');
  if (!/^[\x21-\x7e]{1,31}$/.test(tag)) throw given.fail('tag is 1 to 31 characters without spaces');
  return { kind: '9p', folder: given.first, tag, writable };
};

const rng: Reader = (given) => {
  given.end('none');
  const seed = Number(given.first);
  if (/^\d+$/.test(given.first) && seed <= 0xffff_ffff) return { kind: 'entropy', seed };
  throw given.fail('give the seed of its numbers, a whole number up to 4294967295');
};

const READERS: Readonly<Record<string, readonly [reader: Reader, name: string]>> = {
  '--drive': [drive, 'file'],
  '--net': [net, 'network'],
  '--share': [share, 'path'],
  '--rng': [rng, 'seed'],
};

export const DEVICE_OPTIONS: readonly string[] = Object.keys(READERS);

export function deviceOption(option: string, text: string): DeviceOption {
  const [reader, name] = READERS[option] as (typeof READERS)[string];
  return reader(new Given(option, text, name));
}
