import { describe, expect, it } from 'vitest';
import { deviceOption } from '../../../tools/cli/device-options.ts';
import { UsageError } from '../../../tools/cli/usage.ts';
import { NET } from '../../support/net-option.ts';

const OUTSIDE = { services: [], forwards: [], resolve: false, subnet: undefined };

describe('a device of the command line', () => {
  it.each([
    ['--drive', 'a.img', { kind: 'block', file: 'a.img', format: undefined, use: 'write' }],
    ['--drive', 'file=a.qcow2,format=qcow2,snapshot=on', { kind: 'block', file: 'a.qcow2', format: 'qcow2', use: 'snapshot' }],
    ['--drive', 'a,,b,readonly,snapshot=off', { kind: 'block', file: 'a,b', format: undefined, use: 'read' }],
    ['--net', 'lan', NET],
    ['--net', 'lan,vlan=7,rate=10M,pcap=a.pcap', { ...NET, vlan: 7, rate: 10_000_000, pcap: 'a.pcap' }],
    ['--net', 'lan,port=control,mac=52:54:00:aB:00:01', { ...NET, port: 'control', mac: [0x52, 0x54, 0, 0xab, 0, 1] }],
    ['--net', 'lan,frames=100,outside', { ...NET, frames: 100, outside: OUTSIDE }],
    ['--net', 'user', { ...NET, network: 'user', outside: OUTSIDE }],
    [
      '--net',
      'user,host=tcp:80:8080,host=udp:all,forward=tcp:2222:22,resolve,subnet=10.1.0.0/16',
      {
        ...NET,
        network: 'user',
        outside: {
          services: ['tcp:80:8080', 'udp:all'],
          forwards: ['tcp:2222:22'],
          resolve: true,
          subnet: [0x0a010000, 16],
        },
      },
    ],
    ['--share', 'docs', { kind: '9p', folder: 'docs', tag: 'shared', writable: false }],
    ['--share', 'path=docs,tag=here,writable', { kind: '9p', folder: 'docs', tag: 'here', writable: true }],
    ['--rng', '7', { kind: 'entropy', seed: 7 }],
  ])('%s %s', (option, text, device) => {
    expect(deviceOption(option, text)).toEqual(device);
  });

  it.each([
    ['--drive', '', 'the image file is missing'],
    ['--drive', 'a,format=vmdk', 'format is raw or qcow2'],
    ['--drive', 'a,snapshot=yes', 'snapshot is on or off'],
    ['--drive', 'a,snapshot,readonly', 'either snapshot or readonly'],
    ['--drive', 'a,snapshot,snapshot', 'snapshot is given twice'],
    ['--net', '', 'first comes the name of a network'],
    ['--net', 'lan,vlan=4095', 'vlan is a whole number from 1 to 4094'],
    ['--net', 'lan,rate=1', 'rate is bits per second'],
    ['--net', 'lan,rate=fast', 'rate is bits per second'],
    ['--net', 'lan,mac=01:00:00:00:00:00', 'mac is an address of one device'],
    ['--net', 'lan,mac=52:54', 'mac is an address of one device'],
    ['--net', 'lan,pcap=', 'pcap is a file'],
    ['--net', 'lan,port=a,rate=1M', 'are for the description to say'],
    ['--net', 'lan,frames=0', 'frames is a whole number from 1'],
    ['--net', 'lan,port=a,outside', 'are for the description to say'],
    ['--net', 'user,host=80', 'host=80: give tcp:PORT or udp:PORT of this computer'],
    ['--net', 'user,host=tcp:0', 'host=tcp:0: give tcp:PORT'],
    ['--net', 'user,forward=tcp:80', "forward=tcp:80: give tcp:8080:80 (this computer's port first)"],
    ['--net', 'user,forward=tcp:80:10.0.3.1:80', 'forward=tcp:80:10.0.3.1:80: give'],
    ['--net', 'user,subnet=10.0.2.1/24', 'subnet is a network of 8 to 27 bits'],
    ['--share', ',tag=a', 'the folder is missing'],
    ['--share', '.,tag=', 'tag is 1 to 31 characters'],
    ['--share', '.,ro', '"ro" is no setting; there are tag=NAME and writable'],
    ['--rng', '-1', 'a whole number up to 4294967295'],
    ['--rng', '4294967296', 'a whole number up to 4294967295'],
  ])('%s %s is refused in one line', (option, text, problem) => {
    const act = () => deviceOption(option, text);
    expect(act).toThrow(UsageError);
    expect(act).toThrow(`${option} ${text}: `);
    expect(act).toThrow(problem);
    expect(act).not.toThrow('\n');
  });
});
