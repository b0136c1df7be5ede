// What scan kernels are told.
#ifndef ST_CUDA_SCAN_PARAMETERS_H
#define ST_CUDA_SCAN_PARAMETERS_H

namespace st {

struct ScanParameters {
  void *out;
  const void *in;
  void *totals;            // of parts, [rows, parts] of the accumulation type; null without parts
  int64_t rows, count;     // count: elements of a row
  int64_t strides[2];      // along a row: out, in
  int64_t part;            // elements of a part
  Axes<2> kept;            // of the other dimensions: out, in
  int32_t parts;
  int32_t team;            // threads that share a row
  bool product;
  bool vectors_in, vectors_out;  // wide accesses are possible
};

}  // namespace st

#endif
