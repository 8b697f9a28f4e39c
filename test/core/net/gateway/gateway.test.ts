import { describe, expect, it } from 'vitest';
import { checksum, get16, get32, put16 } from '../../../../core/net/gateway/bytes.ts';
import { ICMP, TCP, UDP } from '../../../../core/net/gateway/ipv4.ts';
import { ACK, RST, SYN } from '../../../../core/net/gateway/segment.ts';
import { Bench, GUEST, hex, NET, type Station, sourceOf, text } from './rig.ts';

const ECHO_TO = { from: GUEST, to: NET.gateway };

function echo(data: string): Uint8Array {
  const bytes = Uint8Array.from([8, 0, 0, 0, 0x12, 0x34, 0, 1, ...text(data)]);
  put16(bytes, 2, checksum(bytes));
  return bytes;
}

function answered(bench: Bench, guest: Station): boolean {
  guest.take();
  guest.ip(ECHO_TO, ICMP, echo('x'));
  bench.wait();
  return guest.packets().length === 1;
}

describe('a gateway', () => {
  it.each([
    ['itself', NET.gateway, '0a000202'],
    ['the name server', NET.dns, '0a000203'],
  ])('says where %s is', (_, ip, address) => {
    const bench = new Bench();
    const guest = bench.station();
    guest.whoHas(ip);
    guest.whoHas(NET.gateway + 7);
    bench.wait();
    const [answer, ...more] = guest.take();
    expect(hex(answer?.subarray(0, 42))).toBe(
      `02000000000152550a0002020806000108000604000252550a000202${address}0200000000010a00020f`,
    );
    expect(answer?.length).toBe(60);
    expect(more).toEqual([]);
  });

  it('answers an echo with what was in it, from the address that was called', () => {
    const bench = new Bench();
    const guest = bench.station();
    for (const to of [NET.gateway, NET.dns]) guest.ip({ from: GUEST, to }, ICMP, echo('hello'));
    bench.wait();
    const [first, second] = guest.packets();
    expect([first?.from, second?.from, first?.to]).toEqual([NET.gateway, NET.dns, GUEST]);
    expect(hex(first?.data)).toBe(
      hex(echo('hello'))
        .replace(/^08/, '00')
        .replace(/^(....)..../, `$1${hex(first?.data.subarray(2, 4))}`),
    );
    expect(checksum(first?.data ?? text('x'))).toBe(0);
  });

  it('is not reached by what is damaged, in fragments or for others, and counts it', () => {
    const bench = new Bench();
    const guest = bench.station();
    const whole = (): Uint8Array => {
      guest.ip(ECHO_TO, ICMP, echo('x'));
      return Uint8Array.from([...guestFrame(echo('x'))]);
    };
    const guestFrame = (data: Uint8Array): Uint8Array => {
      const header = Uint8Array.from([0x45, 0, 0, 20 + data.length, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 2, 15, 10, 0, 2, 2]);
      put16(header, 10, checksum(header));
      return Uint8Array.from([0x52, 0x55, 10, 0, 2, 2, 2, 0, 0, 0, 0, 1, 8, 0, ...header, ...data]);
    };
    const good = whole();
    bench.wait();
    expect(guest.packets().length).toBe(1);
    const changed = (at: number, value: number, summed = false): Uint8Array => {
      const frame = good.slice();
      frame[at] = value;
      if (summed) {
        put16(frame, 24, 0);
        put16(frame, 24, checksum(frame.subarray(14, 34)));
      }
      return frame;
    };
    guest.raw(changed(22, 63)); // the header's sum
    guest.raw(changed(14, 0x65, true)); // version 6
    guest.raw(changed(14, 0x44, true)); // a header of 16 bytes
    guest.raw(changed(16, 1, true)); // longer than the frame
    guest.raw(changed(20, 0x20, true)); // more fragments
    guest.raw(changed(21, 1, true)); // a later fragment
    guest.raw(changed(23, 47, true)); // GRE
    guest.raw(changed(28, 9, true)); // from another network
    guest.raw(changed(42, 0x55)); // the echo's sum
    bench.wait();
    expect(guest.packets()).toEqual([]);
    expect(bench.gateway.counts).toMatchObject({ received: 10, sent: 1, malformed: 4, fragments: 2, foreign: 3 });
  });

  it('tells that there is no network beyond, not more often than each millisecond', () => {
    const bench = new Bench();
    const guest = bench.station();
    const away = { from: GUEST, to: 0x08080808 };
    for (let i = 0; i < 10; i++) guest.ip(away, TCP, text('whatever it is'));
    bench.wait();
    const [error, ...more] = guest.packets();
    expect(hex(error?.data)).toMatch(/^0300....000000004500002200010000400\d....0a00020f08080808/);
    expect(more).toEqual([]);
    guest.ip(away, UDP, text('no datagram'));
    guest.ip(away, ICMP, echo('x'));
    bench.wait();
    expect(guest.packets().length).toBe(1);
    expect(bench.gateway.counts).toMatchObject({ refused: 11, malformed: 1 });
  });

  it('refuses services that are not offered, and asks the host for nothing', () => {
    const bench = new Bench({ services: [{ transport: 'tcp', port: 80, to: 8080 }] });
    const guest = bench.station();
    guest.tcp({ flags: SYN, toPort: 81, sequence: 1000 });
    guest.tcp({ flags: SYN, toPort: 80, sequence: 1000 }, { from: GUEST, to: NET.dns });
    guest.udp({ fromPort: 5, toPort: 80, data: text('x') });
    bench.wait();
    const [one, two, three] = guest.packets();
    for (const packet of [one, two]) {
      expect([get32(packet?.data ?? text(''), 4), get32(packet?.data ?? text(''), 8)]).toEqual([0, 1001]);
      expect(packet?.data[13]).toBe(RST | ACK);
    }
    expect([three?.protocol, three?.data[0], three?.data[1]]).toEqual([ICMP, 3, 3]);
    expect(bench.requests()).toEqual([]);
    expect(bench.gateway.counts.refused).toBe(3);
    guest.tcp({ flags: RST, toPort: 81 });
    guest.tcp({ flags: ACK, toPort: 81, acknowledged: 77 });
    bench.wait();
    expect(guest.segments().map(({ flags, sequence }) => [flags, sequence])).toEqual([[RST, 77]]);
  });

  it('carries datagrams to a service and back, for each guest apart', () => {
    const bench = new Bench({ services: [{ transport: 'udp', port: 7, to: 7007 }] });
    const [one, two] = [bench.station(1), bench.station(2)];
    one.udp({ fromPort: 5, toPort: 7, data: text('one') });
    two.udp({ fromPort: 5, toPort: 7, data: text('two') }, { from: GUEST + 1, to: NET.gateway });
    one.udp({ fromPort: 5, toPort: 7, data: text('more') });
    bench.wait();
    expect(bench.requests().map((request) => ({ ...request, bytes: 'bytes' in request ? hex(request.bytes) : '' }))).toEqual([
      { ask: 'datagram', id: 1, port: 7007, bytes: hex(text('one')) },
      { ask: 'datagram', id: 2, port: 7007, bytes: hex(text('two')) },
      { ask: 'datagram', id: 1, port: 7007, bytes: hex(text('more')) },
    ]);
    bench.put({ kind: 'datagram', id: 2, bytes: text('back'), forward: -1 });
    bench.put({ kind: 'datagram', id: 9, bytes: text('to nobody'), forward: -1 });
    bench.put({ kind: 'datagram', id: 1, bytes: new Uint8Array(1473), forward: -1 });
    bench.wait();
    expect(two.datagrams()).toEqual([{ fromPort: 7, toPort: 5, data: text('back'), from: NET.gateway, to: GUEST + 1 }]);
    expect(one.datagrams()).toEqual([]);
    expect(bench.gateway.counts.tooLong).toBe(1);
    bench.wait(61e9);
    expect(bench.requests()).toEqual([
      { ask: 'drop', id: 1 },
      { ask: 'drop', id: 2 },
    ]);
  });

  it('has 64 flows of datagrams for a guest, and drops the one that was silent longest', () => {
    const bench = new Bench({ services: [{ transport: 'udp', port: 0, to: 0 }] });
    const [one, two] = [bench.station(1), bench.station(2)];
    two.udp({ fromPort: 1, toPort: 53, data: text('x') }, { from: GUEST + 1, to: NET.gateway });
    for (let port = 1; port <= 66; port++) {
      one.udp({ fromPort: port, toPort: 1000, data: text('x') });
      bench.wait();
    }
    const asked = bench.requests();
    expect(asked.filter(({ ask }) => ask === 'drop').map(({ id }) => id)).toEqual([2, 3]);
    expect(asked.filter((request) => request.ask === 'datagram' && request.port === 1000).length).toBe(66);
    expect(bench.gateway.counts.full).toBe(2);
  });

  it('takes datagrams of the host to a guest that it must look for first, and its answers back', () => {
    const bench = new Bench({ forwards: [{ transport: 'udp', port: 5000, ip: GUEST, to: 53 }] });
    const [guest, other] = [bench.station(1), bench.station(2)];
    bench.put({ kind: 'datagram', id: -1, bytes: text('anyone?'), forward: 0 });
    bench.wait();
    expect(get16(guest.take()[0] ?? text(''), 12)).toBe(0x0806);
    guest.whoHas(NET.gateway);
    bench.wait();
    const [came] = guest.datagrams();
    expect(came).toMatchObject({ fromPort: 49_152, toPort: 53, data: text('anyone?'), from: NET.gateway, to: GUEST });
    other.udp({ fromPort: 53, toPort: 49_152, data: text('I pretend') }, { from: GUEST + 1, to: NET.gateway });
    guest.udp({ fromPort: 53, toPort: 49_152, data: text('me') });
    bench.wait();
    expect(bench.requests()).toEqual([{ ask: 'datagram', id: -1, port: 0, bytes: text('me') }]);
  });

  it('does not let a guest that took the address of a leased one have its packets', () => {
    const bench = new Bench({ forwards: [{ transport: 'tcp', port: 2222, ip: GUEST, to: 22 }] });
    const [holder, thief] = [bench.station(1), bench.station(2)];
    lease(bench, holder, 1);
    holder.whoHas(NET.gateway);
    bench.wait();
    thief.whoHas(NET.gateway, GUEST);
    bench.wait();
    holder.take();
    thief.take();
    bench.put({ kind: 'arrived', id: -1, forward: 0 });
    bench.wait();
    expect(holder.segments().map(({ flags, toPort }) => [flags, toPort])).toEqual([[SYN, 22]]);
    expect(thief.segments()).toEqual([]);
  });

  it('goes on as it would have when its state is loaded into another', () => {
    const options = { services: [{ transport: 'tcp', port: 80, to: 80 } as const], resolve: true };
    const [one, two] = [new Bench(options), new Bench(options)];
    const guests = [one.station(), two.station()] as const;
    guests[0].tcp({ flags: SYN, sequence: 5 });
    guests[0].udp({ fromPort: 9, toPort: 53, data: question('a.example') }, { from: GUEST, to: NET.dns });
    one.wait();
    const saved = one.gateway.save();
    two.clock.reset(one.clock.now());
    two.gateway.load(saved);
    expect(two.gateway.save()).toEqual(saved);
    const goesOn = (bench: Bench, guest: Station) => {
      guest.take();
      bench.put({ kind: 'connected', id: 1 });
      bench.put({ kind: 'resolved', id: 2, addresses: [0x01020304] });
      bench.wait(10e9);
      return [guest.take(), bench.gateway.save()];
    };
    const [first, second] = [goesOn(one, guests[0]), goesOn(two, guests[1])];
    expect(second[0]).toEqual(first[0]);
    expect(second[1]).toEqual(first[1]);
    expect((first[0] as Uint8Array[]).length).toBeGreaterThan(3);
    one.gateway.reset();
    expect(one.gateway.save()).toEqual(new Bench(options).gateway.save());
  });
});

/** A message of DHCP: kind, and what is asked for. */
function dhcp(number: number, kind: number, options: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(300);
  bytes.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, number]);
  bytes.set([2, 0, 0, 0, 0, number], 28);
  bytes.set([0x63, 0x82, 0x53, 0x63, 53, 1, kind, ...options, 255], 236);
  return bytes;
}

function say(bench: Bench, guest: Station, message: Uint8Array): string[] {
  guest.take();
  guest.udp({ fromPort: 68, toPort: 67, data: message }, { from: 0, to: 0xffff_ffff });
  bench.wait();
  return guest.datagrams().map(({ data }) => `${data[242]} ${data.subarray(16, 20).join('.')}`);
}

const wants = (last: number): number[] => [50, 4, 10, 0, 2, last];

function lease(bench: Bench, guest: Station, number: number): string {
  return [...say(bench, guest, dhcp(number, 1)), ...say(bench, guest, dhcp(number, 3, wants(14 + number)))].join();
}

describe('its addresses', () => {
  it('are given one after the other, with what a guest must know', () => {
    const bench = new Bench();
    const [one, two] = [bench.station(1), bench.station(2)];
    expect(say(bench, one, dhcp(1, 1))).toEqual(['2 10.0.2.15']);
    expect(say(bench, two, dhcp(2, 1))).toEqual(['2 10.0.2.16']);
    one.udp({ fromPort: 68, toPort: 67, data: dhcp(1, 3, wants(15)) }, { from: 0, to: 0xffff_ffff });
    bench.wait();
    const [frame] = one.take();
    expect([hex(frame?.subarray(0, 6)), sourceOf(frame)]).toEqual(['020000000001', '52:55:0a:00:02:02']);
    expect(hex(frame?.subarray(30, 34))).toBe('ffffffff');
    const options = '350105' + '36040a000202' + '0104ffffff00' + '03040a000202' + '06040a000203' + '330400015180' + 'ff';
    expect(hex(frame?.subarray(42 + 240)).slice(0, options.length)).toBe(options);
    expect(hex(frame?.subarray(42, 50))).toBe('02010600deadbe01');
  });

  it('stay their holders until they are given back or a day is over', () => {
    const bench = new Bench();
    const [one, two] = [bench.station(1), bench.station(2)];
    expect(lease(bench, one, 1)).toBe('2 10.0.2.15,5 10.0.2.15');
    expect(say(bench, two, dhcp(2, 3, wants(15)))).toEqual(['6 0.0.0.0']);
    expect(say(bench, two, dhcp(2, 1, wants(15)))).toEqual(['2 10.0.2.16']);
    expect(say(bench, one, dhcp(1, 1))).toEqual(['2 10.0.2.15']);
    expect(say(bench, one, dhcp(1, 7))).toEqual([]);
    expect(say(bench, two, dhcp(2, 3, wants(15)))).toEqual(['5 10.0.2.15']);
    bench.wait(86_401e9);
    expect(say(bench, one, dhcp(1, 3, wants(15)))).toEqual(['5 10.0.2.15']);
  });

  it('are sixteen, and an offer that nobody takes is free again after a minute', () => {
    const bench = new Bench();
    const guest = bench.station(1);
    const offers = Array.from({ length: 18 }, (_, i) => say(bench, guest, dhcp(100 + i, 1)).length);
    expect(offers).toEqual([...new Array(16).fill(1), 0, 0]);
    bench.wait(61e9);
    expect(say(bench, guest, dhcp(200, 1))).toEqual(['2 10.0.2.15']);
  });

  it.each([
    ['that is cut short', dhcp(1, 1).subarray(0, 200)],
    ['without the cookie', dhcp(1, 1).fill(0, 236, 240)],
    ['of no kind', dhcp(1, 99)],
    ['of a server', dhcp(1, 1).fill(2, 0, 1)],
    ['with an option over the end', Uint8Array.from([...dhcp(1, 1).subarray(0, 240), 53, 200])],
  ])('are not given for a message %s', (_, message) => {
    const bench = new Bench();
    expect(say(bench, bench.station(), message)).toEqual([]);
    expect(bench.gateway.counts.malformed).toBe(1);
  });
});

/** A question for an address (or what `type` says). */
function question(name: string, type = 1): Uint8Array {
  const labels = name.split('.').flatMap((label) => [label.length, ...text(label)]);
  return Uint8Array.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

function askName(bench: Bench, guest: Station, message: Uint8Array): string[] {
  guest.udp({ fromPort: 9, toPort: 53, data: message }, { from: GUEST, to: NET.dns });
  bench.wait();
  return guest.datagrams().map(({ data }) => hex(data));
}

describe('its names', () => {
  const body = (name: string, type?: number) => hex(question(name, type)).slice(24);

  it.each([
    ['Gateway.Internal', 1, `abcd8180000100010000000000`, 'c00c000100010000003c00040a000202'],
    ['dns.internal', 1, `abcd8180000100010000000000`, 'c00c000100010000003c00040a000203'],
    ['gateway.internal', 28, `abcd8180000100000000000000`, ''],
    ['example.com', 1, `abcd8183000100000000000000`, ''],
  ])('%s of type %i', (name, type, header, answer) => {
    const bench = new Bench();
    expect(askName(bench, bench.station(), question(name, type))).toEqual([header.slice(0, 24) + body(name, type) + answer]);
    expect(bench.requests()).toEqual([]);
  });

  it('of others are asked of the host, if it may be asked, whose own address is the gateway', () => {
    const bench = new Bench({ resolve: true });
    const guest = bench.station();
    expect(askName(bench, guest, question('a.example'))).toEqual([]);
    expect(askName(bench, guest, question('a.example', 28))).toEqual([`abcd81800001000000000000${body('a.example', 28)}`]);
    expect(bench.requests()).toEqual([{ ask: 'resolve', id: 1, name: 'a.example' }]);
    bench.put({ kind: 'resolved', id: 1, addresses: [0x7f000001, 0x01020304] });
    bench.wait();
    const answers = 'c00c000100010000003c00040a000202c00c000100010000003c000401020304';
    expect(guest.datagrams().map(({ data }) => hex(data))).toEqual([`abcd81800001000200000000${body('a.example')}${answers}`]);
    expect(askName(bench, guest, question('none.example'))).toEqual([]);
    bench.put({ kind: 'resolved', id: 2, addresses: [] });
    bench.wait();
    expect(guest.datagrams().map(({ data }) => data[3])).toEqual([0x83]);
  });

  it('that wait for the host are sixteen; others fail', () => {
    const bench = new Bench({ resolve: true });
    const guest = bench.station();
    const answers = Array.from({ length: 18 }, (_, i) => askName(bench, guest, question(`n${i}.example`)));
    expect(answers.flat().map((answer) => answer.slice(4, 8))).toEqual(['8182', '8182']);
  });

  it.each([
    ['an answer', Uint8Array.from([1, 2, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0]), []],
    ['nothing', new Uint8Array(3), []],
    ['a name without end', Uint8Array.from([...question('abc').subarray(0, 16)]), ['abcd81810000000000000000']],
    ['a compressed name', Uint8Array.from([...question('').subarray(0, 12), 0xc0, 12, 0, 1, 0, 1]), ['abcd81810000000000000000']],
    ['no question', question('').fill(0, 5, 6), ['abcd81810000000000000000']],
    ['an update', question('a').fill(0x28, 2, 3), ['abcd80840000000000000000']],
  ])('are no names in %s', (_, message, answers) => {
    const bench = new Bench({ resolve: true });
    const guest = bench.station();
    expect(askName(bench, guest, message)).toEqual(answers);
    expect(bench.requests()).toEqual([]);
    expect(answered(bench, guest)).toBe(true);
  });
});
