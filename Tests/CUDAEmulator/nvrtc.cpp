// The emulated compiler: knows the kernels that are registered.
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <map>
#include <set>

#include "images.hpp"
#include "state.hpp"

namespace st::emulated {
namespace {

// nvrtcResult.
enum { ok = 0, invalid_input = 3, invalid_program = 4, invalid_option = 5, compilation_failed = 6 };

constexpr int architectures[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

struct Program {
  std::string source, name;
  std::map<std::string, std::string> headers;
  std::string log, image;
  bool is_ptx = false;
};

bool begins_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

// "sm_90" or "compute_90"; false when it is none that the compiler knows.
bool read_architecture(const char *text, int &architecture, bool &is_ptx) {
  is_ptx = begins_with(text, "compute_");
  if (!is_ptx && !begins_with(text, "sm_")) return false;
  architecture = atoi(strchr(text, '_') + 1);
  return std::find(std::begin(architectures), std::end(architectures), architecture) != std::end(architectures);
}

bool is_known_option(const char *option) {
  static const char *const known[] = {
      "--std=", "-std=", "--minimal", "-minimal", "--fmad=", "-fmad=", "--ptxas-options", "-Xptxas",
      "--generate-line-info", "-lineinfo", "--define-macro=", "-D", "--include-path=", "-I", "--restrict", "-restrict",
      "--disable-warnings", "-w", "--use_fast_math", "--prec-div=", "--prec-sqrt=", "--ftz=", "--device-debug", "-G",
      "--default-device", "-default-device", "--maxrregcount=", "--split-compile", "--no-cache", "--diag-suppress",
      "--extra-device-vectorization"};
  for (const char *prefix : known) {
    if (begins_with(option, prefix)) return true;
  }
  return false;
}

// Adds the files that a text includes, and those that these include: all but the host's own dialect, whatever #if says.
void add_includes(Program &program, const std::string &text, const std::string &from, std::set<std::string> &files) {
  constexpr char directive[] = "#include \"";
  for (size_t at = text.find(directive); at != std::string::npos; at = text.find(directive, at)) {
    at += sizeof directive - 1;
    const std::string file = text.substr(at, text.find('"', at) - at);
    if (file == "emulated_dialect.hpp" || !files.insert(file).second) continue;
    auto found = program.headers.find(file);
    if (found == program.headers.end()) {
      program.log += from + ": error: could not open source file \"" + file + "\"\n";
    } else {
      add_includes(program, found->second, file, files);
    }
  }
}

// What stands between the parentheses that open at `at`, which is moved behind them.
bool read_arguments(const std::string &text, size_t &at, std::string (&arguments)[4]) {
  if (at >= text.size() || text[at] != '(') return false;
  int depth = 0, argument = 0;
  for (; at < text.size(); at++) {
    const char c = text[at];
    if (c == '(' && depth++ == 0) continue;
    if (c == ')' && --depth == 0) break;
    // As the macro has them: the first three end with a comma, whatever stands around it but parentheses.
    if (c == ',' && depth == 1 && argument < 3) {
      argument++;
    } else {
      arguments[argument] += c;
    }
  }
  if (at >= text.size() || argument != 3) return false;
  at++;
  for (std::string &text : arguments) text = without_spaces(text.c_str());
  return true;
}

const Instance *resolve(Program &program, const std::string (&arguments)[4], const std::set<std::string> &files) {
  const std::string &instantiation = arguments[3];
  const auto refuse = [&](const std::string &why) {
    program.log += program.name + ": error: " + instantiation + " " + why + "\n";
    return nullptr;
  };
  const Instance *instance = find_instance(instantiation);
  if (!instance) return refuse("is not registered (Tests/CUDAEmulator/instances)");
  if (!files.count(instance->file)) return refuse("is registered for " + instance->file + ", which is not included");
  if (instance->parameters != arguments[1]) {
    return refuse("is registered with " + instance->parameters + ", not " + arguments[1]);
  }
  if (instance->threads != atoi(arguments[2].c_str())) {
    return refuse("is registered with " + std::to_string(instance->threads) + " threads, not " + arguments[2]);
  }
  return instance;
}

void compile(Program &program, int architecture) {
  std::set<std::string> files;
  add_includes(program, program.source, program.name, files);
  std::vector<ImageKernel> kernels;
  const std::string &text = program.source;
  for (size_t at = 0; at < text.size();) {
    if (strchr(" \t\r\n;", text[at])) {
      at++;
    } else if (text[at] == '#' || text.compare(at, 2, "//") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.compare(at, 9, "ST_KERNEL") == 0) {
      at += 9;
      std::string arguments[4];
      if (!read_arguments(text, at, arguments)) {
        program.log += program.name + ": error: ST_KERNEL takes a name, a struct, a bound and an instantiation\n";
        break;
      }
      if (const Instance *instance = resolve(program, arguments, files)) kernels.push_back({arguments[0], instance});
    } else {
      program.log += program.name + ": error: only ST_KERNEL is understood, not: " +
                     text.substr(at, text.find('\n', at) - at) + "\n";
      break;
    }
  }
  if (program.log.empty()) program.image = write_image(program.is_ptx, architecture, kernels);
}

int nvrtcVersion(int *major, int *minor) {
  *major = 13;
  *minor = 0;
  return ok;
}

int nvrtcGetNumSupportedArchs(int *count) {
  *count = int(std::size(architectures));
  return ok;
}

int nvrtcGetSupportedArchs(int *values) {
  std::copy(std::begin(architectures), std::end(architectures), values);
  return ok;
}

int nvrtcCreateProgram(void **handle, const char *source, const char *name, int count, const char *const *headers,
                       const char *const *names) {
  if (!handle || !source || count < 0 || (count > 0 && (!headers || !names))) return invalid_input;
  Program *program = new Program;
  program->source = source;
  program->name = name ? name : "default_program";
  for (int i = 0; i < count; i++) program->headers[names[i]] = headers[i];
  *handle = program;
  return ok;
}

int nvrtcCompileProgram(void *handle, int count, const char *const *options) {
  if (!handle) return invalid_program;
  Program &program = *static_cast<Program *>(handle);
  program.log.clear();
  program.image.clear();
  program.is_ptx = true;
  int architecture = 75;
  for (int i = 0; i < count; i++) {
    const char *option = options[i];
    const bool is_architecture = begins_with(option, "--gpu-architecture=") || begins_with(option, "-arch=");
    if (is_architecture ? !read_architecture(strchr(option, '=') + 1, architecture, program.is_ptx)
                        : !is_known_option(option)) {
      program.log = std::string("nvrtc: error: invalid value for option or unknown option: ") + option + "\n";
      return invalid_option;
    }
  }
  compile(program, architecture);
  Call call(Call::nothing);
  state().counters.compilations++;
  return program.image.empty() ? compilation_failed : ok;
}

int nvrtcDestroyProgram(void **handle) {
  if (!handle || !*handle) return invalid_program;
  delete static_cast<Program *>(*handle);
  *handle = nullptr;
  return ok;
}

// ---- Texts go with their ends.

int nvrtcGetProgramLogSize(void *handle, size_t *bytes) {
  if (!handle || !bytes) return handle ? invalid_input : invalid_program;
  *bytes = static_cast<Program *>(handle)->log.size() + 1;
  return ok;
}

int nvrtcGetProgramLog(void *handle, char *log) {
  if (!handle || !log) return handle ? invalid_input : invalid_program;
  const std::string &text = static_cast<Program *>(handle)->log;
  memcpy(log, text.c_str(), text.size() + 1);
  return ok;
}

int size_of_image(void *handle, size_t *bytes, bool is_ptx) {
  if (!handle || !bytes) return handle ? invalid_input : invalid_program;
  const Program &program = *static_cast<Program *>(handle);
  if (program.image.empty()) return invalid_program;
  *bytes = program.is_ptx && !is_ptx ? 0 : program.image.size() + 1;
  return ok;
}

int read_program(void *handle, char *image, bool is_ptx) {
  size_t bytes = 0;
  if (int error = size_of_image(handle, &bytes, is_ptx)) return error;
  if (!image || bytes == 0) return invalid_input;
  memcpy(image, static_cast<Program *>(handle)->image.c_str(), bytes);
  return ok;
}

int nvrtcGetCUBINSize(void *handle, size_t *bytes) { return size_of_image(handle, bytes, false); }
int nvrtcGetCUBIN(void *handle, char *image) { return read_program(handle, image, false); }
int nvrtcGetPTXSize(void *handle, size_t *bytes) { return size_of_image(handle, bytes, true); }
int nvrtcGetPTX(void *handle, char *image) { return read_program(handle, image, true); }

}  // namespace

Symbols nvrtc_symbols() {
  return {ST_SYMBOL(nvrtcVersion), ST_SYMBOL(nvrtcGetNumSupportedArchs), ST_SYMBOL(nvrtcGetSupportedArchs),
          ST_SYMBOL(nvrtcCreateProgram), ST_SYMBOL(nvrtcCompileProgram), ST_SYMBOL(nvrtcDestroyProgram),
          ST_SYMBOL(nvrtcGetProgramLogSize), ST_SYMBOL(nvrtcGetProgramLog), ST_SYMBOL(nvrtcGetCUBINSize),
          ST_SYMBOL(nvrtcGetCUBIN), ST_SYMBOL(nvrtcGetPTXSize), ST_SYMBOL(nvrtcGetPTX)};
}

}  // namespace st::emulated
