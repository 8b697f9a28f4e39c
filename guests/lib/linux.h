/* System calls of Linux (EABI), for programs that need no C library. Negative results are error numbers. Reference: Linux man-pages, syscall(2). */
#ifndef LINUX_H
#define LINUX_H

#include <stddef.h>
#include <stdint.h>

#define O_RDONLY   0
#define O_RDWR     2
#define PROT_READ  1
#define PROT_WRITE 2
#define MAP_SHARED 1

static inline int32_t linux_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f) {
  register uint32_t r7 __asm__("r7") = number;
  register uint32_t r0 __asm__("r0") = a;
  register uint32_t r1 __asm__("r1") = b;
  register uint32_t r2 __asm__("r2") = c;
  register uint32_t r3 __asm__("r3") = d;
  register uint32_t r4 __asm__("r4") = e;
  register uint32_t r5 __asm__("r5") = f;
  __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory");
  return (int32_t)r0;
}

static inline int32_t linux_read(int32_t file, void *buffer, size_t bytes) {
  return linux_call(3, (uint32_t)file, (uint32_t)buffer, bytes, 0, 0, 0);
}

static inline int32_t linux_write(int32_t file, const void *buffer, size_t bytes) {
  return linux_call(4, (uint32_t)file, (uint32_t)buffer, bytes, 0, 0, 0);
}

static inline int32_t linux_open(const char *path, uint32_t flags) { return linux_call(5, (uint32_t)path, flags, 0, 0, 0, 0); }

/** The offset is in two registers, the first of an even number. */
static inline int32_t linux_pread(int32_t file, void *buffer, size_t bytes, uint32_t offset) {
  return linux_call(180, (uint32_t)file, (uint32_t)buffer, bytes, 0, offset, 0);
}

static inline int32_t linux_pwrite(int32_t file, const void *buffer, size_t bytes, uint32_t offset) {
  return linux_call(181, (uint32_t)file, (uint32_t)buffer, bytes, 0, offset, 0);
}

/** NULL if it cannot be. */
static inline void *linux_map(int32_t file, size_t bytes, uint32_t protection) {
  uint32_t at = (uint32_t)linux_call(192, 0, bytes, protection, MAP_SHARED, (uint32_t)file, 0);
  return at >= 0xfffff000 ? NULL : (void *)at;
}

static inline void linux_exit(int32_t status) { linux_call(1, (uint32_t)status, 0, 0, 0, 0, 0); }

#endif
