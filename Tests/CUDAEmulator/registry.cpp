#include "registry.hpp"

#include <string.h>

#include <unordered_map>

namespace st::emulated {
namespace {

struct Registry {
  std::deque<Instance> instances;
  std::unordered_map<std::string, const Instance *> by_name;
};

// Made at the first registration, before main.
Registry &registry() {
  static Registry registry;
  return registry;
}

// ".../instances/softmax.cpp" -> "softmax.cuh"
std::string kernel_file(const char *instances_file) {
  const char *slash = strrchr(instances_file, '/');
  std::string name = slash ? slash + 1 : instances_file;
  return name.substr(0, name.rfind('.')) + ".cuh";
}

}  // namespace

const std::deque<Instance> &instances() { return registry().instances; }

const Instance *find_instance(const std::string &instantiation) {
  auto found = registry().by_name.find(instantiation);
  return found == registry().by_name.end() ? nullptr : found->second;
}

std::string without_spaces(const char *text) {
  std::string result;
  for (; *text; text++) {
    if (!strchr(" \t\r\n", *text)) result += *text;
  }
  return result;
}

Registration::Registration(const char *instances_file, const char *file, const char *parameters,
                           const char *instantiation, int threads, int bytes, Kernel kernel) {
  Registry &all = registry();
  all.instances.push_back(Instance{*file ? file : kernel_file(instances_file), without_spaces(parameters),
                                   without_spaces(instantiation), threads, bytes, kernel});
  all.by_name.emplace(all.instances.back().instantiation, &all.instances.back());
}

}  // namespace st::emulated
