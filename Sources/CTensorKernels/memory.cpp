// Blocks for tensors. Small ones are the C library's. The others are kept when they are freed, since fresh memory costs
// more than most operations on it: the first touch of 4 KB pages runs at a tenth of the memory's speed. Large ones are
// mapped with huge pages, whose first touch is eight times as fast.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "CTensorKernels.h"
#include "memory_cache.hpp"

namespace st {
namespace {

constexpr size_t small = 1000;               // with its header within what malloc keeps for each thread
constexpr size_t small_header = 16;
constexpr size_t large = size_t(1) << 17;    // mapped, and kept for all threads together
// Processors compare the last 12 bits of addresses to tell whether a load reads what a store before it writes. With blocks
// apart by multiples of this, a kernel's loads never seem to read what it wrote some vectors ago, and so never wait.
constexpr size_t apart = 512;
constexpr size_t huge_page = size_t(2) << 20;
constexpr size_t largest = size_t(1) << 46;
constexpr size_t shard_limit = size_t(4) << 20;
constexpr int shards = 16;

// What stands before a block that has no class.
constexpr int64_t without_class = -1;
int64_t &size_class_of(void *block) { return static_cast<int64_t *>(block)[-1]; }

// Threads share the caches of blocks below `large` only by chance: locks are free as a rule. Nothing is destroyed.
struct Caches {
  MemoryCache of_thread[shards], of_large;
};
alignas(Caches) char caches_room[sizeof(Caches)];
Caches &caches() {
  static Caches *made = [] {
    auto *caches = new (caches_room) Caches;
    // A forked child has the caller's thread only: no lock may be left to another.
    static auto each = [](auto action) {
      auto &caches = *reinterpret_cast<Caches *>(caches_room);
      for (MemoryCache &cache : caches.of_thread) action(cache.mutex);
      action(caches.of_large.mutex);
    };
    auto unlock = [] { each([](std::mutex &mutex) { mutex.unlock(); }); };
    pthread_atfork([] { each([](std::mutex &mutex) { mutex.lock(); }); }, unlock, unlock);
    return caches;
  }();
  return *made;
}

MemoryCache &cache_of_thread() {
  static std::atomic<uint32_t> threads{0};
  static thread_local uint32_t number = 0;
  if (number == 0) number = threads.fetch_add(1, std::memory_order_relaxed) % shards + 1;
  return caches().of_thread[number - 1];
}

// The memory that this process may use: the machine's, or less by its control group.
size_t usable_memory() {
  size_t bytes = size_t(sysconf(_SC_PHYS_PAGES)) * size_t(sysconf(_SC_PAGESIZE));
  for (const char *path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    FILE *file = fopen(path, "r");
    if (!file) continue;
    unsigned long long limit;
    if (fscanf(file, "%llu", &limit) == 1 && limit < bytes) bytes = size_t(limit);
    fclose(file);
  }
  return bytes;
}

// SIZE_MAX: not decided yet.
std::atomic<size_t> chosen_limit{SIZE_MAX};

size_t decide_limit() {
  const char *asked = getenv("SWIFT_TENSOR_NO_MEMORY_CACHING");
  bool none = asked && asked[0] && strcmp(asked, "0") != 0;
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  none = true;  // it would take kept blocks for live ones
#endif
#endif
  size_t undecided = SIZE_MAX;
  chosen_limit.compare_exchange_strong(undecided, none ? 0 : usable_memory() / 4);
  return chosen_limit.load();
}

size_t limit() {
  size_t limit = chosen_limit.load(std::memory_order_relaxed);
  return limit != SIZE_MAX ? limit : decide_limit();
}

// The header lies at the end of the page before the block, which may thus begin on a huge page.
BlockHeader *map(size_t bytes) {
  size_t page = size_t(sysconf(_SC_PAGESIZE)), alignment = bytes < huge_page ? page : huge_page;
  bytes = (bytes + page - 1) / page * page;
  size_t room = bytes + alignment;
  void *mapping = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  auto start = reinterpret_cast<uintptr_t>(mapping), block = (start + page + alignment - 1) / alignment * alignment;
  auto used = block - page;
  if (used > start) munmap(mapping, used - start);
  if (start + room > block + bytes) munmap(reinterpret_cast<void *>(block + bytes), start + room - block - bytes);
#ifdef MADV_HUGEPAGE
  if (alignment == huge_page) madvise(reinterpret_cast<void *>(block), bytes, MADV_HUGEPAGE);
#endif
  auto *header = reinterpret_cast<BlockHeader *>(block) - 1;
  header->mapping = reinterpret_cast<void *>(used);
  header->mapped = page + bytes;
  return header;
}

BlockHeader *fresh(size_t bytes) {
  if (bytes >= large) return map(bytes);
  void *room;
  if (posix_memalign(&room, apart, sizeof(BlockHeader) + bytes) != 0) return nullptr;
  auto *header = static_cast<BlockHeader *>(room);
  header->mapping = nullptr;
  return header;
}

void release(BlockHeader *list) {
  while (list) {
    BlockHeader *next = list->older;
    if (list->mapping) {
      munmap(list->mapping, list->mapped);
    } else {
      free(list);
    }
    list = next;
  }
}

void *allocate(size_t bytes) {
  if (bytes > largest) return nullptr;
  // Without a cache, blocks have their exact size, for tools that look for access beyond.
  size_t limit = st::limit();
  int size_class = SizeClass::of(bytes);
  if (limit > 0) {
    bytes = SizeClass::bytes(size_class);
    bool is_large = bytes >= large;
    BlockHeader *kept = is_large ? caches().of_large.take(size_class, 2) : cache_of_thread().take(size_class, 0);
    if (kept) return kept->block();
  }
  BlockHeader *header = fresh(bytes);
  if (!header) {
    st_empty_cache();
    header = fresh(bytes);
    if (!header) return nullptr;
  }
  header->size_class = size_class;
  header->exact = limit == 0;
  return header->block();
}

}  // namespace
}  // namespace st

using namespace st;

void *st_allocate(size_t bytes) {
  if (bytes > small) return allocate(bytes);
  auto *block = static_cast<char *>(malloc(small_header + (bytes == 0 ? 1 : bytes)));
  if (!block) return nullptr;
  size_class_of(block + small_header) = without_class;
  return block + small_header;
}

void st_free(void *block) {
  if (!block) return;
  if (size_class_of(block) == without_class) return free(static_cast<char *>(block) - small_header);
  auto *header = static_cast<BlockHeader *>(block) - 1;
  size_t limit = header->exact ? 0 : st::limit();
  bool is_large = SizeClass::bytes(int(header->size_class)) >= large;
  MemoryCache &cache = is_large ? caches().of_large : cache_of_thread();
  release(cache.give(header, is_large || limit < shard_limit ? limit : shard_limit));
}

void st_empty_cache(void) {
  for (MemoryCache &cache : caches().of_thread) release(cache.shrunk(0));
  release(caches().of_large.shrunk(0));
}

size_t st_cached_memory(void) {
  size_t bytes = caches().of_large.bytes();
  for (MemoryCache &cache : caches().of_thread) bytes += cache.bytes();
  return bytes;
}

size_t st_memory_cache_limit(void) { return limit(); }

void st_set_memory_cache_limit(size_t bytes) {
  chosen_limit.store(bytes < largest ? bytes : largest);
  release(caches().of_large.shrunk(bytes));
  for (MemoryCache &cache : caches().of_thread) release(cache.shrunk(bytes));
}
