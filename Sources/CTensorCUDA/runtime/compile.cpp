// From a program's text to a kernel: NVRTC compiles it for the device, once, and the disk keeps the result.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // uselocale
#endif
#include <locale.h>
#include <stdio.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

#include "cache.hpp"
#include "state.hpp"

namespace st::cuda {

namespace {

// What NVRTC makes: machine code of `number`, or PTX for it, which the driver compiles.
struct Architecture {
  int number;
  bool machine_code;
  std::string option() const {
    return std::string("--gpu-architecture=") + (machine_code ? "sm_" : "compute_") + std::to_string(number);
  }
};

// Machine code runs on its own architecture and on later ones of the same major version; PTX on all later ones.
st_status choose(st_cuda_device *device, Architecture &result) {
  int count = 0;
  ST_TRY(ST_DRIVER(device, nvrtcGetNumSupportedArchs, &count));
  std::vector<int> known(count > 0 ? size_t(count) : 0);
  if (count > 0) ST_TRY(ST_DRIVER(device, nvrtcGetSupportedArchs, known.data()));
  int best = 0;
  for (const int each : known) {
    if (each <= device->facts.capability && each > best) best = each;
  }
  if (best == 0) {
    return failed("%s has compute capability %d.%d, which is older than what NVRTC %d.%d compiles for",
                  device->properties.name, device->properties.major, device->properties.minor,
                  device->properties.nvrtc / 1000, device->properties.nvrtc % 1000 / 10);
  }
  result = {best, best / 10 == device->facts.capability / 10};
  return {};
}

// NVRTC before 12.6.2 changes the thread's locale.
class KeptLocale {
 public:
  KeptLocale() : before(uselocale(locale_t(nullptr))) {}
  ~KeptLocale() { uselocale(before); }

 private:
  locale_t before;
};

// The kernel's name, which profilers show: its instantiation as an identifier.
std::string name_of(const Program &program) {
  std::string name;
  for (const char c : program.instantiation) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) name += c;
    if (!plain && !name.empty() && name.back() != '_') name += '_';
  }
  return name;
}

std::string text_of(const Program &program) {
  return std::string("#include \"") + program.file + "\"\nST_KERNEL(" + name_of(program) + "_, " +
         program.parameters + ", " +
         std::to_string(program.threads) + ", " + program.instantiation + ")\n";
}

std::vector<std::string> options_of(st_cuda_device *device, const Architecture &architecture) {
  std::vector<std::string> options = {architecture.option(), "--std=c++20"};
  // Leaves out NVRTC's own headers, of which the kernels need none.
  if (device->properties.nvrtc >= 12040) options.push_back("--minimal");
  return options;
}

std::string key_of(st_cuda_device *device, const std::vector<std::string> &options, const std::string &text) {
  static const Hash sources = [] {
    Hash all = {};
    for (int i = 0; i < st_cuda_source_count(); i++) {
      all = hash(st_cuda_source_at(i).text, hash(st_cuda_source_at(i).name, all));
    }
    return all;
  }();
  std::string key = "NVRTC " + std::to_string(device->properties.nvrtc);
  if (device->cu->resolver) key += " (stand-in)";
  for (const std::string &option : options) key += " " + option;
  return key + "\nsources " + hexadecimal(sources) + "\n" + text;
}

st_status nvrtc_failed(st_cuda_device *device, void *program, int code, const std::string &name) {
  std::string log;
  size_t bytes = 0;
  if (device->cu->nvrtcGetProgramLogSize(program, &bytes) == 0 && bytes > 1) {
    log.resize(bytes);
    if (device->cu->nvrtcGetProgramLog(program, log.data()) != 0) log.clear();
    while (!log.empty() && (log.back() == '\0' || log.back() == '\n')) log.pop_back();
  }
  return failed("NVRTC failed with %d to compile %s for .cuda(%d)%s%s", code, name.c_str(), device->facts.index,
                log.empty() ? "" : ":\n", log.c_str());
}

st_status run_nvrtc(st_cuda_device *device, const Architecture &architecture, const std::vector<std::string> &options,
                    const std::string &text, const std::string &name, std::string &image) {
  const KeptLocale locale;
  std::vector<const char *> names, texts, arguments;
  for (int i = 0; i < st_cuda_source_count(); i++) {
    names.push_back(st_cuda_source_at(i).name);
    texts.push_back(st_cuda_source_at(i).text);
  }
  for (const std::string &option : options) arguments.push_back(option.c_str());
  const Functions &cu = *device->cu;
  void *program = nullptr;
  int code = cu.nvrtcCreateProgram(&program, text.c_str(), "kernel.cu", int(names.size()), texts.data(), names.data());
  if (code != 0) return failed("nvrtcCreateProgram failed with %d for %s", code, name.c_str());
  st_status status = {};
  const auto size = architecture.machine_code ? cu.nvrtcGetCUBINSize : cu.nvrtcGetPTXSize;
  const auto read = architecture.machine_code ? cu.nvrtcGetCUBIN : cu.nvrtcGetPTX;
  size_t bytes = 0;
  code = cu.nvrtcCompileProgram(program, int(arguments.size()), arguments.data());
  if (code == 0) code = size(program, &bytes);
  if (code == 0) {
    image.resize(bytes);
    code = read(program, image.data());
  }
  if (code != 0) status = nvrtc_failed(device, program, code, name);
  cu.nvrtcDestroyProgram(&program);
  return status;
}

// A module with the kernel in it; modules stay loaded. Answers the driver's code, and which call it is of.
int load(st_cuda_device *device, const Program &program, const std::string &image, void **function, const char **call) {
  constexpr int out_of_memory = 2;
  void *module = nullptr;
  *call = "cuModuleLoadData";
  int code = device->cu->cuModuleLoadData(&module, image.c_str());
  // It may be blocks kept for reuse that leave no room.
  if (code == out_of_memory && !st_cuda_is_recording(device) && st_cuda_empty_cache(device).code == ST_OK) {
    code = device->cu->cuModuleLoadData(&module, image.c_str());
  }
  if (code != 0) return code;
  *call = "cuModuleGetFunction";
  code = device->cu->cuModuleGetFunction(function, module, (name_of(program) + "_").c_str());
  if (code != 0) device->cu->cuModuleUnload(module);
  return code;
}

st_status make(st_cuda_device *device, const Program &program, void **function) {
  Architecture architecture;
  ST_TRY(choose(device, architecture));
  const std::vector<std::string> options = options_of(device, architecture);
  const std::string text = text_of(program);
  const std::string folder = cache_folder(device->cu->resolver != nullptr);
  const std::string key = key_of(device, options, text);
  std::string image;
  const char *call = nullptr;
  // What the driver refuses is compiled again.
  if (read_cached(folder, key, image) && load(device, program, image, function, &call) == 0) {
    device->totals.loaded++;
    return {};
  }
  ST_TRY(run_nvrtc(device, architecture, options, text, program.instantiation, image));
  device->totals.compiled++;
  const int code = load(device, program, image, function, &call);
  if (code != 0) return call_failed(device, code, call, (" for " + program.instantiation).c_str());
  write_cached(folder, key, image);
  return {};
}

}  // namespace

void *function(st_cuda_device *device, Slot &slot, const Program &program, st_status &status) {
  // One at a time: NVRTC gains nothing from more threads, and a kernel is compiled once.
  static std::mutex lock;
  const std::lock_guard guard(lock);
  std::atomic<void *> &known = slot.functions[device->facts.index];
  if (void *made = known.load(std::memory_order_acquire)) return made;
  void *loaded = nullptr;
  status = enter(device);
  if (status.code == ST_OK) status = make(device, program, &loaded);
  if (status.code != ST_OK) {
    // Compiling may run out of memory, but then what the caller could free is free already.
    status.code = ST_DEVICE_FAILED;
    return nullptr;
  }
  auto *kernel = new Kernel;
  kernel->function = loaded;
  kernel->name = program.instantiation;
  known.store(kernel, std::memory_order_release);
  return kernel;
}

}  // namespace st::cuda
