#ifndef CTENSORKERNELS_WORKSPACE_HPP
#define CTENSORKERNELS_WORKSPACE_HPP

#include <stddef.h>

namespace st {

// The calling thread's scratch block, 64-byte aligned, kept and grown from use to use; its next call ends this use.
// Null when memory is exhausted.
void *workspace(size_t bytes);

}  // namespace st

#endif
