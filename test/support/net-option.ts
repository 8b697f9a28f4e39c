/** What `--net lan` says and nothing more. */
export const NET = {
  kind: 'net',
  network: 'lan',
  port: undefined,
  vlan: undefined,
  mac: undefined,
  rate: undefined,
  frames: undefined,
  pcap: undefined,
  outside: undefined,
} as const;
