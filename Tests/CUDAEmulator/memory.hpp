// Device and page-locked memory, with guards.
#ifndef ST_EMULATED_MEMORY_HPP
#define ST_EMULATED_MEMORY_HPP

#include <stddef.h>
#include <stdint.h>

#include <initializer_list>
#include <string>

namespace st::emulated {

struct Graph;

enum class MemoryKind : uint8_t { device, pooled, page_locked };

struct Allocation {
  uintptr_t start;
  size_t bytes;
  int device;
  MemoryKind kind;
  bool freed;           // inaccessible, until its place is needed
  bool is_being_freed;  // when its stream comes to it
  bool is_open;         // accessible, although device memory is hidden from the host
  uint32_t number;      // counts allocations
  Graph *owner;         // the graph that holds it
  char *mapping;
  size_t mapped_bytes;  // without the guard page
};

// Memory that ends where a page begins that cannot be accessed, filled with 0xcb. Null when there is none.
Allocation *allocate(size_t bytes, int device, MemoryKind kind);
// Makes it inaccessible. False when what lies beside it was written; `fault` says so.
bool release(Allocation &allocation, std::string &fault);
void fill_with_poison(const Allocation &allocation);
// The live one that holds [address, address + bytes), or null.
Allocation *find_allocation(uintptr_t address, size_t bytes);
// The live one that starts there, or null.
Allocation *find_start(uintptr_t address);
// While strict, device memory is accessible only where work of the device has opened it, until all is closed again.
void set_strict(bool strict);
bool is_strict();
// False when there is no hidden allocation there that devices with these bits may access.
bool open_hidden(uintptr_t address, uint32_t devices);
void close_hidden();
// Opens what the driver itself accesses.
struct DeviceAccess {
  DeviceAccess(std::initializer_list<uint64_t> addresses) {
    for (uint64_t address : addresses) open_hidden(address, ~0u);
  }
  ~DeviceAccess() { close_hidden(); }
};
// "0x..., 4 bytes after the end of allocation 12 of 40 bytes"
std::string describe_address(uintptr_t address);

}  // namespace st::emulated

#endif
