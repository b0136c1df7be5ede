// Registers kernels with the emulated compiler: what is not registered does not compile in tests. The same list is what
// a script compiles with the real NVRTC. A file of instances, instances/softmax.cpp:
//
//   #include "instances.hpp"
//   #include "softmax.cuh"
//   ST_INSTANCE(SoftmaxParameters, 256, softmax_rows<float, true>)
//
// with the parameter struct, the thread bound and the instantiation of the host's Program; white space does not matter.
// Programs include softmax.cuh for these, going by the name of the file of instances; where that differs, say
// #define ST_INSTANCE_FILE "name.cuh" first. Macros may make many: ST_INSTANCE needs no semicolon.
#ifndef ST_EMULATED_INSTANCES_HPP
#define ST_EMULATED_INSTANCES_HPP

#include "registry.hpp"

#ifndef ST_INSTANCE_FILE
#define ST_INSTANCE_FILE ""
#endif

#define ST_INSTANCE(Parameters, threads, ...) ST_INSTANCE_AT(__COUNTER__, Parameters, threads, __VA_ARGS__)
#define ST_INSTANCE_AT(number, Parameters, threads, ...) ST_INSTANCE_NAMED(number, Parameters, threads, __VA_ARGS__)
#define ST_INSTANCE_NAMED(number, Parameters, threads, ...)                                                           \
  namespace st {                                                                                                      \
  static const emulated::Registration registration_##number(                                                          \
      __FILE__, ST_INSTANCE_FILE, #Parameters, #__VA_ARGS__, threads, int(sizeof(Parameters)),                        \
      [](const void *parameters) { __VA_ARGS__(*static_cast<const Parameters *>(parameters)); });                     \
  }

#endif
