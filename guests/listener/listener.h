/* What a hostile peer tries. */
#ifndef LISTENER_H
#define LISTENER_H

#include "ivshmem.h"

/** Tries all of it, and says what came of each. The function is to be opened again after that. */
void attack(const struct ivshmem *function);

#endif
