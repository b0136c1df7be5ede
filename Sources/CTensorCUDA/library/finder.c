#include "search.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { library_count = ST_CUDA_CUDNN + 1 };

// What a search found. It is never freed: texts and addresses of it were handed out.
typedef struct findings {
  st_cuda_resolver resolver;
  void *handles[library_count];
  int device_count;
  text failure, report;
} findings;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static findings *found = NULL;
static st_cuda_resolver resolver = NULL;

static void *symbol_of(const findings *f, st_cuda_library library, const char *symbol) {
  if (!f->handles[library]) return NULL;
  return f->resolver ? f->resolver(library, symbol) : dlsym(f->handles[library], symbol);
}

static void add_status(findings *f, const char *call, int status) {
  const char *name = NULL, *meaning = NULL;
  int (*error_name)(int, const char **) = (int (*)(int, const char **))symbol_of(f, ST_CUDA_DRIVER, "cuGetErrorName");
  int (*error_text)(int, const char **) = (int (*)(int, const char **))symbol_of(f, ST_CUDA_DRIVER, "cuGetErrorString");
  if (error_name) error_name(status, &name);
  if (error_text) error_text(status, &meaning);
  st_text_add(
      &f->failure, "%s failed with %d (%s: %s)", call, status, name ? name : "unknown", meaning ? meaning : "no text");
}

static void count_devices(findings *f) {
  int (*init)(unsigned) = (int (*)(unsigned))symbol_of(f, ST_CUDA_DRIVER, "cuInit");
  int (*count)(int *) = (int (*)(int *))symbol_of(f, ST_CUDA_DRIVER, "cuDeviceGetCount");
  if (!init || !count) {
    st_text_add(&f->failure, "the driver is too old: it does not export %s", init ? "cuDeviceGetCount" : "cuInit");
    return;
  }
  int status = init(0);
  if (status) {
    add_status(f, "cuInit", status);
    return;
  }
  int devices = 0;
  status = count(&devices);
  if (status) {
    add_status(f, "cuDeviceGetCount", status);
  } else if (devices <= 0) {
    st_text_add(&f->failure, "the driver reports no device (CUDA_VISIBLE_DEVICES may hide them)");
  } else {
    f->device_count = devices;
  }
}

static findings *search(void) {
  findings *f = calloc(1, sizeof *f);
  if (!f) return NULL;
  // Remembered, since devices are kept apart by what answers.
  if (!resolver) resolver = st_cuda_open_stand_in(&f->report);
  f->resolver = resolver;
  for (int i = 0; i < library_count; i++) {
    if (f->resolver) {
      f->handles[i] = f->resolver((st_cuda_library)i, NULL);
      st_text_add(&f->report, "%s:\n  resolver: %s\n", st_cuda_title(i), f->handles[i] ? "loaded" : "not there");
    } else {
      f->handles[i] = st_cuda_open((st_cuda_library)i, &f->report);
    }
  }
  for (int i = ST_CUDA_DRIVER; i <= ST_CUDA_NVRTC; i++) {
    if (!f->handles[i]) st_text_add(&f->failure, "%sno %s library", f->failure.count ? " and " : "", st_cuda_title(i));
  }
  if (f->failure.count) {
    st_text_add(&f->failure, " could be loaded");
  } else {
    count_devices(f);
  }
  return f;
}

// The findings, looked for once; null only when there was no memory for them.
static const findings *find(void) {
  pthread_mutex_lock(&lock);
  if (!found) found = search();
  const findings *f = found;
  pthread_mutex_unlock(&lock);
  return f;
}

int st_cuda_device_count(void) {
  const findings *f = find();
  return f ? f->device_count : 0;
}

const char *st_cuda_failure(void) {
  const findings *f = find();
  if (!f) return "out of memory";
  return f->device_count > 0 ? NULL : st_text_characters(&f->failure);
}

const char *st_cuda_report(void) {
  const findings *f = find();
  return f ? st_text_characters(&f->report) : "";
}

void *st_cuda_symbol(st_cuda_library library, const char *symbol) {
  const findings *f = find();
  return f && symbol ? symbol_of(f, library, symbol) : NULL;
}

void st_cuda_set_resolver(st_cuda_resolver new_resolver) {
  pthread_mutex_lock(&lock);
  resolver = new_resolver;
  found = NULL;
  pthread_mutex_unlock(&lock);
}

st_cuda_resolver st_cuda_current_resolver(void) {
  pthread_mutex_lock(&lock);
  st_cuda_resolver current = resolver;
  pthread_mutex_unlock(&lock);
  return current;
}
