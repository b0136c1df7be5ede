// A GPU: its memory, copies, waiting, timing and graphs. All work of a device goes to one stream, in the order of the
// calls. Functions may be called from any thread. A status of ST_DEVICE_FAILED has a text, st_cuda_error().
#ifndef ST_CUDA_DEVICE_H
#define ST_CUDA_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CTensorKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct st_cuda_device st_cuda_device;

// What went wrong in the calling thread's last function that answered ST_DEVICE_FAILED or ST_OUT_OF_MEMORY.
const char *st_cuda_error(void);

// The device with this index, opened at its first use; null, with a text, when that fails. It lives as long as the
// process.
st_cuda_device *st_cuda_device_at(int index);

typedef struct st_cuda_properties {
  char name[128];
  int major, minor;      // compute capability
  int multiprocessors;
  int threads;           // the most resident threads of a multiprocessor
  size_t memory;         // bytes
  int driver, nvrtc;     // versions, as 1000 * major + 10 * minor
  bool has_cublaslt, has_cudnn;
} st_cuda_properties;
st_cuda_properties st_cuda_properties_of(st_cuda_device *device);

// What was done so far, for tests and measurements.
typedef struct st_cuda_counts {
  uint64_t launches;  // of kernels and graphs
  uint64_t compiled;  // kernels
  uint64_t loaded;    // kernels read from the disk's cache
} st_cuda_counts;
st_cuda_counts st_cuda_counts_of(st_cuda_device *device);

// ---- Memory. Freed blocks are kept for later requests, in the order of the stream: none of these waits. Addresses are
// multiples of 512 bytes. Exhausted memory is retried once with the kept blocks given back; the text has the figures.
st_status st_cuda_allocate(st_cuda_device *device, size_t bytes, void **address);
void st_cuda_free(st_cuda_device *device, void *address, size_t bytes);

typedef struct st_cuda_memory {
  size_t allocated, max_allocated;  // in use by tensors
  size_t reserved, max_reserved;    // taken from the driver
  size_t free, total;               // of the whole GPU
} st_cuda_memory;
st_cuda_memory st_cuda_memory_of(st_cuda_device *device);
void st_cuda_reset_peaks(st_cuda_device *device);
st_status st_cuda_empty_cache(st_cuda_device *device);

// ---- Copies of bytes. Uploads return when `source` may change; downloads wait for all work before them.
st_status st_cuda_upload(st_cuda_device *device, void *target, const void *source, size_t bytes);
st_status st_cuda_download(st_cuda_device *device, void *target, const void *source, size_t bytes);
// Within a device, or between two: the target's stream waits for the source's, and the other way round.
st_status st_cuda_copy_between(st_cuda_device *to, void *target, st_cuda_device *from, const void *source,
                               size_t bytes);

// ---- Waiting. Waits for all work; then raises what kernels met (an index out of range, a division by zero) or what
// could not be raised when it happened.
st_status st_cuda_synchronize(st_cuda_device *device);
// Raises what is known to have failed already, without waiting.
st_status st_cuda_pending(st_cuda_device *device);
// A status of ST_INDEX_OUT_OF_RANGE or ST_DIVISION_BY_ZERO from these belongs to an earlier operation: the name that
// was current when it was launched (st_cuda_set_operation), and the user's dimension.
const char *st_cuda_failed_operation(void);
uint64_t st_cuda_failed_scope(void);
// Whoever got such a status says when the error has reached whom it belongs to; a scope that ends waits for the others.
void st_cuda_fault_delivered(st_cuda_device *device);
bool st_cuda_has_undelivered_faults(st_cuda_device *device);
// Names the calling thread's operation, for errors that kernels meet later; a text that lives on. `dims` are the user's
// numbers of the dimensions that index operands 0, 1 ... go by (at most 8), for the status's `operand`.
// `scope` is handed back by st_cuda_failed_scope().
void st_cuda_set_operation(const char *name, const int32_t *dims, int32_t count, uint64_t scope);
// A name for the calling thread's operations in place of their own, null for none; answers the one before.
const char *st_cuda_rename_operations(const char *name);

// ---- Timing.
typedef struct st_cuda_event st_cuda_event;
st_cuda_event *st_cuda_event_create(st_cuda_device *device);
st_status st_cuda_event_record(st_cuda_event *event);
// Waits for `end`; milliseconds.
st_status st_cuda_event_elapsed(st_cuda_event *start, st_cuda_event *end, float *milliseconds);
void st_cuda_event_destroy(st_cuda_event *event);

// ---- Graphs: the device's work between begin and end, of all threads, is recorded, not run. Memory that it allocates
// belongs to the graph, also after it was freed, so that replays find it; memory from before that replays use must be
// kept allocated. Operations that wait or copy from the host fail while recording.
typedef struct st_cuda_graph st_cuda_graph;
// Waits.
st_status st_cuda_graph_begin(st_cuda_device *device);
// Fails with what failed first while recording. Must follow begin in any case.
st_status st_cuda_graph_end(st_cuda_device *device, st_cuda_graph **graph);
bool st_cuda_is_recording(st_cuda_device *device);
// Random numbers that the graph draws continue the generator's stream in each launch; recording does not advance it.
// The generator that was drawn from must live as long as the graph.
st_status st_cuda_graph_launch(st_cuda_graph *graph);
void st_cuda_graph_destroy(st_cuda_graph *graph);

#ifdef __cplusplus
}
#endif
#endif
