/*
 * Newlib's heap grows from the end of the image towards the stack. A user-mode emulator may put the stack elsewhere,
     so here the heap is
 * an array: linked with --wrap=_sbrk.
 */
#include <errno.h>
#include <stddef.h>

void *__wrap__sbrk(ptrdiff_t increment);

void *__wrap__sbrk(ptrdiff_t increment) {
  static char arena[4 << 20] __attribute__((aligned(16)));
  static size_t used;
  void *const place = arena + used;

  if (used + increment > sizeof arena) {
    errno = ENOMEM;
    return (void *)-1;
  }
  used += increment;
  return place;
}
