#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

/// How many blocks of memory the calling thread has asked for since it began; -1 where that cannot be counted.
long martlet_allocation_count(void);

#endif
