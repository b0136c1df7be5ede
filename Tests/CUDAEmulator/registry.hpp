// The registered kernels: what the emulated compiler knows.
#ifndef ST_EMULATED_REGISTRY_HPP
#define ST_EMULATED_REGISTRY_HPP

#include <deque>
#include <string>

namespace st::emulated {

// One thread's work.
using Kernel = void (*)(const void *parameters);

struct Instance {
  std::string file;           // the kernel file that programs include for it
  std::string parameters;     // the struct's name
  std::string instantiation;  // without white space
  int threads;                // the most of a block
  int bytes;                  // of the parameters
  Kernel kernel;
};

const std::deque<Instance> &instances();
// Null when there is none.
const Instance *find_instance(const std::string &instantiation);
std::string without_spaces(const char *text);

struct Registration {
  // `file` empty: the kernel file that is called as the file of instances.
  Registration(const char *instances_file, const char *file, const char *parameters, const char *instantiation,
               int threads, int bytes, Kernel kernel);
};

}  // namespace st::emulated

#endif
