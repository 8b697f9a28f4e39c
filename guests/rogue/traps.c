/* Attacks on what the hypervisor traps, and on what the processor should refuse before it. */
#include "cp15.h"
#include "hypercall.h"
#include "rogue.h"

#define HVC(immediate) (0xe1400070u | ((immediate) & 0xfff0u) << 4 | ((immediate) & 0xfu))
#define SMC_0 0xe1600070u
#define UDF_0 0xe7f000f0u
#define WIDE  0xff /* in a register row's CRn: a 64-bit register, by MRRC and MCRR */

struct system_register {
  uint8_t opc1, CRn, CRm, opc2;
};

static const struct system_register hyp[] = {
    {4, 0, 0, 0},     /* VPIDR */
    {4, 0, 0, 5},     /* VMPIDR */
    {4, 1, 0, 0},     /* HSCTLR */
    {4, 1, 0, 1},     /* HACTLR */
    {4, 1, 1, 0},     /* HCR */
    {4, 1, 1, 1},     /* HDCR */
    {4, 1, 1, 2},     /* HCPTR */
    {4, 1, 1, 3},     /* HSTR */
    {4, 2, 0, 2},     /* HTCR */
    {4, 2, 1, 2},     /* VTCR */
    {4, 5, 2, 0},     /* HSR */
    {4, 6, 0, 0},     /* HDFAR */
    {4, 6, 0, 2},     /* HIFAR */
    {4, 6, 0, 4},     /* HPFAR */
    {4, 7, 8, 0},     /* ATS1HR */
    {4, 7, 8, 1},     /* ATS1HW */
    {4, 8, 7, 0},     /* TLBIALLH */
    {4, 8, 7, 1},     /* TLBIMVAH */
    {4, 8, 7, 4},     /* TLBIALLNSNH */
    {4, 10, 2, 0},    /* HMAIR0 */
    {4, 12, 0, 0},    /* HVBAR */
    {4, 13, 0, 2},    /* HTPIDR */
    {4, 14, 1, 0},    /* CNTHCTL */
    {4, 14, 2, 0},    /* CNTHP_TVAL */
    {4, 14, 2, 1},    /* CNTHP_CTL */
    {4, WIDE, 2, 0},  /* HTTBR */
    {6, WIDE, 2, 0},  /* VTTBR */
    {4, WIDE, 14, 0}, /* CNTVOFF */
    {6, WIDE, 14, 0}, /* CNTHP_CVAL */
};

/* ATS12NSOxx belongs to Hyp mode and the Secure state too (B3.18.8). */
static const struct system_register secure[] = {
    {0, 1, 1, 0},  /* SCR */
    {0, 1, 1, 1},  /* SDER */
    {0, 12, 0, 1}, /* MVBAR */
    {0, 7, 8, 4},  /* ATS12NSOPR */
    {0, 7, 8, 7},  /* ATS12NSOUW */
};

static void must_be_undefined(struct finding *finding, uint32_t instruction, uint32_t r0) {
  struct probe_result result = attempt_instruction(finding, instruction, r0);
  if (result.kind != EXCEPTION_UNDEFINED) breach(finding, "0x%08x was not UNDEFINED, r0 = 0x%08x", instruction, result.value);
}

static void must_be_closed(struct finding *finding, const struct system_register *row) {
  bool wide = row->CRn == WIDE;
  must_be_undefined(finding, wide ? mrrc(15, row->opc1, row->CRm) : mrc(15, row->opc1, row->CRn, row->CRm, row->opc2), 0);
  must_be_undefined(finding, wide ? mcrr(15, row->opc1, row->CRm) : mcr(15, row->opc1, row->CRn, row->CRm, row->opc2), 0);
}

void hyp_registers(struct finding *finding) {
  for (unsigned i = 0; i < sizeof hyp / sizeof hyp[0]; i++) must_be_closed(finding, &hyp[i]);
}

void secure_registers(struct finding *finding) {
  for (unsigned i = 0; i < sizeof secure / sizeof secure[0]; i++) must_be_closed(finding, &secure[i]);
}

/** The hypervisor's own clock is not ours to set. The virtual timer is. */
void physical_timer(struct finding *finding) {
  must_be_undefined(finding, mrc(15, 0, 14, 2, 0), 0);  /* CNTP_TVAL */
  must_be_undefined(finding, mcr(15, 0, 14, 2, 0), 1);
  must_be_undefined(finding, mrc(15, 0, 14, 2, 1), 0);  /* CNTP_CTL */
  must_be_undefined(finding, mcr(15, 0, 14, 2, 1), 1);
  must_be_undefined(finding, mrrc(15, 2, 14), 0);       /* CNTP_CVAL */
  must_be_undefined(finding, mcrr(15, 2, 14), 0);
  must_be_undefined(finding, mcr(15, 0, 14, 0, 0), 1);  /* CNTFRQ: read-only here */
}

/** Either undefined, or the same service that HVC has. */
void smc_calls(struct finding *finding) {
  int32_t version = hyp_call(PSCI_VERSION, 0, 0, 0).r0;
  struct probe_result result = attempt_instruction(finding, SMC_0, PSCI_VERSION);
  if (result.kind == EXCEPTION_NONE && result.value != (uint32_t)version) breach(finding, "SMC answered 0x%x", result.value);
  note(finding, result.kind == EXCEPTION_NONE ? "answered as PSCI 0x%x" : "not offered", result.value);
  result = attempt_instruction(finding, SMC_0, 0x12345678);
  if (result.kind == EXCEPTION_NONE && (int32_t)result.value != HYP_ERROR_NOT_SUPPORTED) breach(finding, "unknown SMC answered 0x%x", result.value);
  result = attempt_in_user_mode(finding, SMC_0, PSCI_VERSION);
  if (result.kind != EXCEPTION_UNDEFINED) breach(finding, "SMC from User mode");
}

/** In User mode even our own kernel's door is closed; the faults must arrive at our own vectors. */
void user_mode(struct finding *finding) {
  const uint32_t closed[] = {HVC(0), UDF_0, mcr(15, 0, 1, 0, 0), mrc(15, 0, 2, 0, 0), mrc(15, 4, 1, 1, 0), mcr(15, 0, 8, 7, 0)};
  for (unsigned i = 0; i < sizeof closed / 4; i++) {
    struct probe_result result = attempt_in_user_mode(finding, closed[i], 0);
    if (result.kind != EXCEPTION_UNDEFINED) breach(finding, "0x%08x in User mode", closed[i]);
  }
}

static void must_be_unsupported(struct finding *finding, uint32_t instruction, uint32_t function) {
  struct probe_result result = attempt_instruction(finding, instruction, function);
  if (result.kind == EXCEPTION_NONE && (int32_t)result.value != HYP_ERROR_NOT_SUPPORTED) {
    breach(finding, "call 0x%08x by 0x%08x answered 0x%x", function, instruction, result.value);
  }
}

void hvc_unknown(struct finding *finding) {
  static const uint32_t functions[] = {
      0,          1,          0x7fffffff, 0xffffffff,                         /* no such range */
      0x8600ffff, 0x86000fff, 0x86000030, 0x8600ff02, 0xc6000001, 0x06000001, /* ours, but none of the calls; 64-bit; yielding */
      0x84000005, 0x8400001f, 0xc4000003, 0x8000ffff, 0x87000000, 0xbf00ff01, /* PSCI, Arm, others' */
  };
  for (unsigned i = 0; i < sizeof functions / 4; i++) must_be_unsupported(finding, HVC(0), functions[i]);
  must_be_unsupported(finding, HVC(1), HYP_CALL_UID);
  must_be_unsupported(finding, HVC(0x1234), HYP_CALL_UID);
  must_be_unsupported(finding, HVC(0xea1), PSCI_VERSION); /* another hypervisor's */
  must_be_unsupported(finding, HVC(0xffff), PSCI_SYSTEM_OFF);
  note(finding, "all NOT_SUPPORTED");
}

/* In state_change.S */
uint32_t it_block_load(uint32_t address);
uint32_t it_block_skip(uint32_t address);

/** A trapped instruction inside IT: the block must go on where it was (ITSTATE advanced once), and skip what it skips. */
void it_block(struct finding *finding) {
  struct probe_result load = attempt(finding, it_block_load, 0x03001004); /* GICD_TYPER */
  if (load.value != 0) breach(finding, "IT block went wrong (%u) after an emulated load", load.value);
  struct probe_result skip = attempt(finding, it_block_skip, 0x70000000);
  if (skip.kind != EXCEPTION_NONE || skip.value != 0) breach(finding, "an instruction with a failed condition ran");
}

/* A sweep's number is CRn:opc1:CRm:opc2 */
#define CRN(number)  ((number) >> 10)
#define OPC1(number) ((number) >> 7 & 7)
#define CRM(number)  ((number) >> 3 & 15)
#define OPC2(number) ((number)&7)
#define CP15_NUMBERS 0x4000

/** Whether the number is, but for opc2, one of Hyp's registers or operations. */
static bool is_hyp(uint32_t number) {
  for (unsigned i = 0; i < sizeof hyp / sizeof hyp[0]; i++) {
    if (hyp[i].opc1 == OPC1(number) && hyp[i].CRn == CRN(number) && hyp[i].CRm == CRM(number)) return true;
  }
  return false;
}

static uint32_t cp15_read(uint32_t number) { return mrc(15, OPC1(number), CRN(number), CRM(number), OPC2(number)); }
static uint32_t cp15_wide_read(uint32_t number) { return mrrc(15, number >> 4, number & 15); }

static void check_hyp(struct finding *finding, uint32_t number, struct probe_result result) {
  if (result.kind != EXCEPTION_NONE || !is_hyp(number)) return;
  breach(finding, "p15,%u,c%u,c%u,%u completed, r0 = 0x%x", OPC1(number), CRN(number), CRM(number), OPC2(number), result.value);
}

/** Every register that MRC and MRRC can name: a read of Hyp's is a breach, other reads are only counted. */
void cp15_reads(struct finding *finding) {
  attempt_sweep(finding, &(struct sweep){CP15_NUMBERS, cp15_read, check_hyp});
  attempt_sweep(finding, &(struct sweep){256, cp15_wide_read, 0});
}

/** Writes only where nothing of our own is: Hyp's registers, lockdown, test and implementation-defined ones. */
static uint32_t cp15_write(uint32_t number) {
  uint32_t CRn = CRN(number);
  bool implementation = CRn == 9 || CRn == 11 || CRn == 15;
  return is_hyp(number) || implementation ? mcr(15, OPC1(number), CRn, CRM(number), OPC2(number)) : 0;
}

void cp15_writes(struct finding *finding) { attempt_sweep(finding, &(struct sweep){CP15_NUMBERS, cp15_write, check_hyp}); }

/** Debug, trace, ThumbEE and Jazelle registers: emulated or undefined, never another partition's. */
static uint32_t cp14_read(uint32_t number) {
  static const uint8_t opc1[] = {0, 1, 6, 7};
  return mrc(14, opc1[number >> 11], number >> 7 & 15, CRM(number), OPC2(number));
}

void cp14_reads(struct finding *finding) { attempt_sweep(finding, &(struct sweep){4 * 2048, cp14_read, 0}); }

/** Coprocessors that do not exist. */
void other_coprocessors(struct finding *finding) {
  static const uint8_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13};
  for (unsigned i = 0; i < sizeof numbers; i++) {
    must_be_undefined(finding, mrc(numbers[i], 0, 0, 0, 0), 0);
    must_be_undefined(finding, mcr(numbers[i], 7, 15, 15, 7), 0);
    must_be_undefined(finding, mrrc(numbers[i], 0, 0), 0);
  }
}
