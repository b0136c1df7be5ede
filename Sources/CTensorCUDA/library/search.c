#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE // dladdr
#endif
#include "search.h"

#include <dlfcn.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct names {
  const char *title;
  // The environment variable that holds a path of the library or of its directory.
  const char *variable;
  // A function that the real library exports.
  const char *probe;
  // File names, the preferred first.
  const char *files[4];
} names;

static const names libraries[] = {
    [ST_CUDA_DRIVER] = {"driver", "SWIFT_TENSOR_CUDA_DRIVER", "cuInit", {"libcuda.so.1", "libcuda.so"}},
    [ST_CUDA_NVRTC] = {"NVRTC",
                       "SWIFT_TENSOR_CUDA_NVRTC",
                       "nvrtcVersion",
                       {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"}},
    [ST_CUDA_CUBLASLT] = {"cuBLASLt",
                          "SWIFT_TENSOR_CUDA_CUBLASLT",
                          "cublasLtGetVersion",
                          {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so"}},
    [ST_CUDA_CUDNN] = {"cuDNN",
                       "SWIFT_TENSOR_CUDA_CUDNN",
                       "cudnnGetVersion",
                       {"libcudnn.so.9", "libcudnn.so.8", "libcudnn.so"}},
};

const char *st_cuda_title(st_cuda_library library) { return libraries[library].title; }

// NVRTC opens its builtins by name; some wheels give it no way to find them beside itself, so they are opened first.
static void open_builtins(const char *nvrtc) {
  const char *slash = strrchr(nvrtc, '/');
  if (!slash) return;
  char pattern[PATH_MAX];
  int length = snprintf(pattern, sizeof pattern, "%.*s/libnvrtc-builtins.so.*", (int)(slash - nvrtc), nvrtc);
  if (length < 0 || (size_t)length >= sizeof pattern) return;
  glob_t found;
  if (glob(pattern, 0, NULL, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; i++) {
      if (!strstr(found.gl_pathv[i], ".alt.")) dlopen(found.gl_pathv[i], RTLD_NOW | RTLD_LOCAL);
    }
  }
  globfree(&found);
}

// cuDNN 9 opens its parts when they are first used, and ends the process if it cannot: one that lacks them is no use.
static bool lacks_parts(const char *cudnn, text *tried) {
  const char part[] = "libcudnn_cnn.so.9", *slash = strrchr(cudnn, '/');
  char path[PATH_MAX];
  struct stat status;
  int length = snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash + 1 - cudnn) : 0, cudnn, part);
  if (!strstr(cudnn, "libcudnn.so.9") || length < 0 || (size_t)length >= sizeof path) return false;
  if (slash && stat(path, &status) == 0) return false;
  if (dlopen(part, RTLD_LAZY | RTLD_LOCAL)) return false;
  st_text_add(tried, "  %s: lacks %s, which it needs for convolutions\n", cudnn, part);
  return true;
}

// Opens one path or, without a slash in it, what the loader finds under that name.
static void *try_path(st_cuda_library library, const char *path, text *tried) {
  const names *n = &libraries[library];
  struct stat status;
  if (strchr(path, '/') && stat(path, &status) != 0) {
    st_text_add(tried, "  %s: no such file\n", path);
    return NULL;
  }
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *message = dlerror();
    if (!message) message = "cannot be loaded";
    // The loader's messages mostly begin with the path.
    bool named = strncmp(message, path, strlen(path)) == 0;
    st_text_add(tried, "  %s%s%s\n", named ? "" : path, named ? "" : ": ", message);
    return NULL;
  }
  void *probe = dlsym(handle, n->probe);
  Dl_info place;
  const char *file = probe && dladdr(probe, &place) && place.dli_fname ? place.dli_fname : path;
  // The toolkit's stubs serve the linker and answer nothing.
  bool stub = strstr(file, "/stubs/") != NULL;
  if (!probe || stub) {
    if (stub) {
      st_text_add(tried, "  %s: is a stub for the linker\n", file);
    } else {
      st_text_add(tried, "  %s: does not export %s\n", path, n->probe);
    }
    dlclose(handle);
    return NULL;
  }
  if (library == ST_CUDA_CUDNN && lacks_parts(file, tried)) {
    dlclose(handle);
    return NULL;
  }
  if (library == ST_CUDA_NVRTC) open_builtins(file);
  st_text_add(tried, "  %s: loaded\n", file);
  return handle;
}

static void *try_directory(st_cuda_library library, const char *directory, text *tried) {
  const names *n = &libraries[library];
  for (int i = 0; n->files[i]; i++) {
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory, n->files[i]);
    if (length < 0 || (size_t)length >= sizeof path) continue;
    void *handle = try_path(library, path, tried);
    if (handle) return handle;
  }
  return NULL;
}

// Tries every directory that a pattern names, such as the versions of Python in a virtual environment.
static void *try_pattern(st_cuda_library library, const char *prefix, const char *pattern, text *tried) {
  if (!prefix || !*prefix) return NULL;
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s%s", prefix, pattern);
  if (length < 0 || (size_t)length >= sizeof path) return NULL;
  if (!strchr(pattern, '*')) return try_directory(library, path, tried);
  void *handle = NULL;
  glob_t found;
  if (glob(path, 0, NULL, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc && !handle; i++) {
      handle = try_directory(library, found.gl_pathv[i], tried);
    }
  } else {
    st_text_add(tried, "  %s: no such directory\n", path);
  }
  globfree(&found);
  return handle;
}

static void *try_override(st_cuda_library library, const char *path, text *tried) {
  if (!path || !*path) return NULL;
  struct stat status;
  if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return try_directory(library, path, tried);
  return try_path(library, path, tried);
}

static void *search(st_cuda_library library, text *tried) {
  void *handle = try_override(library, getenv(libraries[library].variable), tried);
  if (!handle) handle = try_override(library, getenv("SWIFT_TENSOR_CUDA_LIBRARIES"), tried);
  for (int i = 0; !handle && libraries[library].files[i]; i++) {
    handle = try_path(library, libraries[library].files[i], tried);
  }
  const char *toolkits[] = {getenv("CUDA_HOME"), getenv("CUDA_PATH"), "/usr/local/cuda"};
  for (int i = 0; !handle && i < 3; i++) {
    handle = try_pattern(library, toolkits[i], "/lib64", tried);
    if (!handle) handle = try_pattern(library, toolkits[i], "/targets/*-linux/lib", tried);
  }
  if (!handle) handle = try_directory(library, "/usr/lib/wsl/lib", tried);
  const char *environments[] = {getenv("VIRTUAL_ENV"), getenv("CONDA_PREFIX")};
  for (int i = 0; !handle && i < 2; i++) {
    handle = try_pattern(library, environments[i], "/lib/python*/site-packages/nvidia/*/lib", tried);
  }
  if (!handle) handle = try_directory(library, "/usr/local/nvidia/lib64", tried);
  return handle;
}

st_cuda_resolver st_cuda_open_stand_in(text *report) {
  const char *path = getenv("SWIFT_TENSOR_CUDA_STAND_IN");
  if (!path || !*path) return NULL;
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  st_cuda_resolver answer = handle ? (st_cuda_resolver)dlsym(handle, "st_cuda_stand_in") : NULL;
  if (!answer) st_text_add(report, "stand-in:\n  %s: %s\n", path, handle ? "has no st_cuda_stand_in" : dlerror());
  return answer;
}

void *st_cuda_open(st_cuda_library library, text *report) {
  text tried = {0};
  void *handle = search(library, &tried);
  // Of a library that was found only the last line matters.
  const char *lines = st_text_characters(&tried);
  if (handle) {
    size_t end = strlen(lines);
    while (end > 1 && lines[end - 2] != '\n') end--;
    lines += end - 1;
  }
  st_text_add(report, "%s:\n%s", st_cuda_title(library), lines);
  free(tried.characters);
  return handle;
}
