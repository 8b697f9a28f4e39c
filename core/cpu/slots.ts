/**
 * Where the system registers stand in `Cpu.system`. Registers of 64 bits take two words, low first; registers banked by security state
 * take the Non-secure copy (the only one without the Security Extensions), then the Secure copy.
 */

const LAYOUT = {
  // Control and security
  SCTLR: 'banked',
  ACTLR: 'single',
  CPACR: 'single',
  SCR: 'single',
  SDER: 'single',
  NSACR: 'single',
  VBAR: 'banked',
  MVBAR: 'single',
  // Memory
  TTBR0: 'banked wide',
  TTBR1: 'banked wide',
  TTBCR: 'banked',
  DACR: 'banked',
  DFSR: 'banked',
  IFSR: 'banked',
  ADFSR: 'banked',
  AIFSR: 'banked',
  DFAR: 'banked',
  IFAR: 'banked',
  PAR: 'banked wide',
  MAIR0: 'banked',
  MAIR1: 'banked',
  AMAIR0: 'banked',
  AMAIR1: 'banked',
  CONTEXTIDR: 'banked',
  TPIDRURW: 'banked',
  TPIDRURO: 'banked',
  TPIDRPRW: 'banked',
  CSSELR: 'banked',
  // Hyp mode
  VPIDR: 'single',
  VMPIDR: 'single',
  HSCTLR: 'single',
  HACTLR: 'single',
  HCR: 'single',
  HDCR: 'single',
  HCPTR: 'single',
  HSTR: 'single',
  HACR: 'single',
  HTCR: 'single',
  HTTBR: 'wide',
  VTCR: 'single',
  VTTBR: 'wide',
  HADFSR: 'single',
  HAIFSR: 'single',
  HSR: 'single',
  HPFAR: 'single',
  HMAIR0: 'single',
  HMAIR1: 'single',
  HAMAIR0: 'single',
  HAMAIR1: 'single',
  HVBAR: 'single',
  HTPIDR: 'single',
  // Floating point
  FPEXC: 'single',
  // Implementation defined
  L2CTLR: 'single',
  L2ECTLR: 'single',
  L2ACTLR: 'single',
  L2PFR: 'single',
  ACTLR2: 'single',
  CPUMERRSR: 'wide',
  L2MERRSR: 'wide',
  // Performance monitors; PM_START and PM_RETIRED say up to which time and instruction the counters are right, PM_LOST what is not to be
  // counted since, PM_ENABLED and PM_COUNTING which of them are on and which count in the current mode, PM_PHASE where the divider stands
  PMCR: 'single',
  PMCNTEN: 'single',
  PMOVS: 'single',
  PMSELR: 'single',
  PMUSERENR: 'single',
  PMINTEN: 'single',
  PMCCNTR: 'single',
  PMCCFILTR: 'single',
  PM_START: 'wide',
  PM_RETIRED: 'wide',
  PM_LOST: 'single',
  PM_ENABLED: 'single',
  PM_COUNTING: 'single',
  PM_PHASE: 'single',
  PMXEVTYPER: 6,
  PMXEVCNTR: 6,
  // Debug
  DBGDSCR: 'single',
  DBGDTRRX: 'single',
  DBGDTRTX: 'single',
  DBGWFAR: 'single',
  DBGVCR: 'single',
  DBGOSLSR: 'single',
  DBGOSDLR: 'single',
  DBGPRCR: 'single',
  DBGCLAIM: 'single',
  DBGBVR: 6,
  DBGBCR: 6,
  DBGWVR: 4,
  DBGWCR: 4,
  DBGBXVR: 2,
  TEECR: 'single',
  TEEHBR: 'single',
  JOSCR: 'single',
  JMCR: 'single',
} as const;

type Shape = 'single' | 'banked' | 'wide' | 'banked wide' | number;
export type SlotName = keyof typeof LAYOUT;

const WORDS = { single: 1, banked: 2, wide: 2, 'banked wide': 4 } as const;
export const slotWords = (name: SlotName): number => {
  const shape: Shape = LAYOUT[name];
  return typeof shape === 'number' ? shape : WORDS[shape];
};

/** How many words the Secure copy is apart from the Non-secure one; 0 for a register with one copy. */
export const bankWords = (name: SlotName): number => {
  const shape: Shape = LAYOUT[name];
  return shape === 'banked' ? 1 : shape === 'banked wide' ? 2 : 0;
};

function place(): { readonly slots: Record<SlotName, number>; readonly used: number } {
  const slots = {} as Record<SlotName, number>;
  let used = 0;
  for (const name of Object.keys(LAYOUT) as SlotName[]) {
    slots[name] = used;
    used += slotWords(name);
  }
  return { slots, used };
}

const placed = place();
/** A copy, because V8 looks up an object that was filled key by key as slowly as a `Map`. */
export const SLOT: Readonly<Record<SlotName, number>> = { ...placed.slots };
/** How many words of `Cpu.system` are in use. */
export const SLOT_WORDS = placed.used;
