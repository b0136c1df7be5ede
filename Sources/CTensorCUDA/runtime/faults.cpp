// What kernels met in the data: they write it to page-locked memory (kernels/fault.h), and later calls raise it.
#include <string.h>

#include "state.hpp"

#include "../kernels/fault.h"

namespace st::cuda {

namespace {

struct Named {
  const char *name = "";
  uint64_t dims = 0;
  int32_t count = 0;
  uint64_t scope = 0;
};
thread_local Named current_operation;
thread_local const char *common_name = nullptr;
thread_local std::string failed_operation;
thread_local uint64_t failed_scope;

constexpr size_t records_bytes = (1 + fault_records) * sizeof(Fault);

int32_t dim_at(uint64_t dims, int32_t operand) { return int8_t(dims >> (8 * operand)); }

}  // namespace

st_status open_faults(st_cuda_device *device) {
  constexpr unsigned portable = 1, device_map = 2;
  void *memory = nullptr;
  ST_TRY(ST_DRIVER(device, cuMemHostAlloc, &memory, records_bytes, portable | device_map));
  memset(memory, 0, records_bytes);
  device->faults.host = static_cast<Fault *>(memory);
  uint64_t mapped = 0;
  if (device->cu->cuMemHostGetDevicePointer_v2(&mapped, memory, 0) != 0) mapped = reinterpret_cast<uint64_t>(memory);
  device->faults.device = reinterpret_cast<Fault *>(mapped);
  return {};
}

Fault *faults(st_cuda_device *device) { return device->faults.device; }

int32_t fault_tag(st_cuda_device *device) {
  const uint32_t tag = device->faults.next.fetch_add(1, std::memory_order_relaxed) & INT32_MAX;
  Faults::Operation &entry = device->faults.operations[tag % Faults::remembered];
  entry.tag.store(-1, std::memory_order_relaxed);
  entry.name.store(current_operation.name, std::memory_order_relaxed);
  entry.dims.store(current_operation.dims, std::memory_order_relaxed);
  entry.count.store(current_operation.count, std::memory_order_relaxed);
  entry.scope.store(current_operation.scope, std::memory_order_relaxed);
  entry.tag.store(int32_t(tag), std::memory_order_release);
  return int32_t(tag);
}

st_status take_fault(st_cuda_device *device) {
  Fault *all = device->faults.host;
  if (__builtin_expect(__atomic_load_n(&all->code, __ATOMIC_ACQUIRE) == 0, 1)) return {};
  const std::lock_guard guard(device->faults.lock);
  // Before others can see that nothing is left to take.
  device->faults.undelivered.fetch_add(1);
  __atomic_store_n(&all->code, 0, __ATOMIC_SEQ_CST);
  Fault *fault = nullptr;
  for (Fault *each = all + 1; each <= all + fault_records; each++) {
    if (__atomic_load_n(&each->code, __ATOMIC_SEQ_CST) == 0) continue;
    if (fault != nullptr) __atomic_store_n(&all->code, 1, __ATOMIC_SEQ_CST);  // the next call takes it
    if (fault == nullptr) fault = each;
  }
  if (fault == nullptr) {  // another thread took it
    device->faults.undelivered.fetch_sub(1);
    return {};
  }
  st_status status = {};
  status.code = fault->code;
  status.operand = fault->operand;
  status.value = fault->value;
  status.limit = fault->limit;
  const int32_t tag = fault->tag;
  // In this order: a kernel that claims the record finds it empty.
  __atomic_store_n(&fault->code, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&fault->claimed, 0u, __ATOMIC_RELEASE);

  const Faults::Operation &entry = device->faults.operations[uint32_t(tag) % Faults::remembered];
  failed_operation.clear();
  failed_scope = 0;
  if (entry.tag.load(std::memory_order_acquire) == tag) {
    failed_operation = entry.name.load(std::memory_order_relaxed);
    failed_scope = entry.scope.load(std::memory_order_relaxed);
    const int32_t count = entry.count.load(std::memory_order_relaxed);
    if (status.operand >= 0 && status.operand < count) {
      status.operand = dim_at(entry.dims.load(std::memory_order_relaxed), status.operand);
    }
  }
  return status;
}

}  // namespace st::cuda

using namespace st::cuda;

const char *st_cuda_failed_operation(void) { return failed_operation.c_str(); }

uint64_t st_cuda_failed_scope(void) { return failed_scope; }

void st_cuda_fault_delivered(st_cuda_device *device) { device->faults.undelivered.fetch_sub(1); }

bool st_cuda_has_undelivered_faults(st_cuda_device *device) { return device->faults.undelivered.load() > 0; }

void st_cuda_set_operation(const char *name, const int32_t *dims, int32_t count, uint64_t scope) {
  constexpr int32_t most = 8;
  if (common_name) name = common_name;
  Named named{name ? name : "", 0, count < most ? count : most, scope};
  for (int32_t i = 0; i < named.count; i++) named.dims |= uint64_t(uint8_t(dims[i])) << (8 * i);
  current_operation = named;
}

const char *st_cuda_rename_operations(const char *name) {
  const char *before = common_name;
  common_name = name;
  return before;
}
