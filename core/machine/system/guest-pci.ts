/**
 * The PCI host in a guest's device tree. References: Linux Documentation/devicetree/bindings/pci/host-generic-pci.yaml; PCI Bus Binding to
 * IEEE Std 1275-1994, 2.2.1.1 (addresses), 4.1.1 (interrupt-map).
 */
import type { PciConfig } from '../../hyp/config.ts';
import type { Node } from '../devicetree/tree.ts';
import { cells } from '../devicetree/values.ts';

/** The first cell of a PCI address: 32-bit memory space, and that what is read there has no side effects. */
const [MEMORY, PREFETCHABLE] = [0x0200_0000, 0x4000_0000];
const [SPI, EDGE] = [0, 1];
const INTA = 1;
/** Device number, in the first cell. */
const device = (number: number): number => number << 11;
const ALL_DEVICES = device(31);

interface Memory {
  readonly ipa: number;
  readonly size: number;
}

/** `memories`: what the functions have beside their registers, at addresses that stay. */
export function pciHost(root: Node, { ecam, window, functions }: PciConfig, memories: readonly Memory[], gic: number): void {
  const node = root.child(`pcie@${ecam.ipa.toString(16)}`);
  const range = (space: number, { ipa, size }: Memory) => [space, 0, ipa, 0, ipa, 0, size];
  node.set('compatible', 'pci-host-ecam-generic');
  node.set('device_type', 'pci');
  node.set('#address-cells', 3);
  node.set('#size-cells', 2);
  node.set('reg', cells(0, ecam.ipa, 0, ecam.size));
  node.set('bus-range', cells(0, 0));
  node.set('ranges', cells(...range(MEMORY, window), ...memories.flatMap((one) => range(MEMORY | PREFETCHABLE, one))));
  node.set('#interrupt-cells', 1);
  node.set('interrupt-map-mask', cells(ALL_DEVICES, 0, 0, 7));
  node.set('interrupt-map', cells(...functions.flatMap(({ irq }, i) => [device(i), 0, 0, INTA, gic, SPI, irq - 32, EDGE])));
  node.set('dma-coherent');
}
