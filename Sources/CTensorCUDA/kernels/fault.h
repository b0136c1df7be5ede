// Where kernels report what they met. Shared by the kernels and the host, which reads it.
#ifndef ST_CUDA_FAULT_H
#define ST_CUDA_FAULT_H

namespace st {

// A record of one operation, chosen by its tag. `code` is written last; 0: nothing happened.
struct Fault {
  uint32_t claimed;
  int32_t tag;
  int32_t operand;
  int32_t code;
  int64_t value;
  int64_t limit;
};

// Record 0 only tells, by its code, that one of the others was written.
inline constexpr int fault_records = 64;

}  // namespace st

#endif
