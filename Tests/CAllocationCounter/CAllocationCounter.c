// Counts what a thread asks of malloc, for tests with a budget.
//
// Symbols of an executable come before those of the libraries it loads, so these stand in for glibc's malloc in the whole
// process of the tests and hand every call on to it; free is glibc's own. Each thread has its own number: tests that run beside
// each other do not disturb it. Elsewhere than on glibc, or under a sanitizer, which brings a malloc of its own, nothing is
// counted.

#include "CAllocationCounter.h"

// Tells which C library this is.
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MARTLET_SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(MARTLET_SANITIZED)
#include <errno.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static __thread long allocations __attribute__((tls_model("initial-exec")));

void *malloc(size_t size) {
  allocations += 1;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations += 1;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  allocations += 1;
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  allocations += 1;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void *made = memalign(alignment, size);
  if (made == NULL) return ENOMEM;
  *block = made;
  return 0;
}

long martlet_allocation_count(void) { return allocations; }

#else

long martlet_allocation_count(void) { return -1; }

#endif
