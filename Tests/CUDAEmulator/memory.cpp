#include "memory.hpp"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

namespace st::emulated {
namespace {

// Freed memory stays inaccessible until so much was freed after it; then its pages serve other allocations.
constexpr size_t most_freed = 1024, most_freed_bytes = size_t(64) << 20;
constexpr size_t most_spare_bytes = size_t(256) << 20;
constexpr unsigned char poison = 0xcb;
// Of larger allocations only the ends are filled.
constexpr size_t filled_bytes = size_t(64) << 20;
// So much is looked at on both sides when memory is freed.
constexpr size_t watched_bytes = 512;

// Never destroyed: threads may still run when the process ends.
struct Book {
  std::map<uintptr_t, Allocation> allocations;  // by start
  uint32_t allocation_count = 0;
  std::deque<uintptr_t> freed;
  size_t freed_bytes = 0;
  std::unordered_map<size_t, std::vector<char *>> spare;  // by size, inaccessible
  size_t spare_bytes = 0;
  bool strict = false;
  std::vector<Allocation *> opened;
};
Book &book() {
  static Book *const book = new Book;
  return *book;
}

size_t page_bytes() {
  static const size_t bytes = size_t(sysconf(_SC_PAGESIZE));
  return bytes;
}
size_t guard_bytes() { return 16 * page_bytes(); }

void permit(const Allocation &allocation, int access) { mprotect(allocation.mapping, allocation.mapped_bytes, access); }

// Pages with a guard behind them; null when there are none.
char *map_pages(size_t bytes) {
  Book &all = book();
  auto found = all.spare.find(bytes);
  if (found != all.spare.end() && !found->second.empty()) {
    char *memory = found->second.back();
    if (mprotect(memory, bytes, PROT_READ | PROT_WRITE) != 0) return nullptr;
    found->second.pop_back();
    all.spare_bytes -= bytes;
    return memory;
  }
  const size_t with_guard = bytes + guard_bytes();
  void *mapping = mmap(nullptr, with_guard, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  if (mprotect(mapping, bytes, PROT_READ | PROT_WRITE) == 0) return static_cast<char *>(mapping);
  munmap(mapping, with_guard);
  return nullptr;
}

void recycle_oldest() {
  Book &all = book();
  auto oldest = all.allocations.find(all.freed.front());
  char *memory = oldest->second.mapping;
  const size_t bytes = oldest->second.mapped_bytes;
  all.freed.pop_front();
  all.freed_bytes -= bytes;
  all.allocations.erase(oldest);
  if (all.spare_bytes + bytes > most_spare_bytes) {
    munmap(memory, bytes + guard_bytes());
  } else {
    all.spare[bytes].push_back(memory);
    all.spare_bytes += bytes;
  }
}

// The first byte of [from, to) that was written since it was filled, or null.
const unsigned char *written(const char *from, const char *to) {
  for (; from < to; from++) {
    if (static_cast<unsigned char>(*from) != poison) return reinterpret_cast<const unsigned char *>(from);
  }
  return nullptr;
}

void fill(char *memory, size_t bytes) {
  if (bytes <= filled_bytes) {
    memset(memory, poison, bytes);
  } else {
    memset(memory, poison, filled_bytes / 2);
    memset(memory + bytes - filled_bytes / 2, poison, filled_bytes / 2);
  }
}

}  // namespace

Allocation *allocate(size_t bytes, int device, MemoryKind kind) {
  Book &all = book();
  const size_t page = page_bytes();
  if (bytes > SIZE_MAX / 2) return nullptr;
  const size_t mapped = (bytes + page - 1) / page * page;
  char *memory = map_pages(mapped);
  if (!memory) return nullptr;
  fill(memory, mapped);
  const uintptr_t start = reinterpret_cast<uintptr_t>(memory) + mapped - (bytes + 15) / 16 * 16;
  Allocation &allocation = all.allocations[start];
  allocation = Allocation{start, bytes, device, kind, false, false, false, ++all.allocation_count, nullptr, memory,
                          mapped};
  if (all.strict && kind != MemoryKind::page_locked) permit(allocation, PROT_NONE);
  return &allocation;
}

bool release(Allocation &allocation, std::string &fault) {
  Book &all = book();
  if (all.strict) permit(allocation, PROT_READ | PROT_WRITE);
  std::erase(all.opened, &allocation);
  const char *start = reinterpret_cast<const char *>(allocation.start), *end = start + allocation.bytes;
  const char *mapping_end = allocation.mapping + allocation.mapped_bytes;
  const unsigned char *touched = written(std::max<const char *>(allocation.mapping, start - watched_bytes), start);
  if (!touched) touched = written(end, mapping_end);
  if (touched) fault = "a write was found, when memory was freed, at " + describe_address(uintptr_t(touched));
  permit(allocation, PROT_NONE);
  allocation.freed = true;
  all.freed.push_back(allocation.start);
  all.freed_bytes += allocation.mapped_bytes;
  while (all.freed.size() > most_freed || all.freed_bytes > most_freed_bytes) recycle_oldest();
  return touched == nullptr;
}

void fill_with_poison(const Allocation &allocation) {
  fill(reinterpret_cast<char *>(allocation.start), allocation.bytes);
}

Allocation *find_start(uintptr_t address) {
  Book &all = book();
  auto found = all.allocations.find(address);
  return found == all.allocations.end() || found->second.freed ? nullptr : &found->second;
}

Allocation *find_allocation(uintptr_t address, size_t bytes) {
  Book &all = book();
  auto next = all.allocations.upper_bound(address);
  if (next == all.allocations.begin()) return nullptr;
  Allocation &allocation = std::prev(next)->second;
  const size_t offset = address - allocation.start;
  const bool inside = offset < allocation.bytes && bytes <= allocation.bytes - offset;
  return inside && !allocation.freed ? &allocation : nullptr;
}

void set_strict(bool strict) {
  Book &all = book();
  all.strict = strict;
  for (auto &[start, allocation] : all.allocations) {
    if (allocation.freed || allocation.kind == MemoryKind::page_locked) continue;
    allocation.is_open = false;
    permit(allocation, strict ? PROT_NONE : PROT_READ | PROT_WRITE);
  }
  all.opened.clear();
}

bool is_strict() { return book().strict; }

bool open_hidden(uintptr_t address, uint32_t devices) {
  Book &all = book();
  if (!all.strict) return false;
  Allocation *allocation = find_allocation(address, 1);
  if (!allocation || allocation->kind == MemoryKind::page_locked || allocation->is_open) return false;
  if (!(devices >> allocation->device & 1)) return false;
  permit(*allocation, PROT_READ | PROT_WRITE);
  allocation->is_open = true;
  all.opened.push_back(allocation);
  return true;
}

void close_hidden() {
  Book &all = book();
  for (Allocation *allocation : all.opened) {
    allocation->is_open = false;
    permit(*allocation, PROT_NONE);
  }
  all.opened.clear();
}

std::string describe_address(uintptr_t address) {
  Book &all = book();
  char text[200];
  snprintf(text, sizeof text, "%#llx", static_cast<unsigned long long>(address));
  std::string result = text;
  // Of the neighbours the one whose mapping, guard included, holds the address.
  const Allocation *holder = nullptr;
  auto next = all.allocations.upper_bound(address);
  for (auto at : {next, next == all.allocations.begin() ? next : std::prev(next)}) {
    if (at == all.allocations.end()) continue;
    const uintptr_t mapping = reinterpret_cast<uintptr_t>(at->second.mapping);
    if (address >= mapping && address < mapping + at->second.mapped_bytes + guard_bytes()) holder = &at->second;
  }
  if (!holder) return result + ", where no memory was allocated";
  const uintptr_t end = holder->start + holder->bytes;
  if (address < holder->start) {
    snprintf(text, sizeof text, ", %zu bytes before", size_t(holder->start - address));
  } else if (address >= end) {
    snprintf(text, sizeof text, ", %zu bytes after the end of", size_t(address - end));
  } else {
    snprintf(text, sizeof text, ", at byte %zu of", size_t(address - holder->start));
  }
  result += text;
  snprintf(text, sizeof text, " %s allocation %u of %zu bytes on device %d", holder->freed ? "the freed" : "the",
           holder->number, holder->bytes, holder->device);
  result += text;
  return holder->kind == MemoryKind::page_locked ? result + " (page-locked)" : result;
}

}  // namespace st::emulated
