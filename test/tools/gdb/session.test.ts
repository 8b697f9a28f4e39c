import { describe, expect, it } from 'vitest';
import { REGISTERS } from '../../../core/machine/debug/register-names.ts';
import { packet } from '../../../tools/gdb/packets.ts';
import { targetDescription } from '../../../tools/gdb/target-description.ts';
import { bytesOf, dataOf, Rig } from './rig.ts';

const START = 'qSupported:multiprocess+;swbreak+;hwbreak+';
const started = (end?: number): Rig => {
  const rig = new Rig(end);
  rig.ask(START);
  return rig;
};
const attached = (end?: number): Rig => {
  const rig = started(end);
  rig.ask('vAttach;2');
  return rig;
};
const number = (name: string): string => REGISTERS.findIndex((register) => register.name === name).toString(16);

describe('a session with the gdb server', () => {
  it('begins with the machine, and has partitions when they are attached to', () => {
    const rig = started();
    expect(rig.ask('?')).toMatch(/^T05thread:p1\.1;core:0;/);
    expect(rig.ask('qfThreadInfo')).toBe('mp1.1,p1.2');
    expect(rig.ask('vAttach;3')).toMatch(/^T05thread:p3\.1;core:1;/);
    expect(rig.ask('qfThreadInfo')).toBe('mp1.1,p1.2,p3.1');
    expect(rig.ask('qXfer:threads:read::0,1000')).toContain('<thread id="p3.1" core="1" name="telemetry">');
    expect(rig.ask('vAttach;9')).toBe('E22');
    expect(rig.ask('D;3')).toBe('OK');
    expect(rig.ask('qC')).toBe('QCp1.1');
  });

  it('numbers threads without multiprocess extensions too', () => {
    const rig = new Rig();
    rig.ask('qSupported');
    expect(rig.ask('?')).toMatch(/^T05thread:101;/);
    expect(rig.ask('Hg102')).toBe('OK');
    expect(rig.ask('qC')).toBe('QC102');
    expect(rig.ask('Hg104')).toBe('E22');
  });

  it('acknowledges, asks again for what is broken, and repeats what was lost', () => {
    const rig = started();
    expect(rig.raw(bytesOf(packet('qC')))).toMatch(/^\+\$QCp1\.1#/);
    expect(rig.raw(bytesOf('$qC#00'))).toBe('-');
    expect(dataOf(rig.raw(bytesOf('-')))).toEqual(['QCp1.1']);
    rig.ask('QStartNoAckMode');
    expect(rig.raw(bytesOf(packet('qC')))).toMatch(/^\$QCp1\.1#/);
  });

  it('describes as many registers as it shows, in their order', () => {
    const names = [...targetDescription().matchAll(/<reg name="(\w+)"/g)].map(([, name]) => name);
    expect(names).toEqual(REGISTERS.map(({ name }) => name));
    const rig = started();
    expect(rig.ask('g')).toHaveLength(2 * (17 * 4 + 32 * 8 + 4));
    expect(rig.ask(`p${number('pc')}`)).toBe(rig.ask('g').slice(15 * 8, 16 * 8));
    expect(rig.ask(`p${REGISTERS.length.toString(16)}`)).toBe('E01');
  });

  it('writes registers, but none that would lead into Hyp mode', () => {
    const rig = attached();
    expect(rig.ask('P3=78563412')).toBe('OK');
    expect(rig.ask('p3')).toBe('78563412');
    expect(rig.ask(`P${number('d7')}=0102030405060708`)).toBe('OK');
    expect(rig.ask(`p${number('d7')}`)).toBe('0102030405060708');
    expect(rig.ask(`P${number('SP_irq')}=00000140`)).toBe('OK');
    expect(rig.ask(`p${number('SP_irq')}`)).toBe('00000140');
    expect(rig.ask(`P${number('cpsr')}=da010000`)).toBe('E22');
    expect(rig.ask(`P${number('cpsr')}=d2010000`)).toBe('OK');
    expect(rig.ask(`p${number('sp')}`)).toBe('00000140');
    expect(rig.ask(`p${number('HCR')}`)).toBe('xxxxxxxx');
    expect(rig.ask('P3=12')).toBe('E22');
  });

  it('reads and writes memory as the guest sees it, and tells an error where there is none or a device', () => {
    const rig = attached();
    expect(rig.ask('m40000000,4')).toHaveLength(8);
    expect(rig.ask('M40000100,3:0a0b0c')).toBe('OK');
    expect(rig.ask('X40000103,2:#z')).toBe('OK');
    expect(rig.ask('m40000100,5')).toBe('0a0b0c237a');
    expect(rig.ask('m400ffffe,8')).toHaveLength(4);
    for (const nothing of ['m0,4', 'm3002000,4', 'm80000000,4', 'M80000000,1:00', 'M400fffff,2:0000'])
      expect(rig.ask(nothing)).toBe('E14');
    for (const wrong of ['m', 'mzz,4', 'm40000000', 'M40000000,2:00', 'm4000000000000000,4']) expect(rig.ask(wrong)).toBe('E01');
    rig.ask('Hgp1.1');
    expect(rig.ask('m1c090000,4')).toBe('E14');
    expect(rig.ask('m80500100,5')).toBe('0a0b0c237a');
  });

  it('lets nobody write through stage 2 what the guest may only read', () => {
    const rig = started();
    rig.ask('vAttach;3');
    expect(rig.ask('m50000000,4')).toBe('00000000');
    expect(rig.ask('M50000000,1:01')).toBe('E14');
  });

  it('stops where it is told to, steps, and runs on', () => {
    const rig = attached();
    const entry = Number.parseInt(rig.ask(`p${number('pc')}`).replace(/(..)(..)(..)(..)/, '$4$3$2$1'), 16);
    const at = (offset: number) => (entry + offset).toString(16);
    expect(rig.ask(`Z0,${at(8)},4`)).toBe('OK');
    expect(rig.ask(`Z1,${at(12)},4`)).toBe('OK');
    expect(rig.ask('vCont;c')).toMatch(/^T05swbreak:;thread:p2\.1;core:0;/);
    expect(rig.ask('vCont;c')).toMatch(/^T05hwbreak:;thread:p2\.1;core:0;/);
    expect(rig.ask(`vCont;s:p2.1;c`)).toMatch(/^T05thread:p2\.1;core:0;/);
    expect(rig.ask(`z0,${at(8)},4`)).toBe('OK');
    expect(rig.ask('s')).toMatch(/^T05thread:p2\.1;/);
    expect(rig.ask('vCont;c')).toBe('W00;process:2');
    expect(rig.ask('vCont;c')).toBe('W00;process:1');
    expect(rig.ask('vCont;c')).toBe('E22');
    expect(rig.ask('Z5,0,4')).toBe('');
    expect(rig.ask('vCont;x')).toBe('E01');
    expect(rig.ask('vCont;s:p7.1')).toBe('E22');
  });

  it('is interrupted by ctrl-C, and only then', () => {
    const rig = started();
    expect(rig.raw(Uint8Array.of(3))).toBe('');
    rig.raw(bytesOf(packet('vCont;c')));
    expect(rig.debug.stop).toBeUndefined();
    expect(dataOf(rig.raw(Uint8Array.of(3)))[0]).toMatch(/^T02thread:p1\.1;/);
    expect(rig.debug.stop?.cause.kind).toBe('halt');
  });

  it('leaves the machine running when the client detaches, and stops it for the next', () => {
    const rig = attached();
    rig.ask('Z0,40008000,4');
    rig.raw(bytesOf(packet('D;1')));
    expect(rig.debug.stop).toBeDefined();
    rig.raw(bytesOf(packet('D;2')));
    expect(rig.debug.stop).toBeUndefined();
    expect(rig.system.machine.run(100_000)).toBe('limit');
    rig.session.close();
    rig.connect();
    expect(rig.debug.stop?.cause.kind).toBe('halt');
    expect(rig.ask('k')).toBe('');
    expect(rig.killed).toBe(true);
  });

  it('kills no process that is not there', () => {
    const rig = attached();
    for (const wrong of ['vKill;63', 'vKill;', 'vKill;zz']) expect([rig.ask(wrong), rig.killed]).toEqual(['E22', false]);
    expect([rig.ask('vKill;2'), rig.killed]).toEqual(['OK', true]);
  });

  it('answers monitor commands', () => {
    const rig = attached();
    expect(rig.monitor('help').split('\n').length).toBeGreaterThan(10);
    expect(rig.monitor('maps')).toContain('0x50000000-0x5000ffff → 0xbff00000 rw- memory frames');
    expect(rig.monitor('maps telemetry')).toContain('0x50000000-0x5000ffff → 0xbff00000 r-- memory frames');
    expect(rig.monitor('translate 0x40000000')).toContain('VA 0x40000000 → IPA 0x40000000 → PA 0x80500000 (stage 1 is off)');
    expect(rig.monitor('translate 0x10')).toContain('stage 2 translation fault');
    expect(rig.monitor('interrupts')).toBe('nothing is pending or active\n');
    expect(rig.monitor('threads')).toContain('2.1 vCPU 0 waits for core 0');
    expect(rig.monitor('hash')).toBe(`${rig.system.machine.stateHash()}\n`);
    expect(rig.monitor('time')).toContain('0 ns\ncore 0: 0 instructions');
    expect(rig.monitor('watch ipa 0x50000018 4 rw')).toBe('');
    expect(rig.monitor('watches')).toBe('ipa 0x50000018 length 4 access in control\n');
    expect(rig.monitor('unwatch all') + rig.monitor('watches')).toBe('');
    expect(rig.monitor('write pa 0x80500200 01020304')).toBe('');
    expect(rig.monitor('read ipa 0x40000200 4')).toBe('0x40000200: 01020304\n');
    expect(rig.monitor('read pa 0x1c090000 4')).toBe('there is no memory\n');
    for (const wrong of ['translate', 'translate 0x1ffffffff', 'watch pa x 4', 'read va 0 4', 'write pa 0 z']) {
      expect(rig.monitor(wrong)).toMatch(/^usage: monitor /);
    }
    expect(rig.monitor('constructor')).toContain('there is no command "constructor"');
  });

  it('says what a watchpoint by physical address has seen', () => {
    const rig = attached(2_000_000);
    rig.monitor('watch pa 0xbff00018 4 w');
    expect(rig.ask('vCont;c')).toMatch(/^T05thread:p2\.1;core:0;/);
    const texts = dataOf(rig.sent).filter((data) => data.startsWith('O'));
    expect(Buffer.from(texts.at(-1)!.slice(1), 'hex').toString()).toBe(
      'Before a store of 4 bytes at VA 0x50000018, watched as pa 0xbff00018 length 4.\n',
    );
  });

  it('answers nonsense with errors or nothing, and looks on unmoved', () => {
    const rig = attached();
    const hash = rig.system.machine.stateHash();
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const pick = (from: string | readonly string[]): string => from[random(from.length)] as string;
    const starts = [
      ...'gpmHTZzqQv?!X',
      'vCont;',
      'qXfer:',
      'qRcmd,',
      'qThreadExtraInfo,',
      'qSupported:',
      'Hg',
      'vAttach;',
      'vFile:',
      'qC',
      'Z2,',
    ];
    const rest = '0123456789abcdef,;:.-p=*}# $\x00\x7f\x80\xff';
    let answered = 0;
    for (let i = 0; i < 10_000; i++) {
      const text = pick(starts) + Array.from({ length: random(24) }, () => pick(rest)).join('');
      const sent = rig.raw(bytesOf(random(4) === 0 ? text : packet(text)));
      if (dataOf(sent).length > 0) answered++;
      if (rig.debug.stop === undefined) rig.raw(Uint8Array.of(3));
    }
    expect(answered).toBeGreaterThan(5_000);
    rig.session.close();
    expect(rig.system.machine.stateHash()).toBe(hash);
  });
});
