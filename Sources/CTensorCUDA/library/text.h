// A text that grows. Running out of memory cuts it short.
#ifndef ST_CUDA_TEXT_H
#define ST_CUDA_TEXT_H
#include <stddef.h>

typedef struct text {
  char *characters;
  size_t count, capacity;
} text;

// Appends, formatted as printf does.
__attribute__((format(printf, 2, 3))) void st_text_add(text *t, const char *format, ...);
// The characters, never null.
const char *st_text_characters(const text *t);

#endif
