// The formulas' names.
#include "CTensorKernels.h"

#define ST_NAME(CONSTANT, function)                                                                                   \
  case ST_##CONSTANT: return #function;

const char *st_unary_name(st_unary_op op) {
  switch (op) { ST_UNARY_FORMULAS(ST_NAME) }
  return "unknown";
}

const char *st_binary_name(st_binary_op op) {
  switch (op) { ST_BINARY_FORMULAS(ST_NAME) }
  return "unknown";
}

const char *st_ternary_name(st_ternary_op op) {
  switch (op) { ST_TERNARY_FORMULAS(ST_NAME) }
  return "unknown";
}
