// Freed blocks kept for later ones, by size class.
#ifndef CTENSORKERNELS_MEMORY_CACHE_HPP
#define CTENSORKERNELS_MEMORY_CACHE_HPP

#include <stddef.h>
#include <stdint.h>

#include <mutex>

namespace st {

// Eight sizes to a doubling, from 1 KB: rounding up wastes an eighth at most.
struct SizeClass {
  static constexpr int smallest_exponent = 10, count = 8 * (47 - smallest_exponent);

  // Of at most 2^46 bytes.
  static int of(size_t bytes) {
    if (bytes <= size_t(1) << smallest_exponent) return 0;
    int exponent = 63 - __builtin_clzll(bytes - 1);
    return 8 * (exponent - smallest_exponent) + int((bytes - 1) >> (exponent - 3)) - 7;
  }
  static size_t bytes(int index) { return size_t(8 + index % 8) << (index / 8 + smallest_exponent - 3); }
};

// Stands before each block of a class.
struct alignas(64) BlockHeader {
  BlockHeader *newer, *older;  // in its bin
  uint64_t freed;              // the time on the cache's clock
  void *mapping;               // what `munmap` takes; null for blocks of the C library
  size_t mapped;
  uint64_t exact;              // 1: of the requested size, which its class exceeds: never kept
  uint64_t unused;
  int64_t size_class;          // the last word: a block without a class has it too

  void *block() { return this + 1; }
};
static_assert(sizeof(BlockHeader) == 64 && offsetof(BlockHeader, size_class) == 56);

// The blocks freed last, up to a limit in bytes. Any thread may call it.
class MemoryCache {
 public:
  std::mutex mutex;

  // A block of the class or, up to `larger` classes, of a larger one; null if there is none.
  BlockHeader *take(int size_class, int larger) {
    std::lock_guard lock(mutex);
    int last = size_class + larger < SizeClass::count ? size_class + larger : SizeClass::count - 1;
    for (int i = size_class; i <= last; i++) {
      if (BlockHeader *found = bins_[i].newest) {
        remove(found);
        return found;
      }
    }
    return nullptr;
  }

  // Keeps a block; returns those that must leave for it, a list by `older`: perhaps the block itself.
  BlockHeader *give(BlockHeader *block, size_t limit) {
    size_t bytes = SizeClass::bytes(int(block->size_class));
    std::lock_guard lock(mutex);
    if (bytes > limit) {
      block->older = nullptr;
      return block;
    }
    BlockHeader *leaving = shrink(limit - bytes);
    Bin &bin = bins_[block->size_class];
    block->freed = clock_++;
    block->newer = nullptr;
    block->older = bin.newest;
    (bin.newest ? bin.newest->newer : bin.oldest) = block;
    bin.newest = block;
    bytes_ += bytes;
    return leaving;
  }

  // Takes out the oldest blocks until at most `limit` bytes are kept.
  BlockHeader *shrunk(size_t limit) {
    std::lock_guard lock(mutex);
    return shrink(limit);
  }

  size_t bytes() {
    std::lock_guard lock(mutex);
    return bytes_;
  }

 private:
  struct Bin {
    BlockHeader *newest, *oldest;
  };
  Bin bins_[SizeClass::count] = {};
  size_t bytes_ = 0;
  uint64_t clock_ = 0;

  void remove(BlockHeader *block) {
    Bin &bin = bins_[block->size_class];
    (block->newer ? block->newer->older : bin.newest) = block->older;
    (block->older ? block->older->newer : bin.oldest) = block->newer;
    bytes_ -= SizeClass::bytes(int(block->size_class));
  }

  BlockHeader *shrink(size_t limit) {
    BlockHeader *leaving = nullptr;
    while (bytes_ > limit) {
      BlockHeader *oldest = nullptr;
      for (Bin &bin : bins_) {
        if (bin.oldest && (!oldest || bin.oldest->freed < oldest->freed)) oldest = bin.oldest;
      }
      remove(oldest);
      oldest->older = leaving;
      leaving = oldest;
    }
    return leaving;
  }
};

}  // namespace st

#endif
