/** Processor models: what identifies them and what they have. References: Cortex-A15 TRM DDI 0438, Cortex-A7 TRM DDI 0464. */

export interface CpuModel {
  readonly name: 'cortex-a15' | 'cortex-a7';
  /** Whether Monitor mode and Hyp mode exist on this board's processors. */
  readonly security: boolean;
  readonly virtualization: boolean;
}
