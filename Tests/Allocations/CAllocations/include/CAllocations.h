#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/// How many blocks of memory the calling thread has asked the C library for; -1 where that cannot be counted.
long allocation_count(void);

#endif
